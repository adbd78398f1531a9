#!/usr/bin/env bash
# Deletes a file of a pool, with its mark and what an interrupted run left of it. Gone
# already: fine. Another one's by its mark: left alone, says `foreign`.
# usage: delete-file POOL DIR NAME; the document holds our owner= and resource= lines
# with poolFiles
set -euo pipefail

pool=$1 dir=$2 name=$3

file="$dir/$name"
mark=$(mark_of "$pool" "$name")
if [[ -e $file && -e $mark ]] && grep -Fxq "file=$(identity_of "$file")" "$mark"; then
  if [[ $(grep -E '^(owner|resource)=' "$mark") != "$(document | grep -E '^(owner|resource)=')" ]]; then
    printf 'foreign\n'
    exit
  fi
fi
if [[ -e $file ]]; then
  users=$(users_of "$file")
  [[ -z $users ]] || fail "$name is in use: running domain $(cut -f 1 <<<"$users" | paste -sd ' ') has it open; shut" \
    "it down first"
  rm -f -- "$file"
fi
partial=$(partial_of "$dir" "$name")
begin_partial "$partial"
rm -f -- "$partial" "$mark"
rmdir --ignore-fail-on-non-empty "${mark%/*}" 2>/dev/null || true
rmdir --ignore-fail-on-non-empty /var/lib/libvirt/kvm-mirror 2>/dev/null || true
sync "$dir"
refresh_pool "$pool"
