#!/usr/bin/env bash
# Gives a raw volume blocks on disk for BYTES bytes, which may be more than it has (it is about to grow). Its content
# stays, also while a domain writes to it.
# usage: allocate-file POOL DIR NAME BYTES
# with poolFiles
set -euo pipefail

pool=$1 dir=$2 name=$3 bytes=$4

[[ -f $dir/$name ]] || fail "$dir/$name is not there"
allocate "$pool" "$dir" "$name" "$dir/$name" "$bytes"
refresh_pool "$pool"
