#!/usr/bin/env bash
# Fetches a disk image into a pool and checks it before it gets its name. Prints its sha256.
# When an image with this sha256 is there already, nothing is fetched.
# usage: fetch-image POOL DIR NAME FORMAT SOURCE CHECKSUM MODE(new|replace)
#   SOURCE: https URL or absolute path; CHECKSUM: sha256:HEX or
#   sha256sums:SOURCE, a list of sha256sum that has SOURCE's base name
# with poolFiles
set -euo pipefail

pool=$1 dir=$2 name=$3 format=$4 source=$5 checksum=$6 mode=$7

need qemu-img qemu-utils
need sha256sum coreutils

fetch() { # SOURCE, to standard output
  case $1 in
    https://*)
      need curl curl
      curl --fail --silent --show-error --location --proto '=https' --proto-redir '=https' \
        --retry 3 --connect-timeout 20 --speed-limit 1024 --speed-time 60 -- "$1"
      ;;
    *)
      [[ -f $1 ]] || fail "$1 is not there"
      cat -- "$1"
      ;;
  esac
}

case $checksum in
  sha256:*) expected=${checksum#sha256:} ;;
  *)
    list=$(fetch "${checksum#sha256sums:}")
    base=${source##*/}
    expected=$(awk -v name="$base" '$2 == name || $2 == "*" name { print $1; exit }' <<<"$list")
    [[ $expected =~ ^[0-9a-fA-F]{64}$ ]] || fail "${checksum#sha256sums:} has no sha256 of $base"
    ;;
esac
expected=${expected,,}

file="$dir/$name"
if [[ -e $file ]]; then
  status "checks the image that is there"
  found=$(sha256sum <"$file" | cut -d ' ' -f 1)
  if [[ $found = "$expected" ]]; then
    write_mark "$pool" "$name" "$file"
    printf '%s\n' "$expected"
    exit
  fi
  [[ $mode = replace ]] || fail "$file is there and its sha256 is $found, not $expected: left alone. Choose another" \
    "name, or remove it (virsh vol-delete --pool $pool $name)"
fi

partial=$(partial_of "$dir" "$name")
begin_partial "$partial"
status "fetches $source"
fetch "$source" >"$partial"
status "checks sha256"
found=$(sha256sum <"$partial" | cut -d ' ' -f 1)
[[ $found = "$expected" ]] || fail "$source has sha256 $found, expected $expected: nothing was kept"
info=$(qemu-img info -f "$format" --output json "$partial") || fail "$source is not of format $format"
if grep -Eq '"(backing-filename|data-file)"' <<<"$info"; then fail "$source refers to another file: such an image is" \
  "not safe to use"; fi
publish "$pool" "$dir" "$name" "$mode"
printf '%s\n' "$expected"
