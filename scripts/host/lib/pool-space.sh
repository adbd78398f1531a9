# shellcheck shell=bash
# How much space the pools with disks of ours have, and how much those disks may still take. Needs no other library.

# Where the libvirt provider records which stack owns a file: MARKS/POOL/FILE.
marks=${KVM_MIRROR_MARKS:-/var/lib/libvirt/kvm-mirror}

# guest_bytes FILE: bytes that its guest sees. The format is known by the name, which we gave: the first bytes of a raw
# disk are its guest's.
guest_bytes() {
  if [[ $1 == *.qcow2 ]]; then
    printf '%d\n' "0x$(od -An -v -t x1 -j 24 -N 8 -- "$1" | tr -d ' \n')"
  else
    stat --format %s -- "$1"
  fi
}

# pool_space: one JSON object a pool, comma separated: {"name", "free": bytes, "promised": bytes that our disks may
# still take}
pool_space() {
  local folder pool dir mark file bytes promised separator=''
  for folder in "$marks"/*/; do
    [[ -d $folder ]] || continue
    pool=$(basename "$folder")
    dir=$(virsh pool-dumpxml "$pool" 2>/dev/null | sed -n 's|^ *<path>\(.*\)</path>|\1|p' | head -n 1) || dir=
    [[ -d $dir ]] || continue
    promised=0
    for mark in "$folder"*; do
      file=$dir/${mark##*/}
      [[ -f $file ]] || continue
      bytes=$(($(guest_bytes "$file") - $(stat --format %b -- "$file") * 512))
      if ((bytes > 0)); then promised=$((promised + bytes)); fi
    done
    printf '%s{"name":"%s","free":%d,"promised":%d}' "$separator" "$pool" \
      "$(df --block-size=1 --output=avail -- "$dir" | tail -n 1)" "$promised"
    separator=,
  done
}
