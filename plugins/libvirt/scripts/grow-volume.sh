#!/usr/bin/env bash
# Grows a volume in place, through the domain that has it open when there is one. Never makes it smaller.
# usage: grow-volume POOL DIR NAME FORMAT OLD_BYTES NEW_BYTES
# with poolFiles
set -euo pipefail

pool=$1 dir=$2 name=$3 format=$4 old=$5 new=$6

need qemu-img qemu-utils
((new > old)) || fail "$name has $old bytes: it never shrinks to $new"
file="$dir/$name"
users=$(users_of "$file")
if [[ -n $users ]]; then
  [[ $(wc -l <<<"$users") = 1 ]] || fail "$name is open in several domains: $(tr '\t\n' ': ' <<<"$users")"
  IFS=$'\t' read -r domain target <<<"$users"
  virsh blockresize "$domain" "$target" "${new}B" >/dev/null
else
  # The format is said, never guessed: the first bytes of a raw volume are its guest's.
  qemu-img resize -q -f "$format" "$file" "$new"
fi
refresh_pool "$pool"
