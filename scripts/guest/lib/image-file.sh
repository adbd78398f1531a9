# shellcheck shell=bash
# An image: fetched, checked, written to a block device and compared with it.

# need COMMAND PACKAGE: installs what only preloading needs.
need() {
  command -v "$1" >/dev/null && return
  say "installing $2 for $1"
  DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 install -y --no-install-recommends "$2" >&2 </dev/null \
    || fail "$1 is missing and the package $2 could not be installed"
}

# fetch_image SOURCE FILE: from a URL or a path of this machine. Starts from the beginning after an interruption.
fetch_image() {
  rm -f "$2"
  case $1 in
    /*)
      [[ -f $1 ]] || refuse "no file $1 on this mirror"
      cp --sparse=always "$1" "$2" || fail "copying $1 to $2 failed"
      ;;
    *)
      need curl curl
      say "fetching $1"
      curl --fail --silent --show-error --location --retry 3 --connect-timeout 20 --output "$2" "$1" \
        || fail "fetching $1 failed; curl's error message is above"
      ;;
  esac
}

# verify_image FILE sha256:HEX NAME
verify_image() {
  local sum
  sum=$(sha256sum <"$1")
  [[ sha256:${sum%% *} == "$2" ]] || refuse "$3 has checksum sha256:${sum%% *}, expected $2. Nothing was written"
}

# virtual_bytes FILE FORMAT: size of the disk that the image holds.
virtual_bytes() {
  if [[ $2 == raw ]]; then
    stat -c %s "$1"
  else
    qemu-img info -f "$2" --output json "$1" | sed -n 's/^ \{4\}"virtual-size": \([0-9]*\),\{0,1\}$/\1/p'
  fi
}

# image_fits FILE FORMAT BYTES NAME
image_fits() {
  local bytes about
  if [[ $2 != raw ]]; then
    need qemu-img qemu-utils
    about=$(qemu-img info -f "$2" --output json "$1") \
      || refuse "the image is not in format $2; qemu-img's error message is above"
    ! grep -Eq '"(backing-filename|data-file)"' <<<"$about" \
      || refuse "the image depends on another file (backing or data file). Expected: a complete one"
  fi
  bytes=$(virtual_bytes "$1" "$2")
  [[ $bytes =~ ^[0-9]+$ && $bytes -gt 0 ]] || refuse "the size of the image could not be read"
  ((bytes <= $3)) || refuse "the image has $bytes bytes, and volume $4 only $3"
}

# write_image FILE FORMAT DEVICE: on disk on both mirrors when this returns.
write_image() {
  if [[ $2 == raw ]]; then
    dd if="$1" of="$3" bs=4M oflag=direct conv=fsync,notrunc status=none
  else
    qemu-img convert -q -n -f "$2" -O raw -t none "$1" "$3" && sync "$3"
  fi
}

# same_contents FILE FORMAT DEVICE: compares as many bytes as the image has, read from the device and not from its
# cache.
same_contents() {
  local bytes
  bytes=$(virtual_bytes "$1" "$2")
  blockdev --flushbufs "$3"
  if [[ $2 == raw ]]; then
    cmp -n "$bytes" "$1" "$3" >&2
  else
    qemu-img compare -q --image-opts "driver=$2,file.driver=file,file.filename=$1" \
      "driver=raw,size=$bytes,file.driver=host_device,file.filename=$3,file.cache.direct=on" >&2
  fi
}
