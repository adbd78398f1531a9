#!/usr/bin/env bash
# Makes a volume, empty or as a full copy of another file of the pool; full: with all of its space on disk.
# usage: make-volume POOL DIR NAME FORMAT BYTES full|thin [SOURCE SOURCE_FORMAT]
# with poolFiles
set -euo pipefail

pool=$1 dir=$2 name=$3 format=$4 bytes=$5 provisioning=$6 source=${7:-} source_format=${8:-}

need qemu-img qemu-utils
partial=$(partial_of "$dir" "$name")
begin_partial "$partial"
if [[ -n $source ]]; then
  [[ -f $dir/$source ]] || fail "the source $dir/$source is not there"
  status "copies $source"
  qemu-img convert -f "$source_format" -O "$format" "$dir/$source" "$partial"
  size=$(virtual_size "$format" "$partial")
  ((size <= bytes)) || fail "$source has $size bytes: more than the $bytes of the volume"
  qemu-img resize -q -f "$format" "$partial" "$bytes"
else
  qemu-img create -q -f "$format" "$partial" "$bytes"
fi
if [[ $provisioning = full ]]; then allocate "$pool" "$dir" "$name" "$partial" "$bytes"; fi
publish "$pool" "$dir" "$name" new
