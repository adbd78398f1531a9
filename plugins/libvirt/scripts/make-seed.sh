#!/usr/bin/env bash
# Builds a NoCloud seed (ISO 9660, label cidata) and puts it into a pool, in place of an older one of ours.
# usage: make-seed POOL DIR NAME MODE(new|replace)
#   document: lines owner=, resource= and content=, then user-data=, meta-data= and network-config= with base64
# with poolFiles
set -euo pipefail

pool=$1 dir=$2 name=$3 mode=$4

if command -v genisoimage >/dev/null; then
  iso=(genisoimage -quiet)
elif command -v xorriso >/dev/null; then
  iso=(xorriso -as mkisofs -quiet)
else
  need mkisofs genisoimage
  iso=(mkisofs -quiet)
fi

private=$(mktemp -d)
undo+=("$private")
for part in user-data meta-data network-config; do
  document | sed -n "s/^$part=//p" | base64 -d >"$private/$part"
done
# An empty network-config means "no network" to cloud-init: leave it out.
files=("$private/user-data" "$private/meta-data")
if [[ -s $private/network-config ]]; then files+=("$private/network-config"); fi

partial=$(partial_of "$dir" "$name")
begin_partial "$partial"
"${iso[@]}" -output "$partial" -volid cidata -joliet -rock -input-charset utf-8 "${files[@]}"
sha256=$(sha256sum <"$partial" | cut -d ' ' -f 1)
publish "$pool" "$dir" "$name" "$mode" "sha256=$sha256"
