#!/usr/bin/env bash
# Describes a file of a pool. Prints, separated by NUL: its mark; `SIZE BLOCKS_OF_512 INODE BIRTH`, empty when there is
# no such file; its first 32 bytes in hex; its sha256 when asked for.
# usage: inspect-file POOL DIR NAME SHA256(yes|no)
# with poolFiles
set -euo pipefail

pool=$1 dir=$2 name=$3 sha256=$4

mark=$(mark_of "$pool" "$name")
[[ -e $dir ]] || fail "$dir, the directory of pool $pool, is not there"
if [[ -e $mark ]]; then cat -- "$mark"; fi
printf '\0'
file="$dir/$name"
[[ -e $file ]] || exit 0
[[ -f $file ]] || fail "$file is not a plain file"
stat --format '%s %b %i %.W' -- "$file"
printf '\0'
od -An -v -t x1 -N 32 -- "$file" | tr -d ' \n'
printf '\0'
if [[ $sha256 = yes ]]; then
  status "checks sha256 of $file"
  sha256sum <"$file" | cut -d ' ' -f 1
fi
