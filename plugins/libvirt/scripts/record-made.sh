#!/usr/bin/env bash
# Notes in the mark of a data disk that it was made, and as which generation. If the file is missing afterwards, it is
# lost, or its file system is not mounted.
# usage: record-made POOL DIR NAME GENERATION; the document holds the mark's owner= and resource= lines
# with poolFiles
set -euo pipefail

pool=$1 dir=$2 name=$3 generation=$4

file="$dir/$name" mark=$(mark_of "$1" "$3")
[[ -f $file ]] || fail "$file is not there any more: run pulumi refresh, then up again"
grep -Fxqs "made=$generation" "$mark" && grep -Fxq "file=$(identity_of "$file")" "$mark" && exit
write_mark "$pool" "$name" "$file" "made=$generation"
sync "${mark%/*}"
