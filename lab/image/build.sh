#!/usr/bin/env bash
# Builds the image of the lab's guests (Debian 12, amd64, BIOS, cloud-init), once per recipe, and prints the directory
# that holds it:
#   mirror.qcow2  SHA256SUMS  vmlinuz (its kernel)  packages.list (what is in it, with versions)
#   build.sh [alternatives]    alternatives: with ZFS, Gluster and an iSCSI initiator, for `kvm-mirror bench`
# The directory's name is a hash of the recipe's files and of nothing else; a second call prints the same directory at
# once. An interrupted build leaves nothing that a later one would take for whole. Two builds at a time wait for each
# other. Needs root, and about 3 minutes; 10 more with ZFS.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd -P)
readonly here
readonly cache="${XDG_CACHE_HOME:-$HOME/.cache}/kvm-mirror/images"
say() { printf 'build.sh: %s\n' "$*" >&2; }

flavour=${1:-}
[[ $flavour =~ ^(alternatives)?$ ]] || {
  say "there is no image '$flavour'"
  exit 2
}
recipe=$(cd "$here" && { find . -type f -not -path './alternatives/*' && find "./${flavour:-root}" -type f; } \
  | sort -u | xargs sha256sum | sha256sum | cut -c1-16)
readonly target="$cache/$recipe"
mkdir -p "$cache"
exec 9>"$cache/.lock"
flock 9

if [[ -e $target/SHA256SUMS ]]; then
  printf '%s\n' "$target"
  exit
fi
[[ $EUID -eq 0 ]] || {
  say "needs root, because the image's files belong to root"
  exit 1
}

find "$cache" -mindepth 1 -maxdepth 1 -name 'tmp.*' -exec rm -rf {} + # an interrupted build's
work=$(mktemp -d "$cache/tmp.XXXXXXXX")
trap 'rm -rf "$work"' EXIT

lists=("$here/packages.txt") hooks=()
sources=$(bash "$here/../apt-sources.sh")
if [[ -n $flavour ]]; then
  lists+=("$here/$flavour/packages.txt")
  hooks+=("--customize-hook=cp '$here/$flavour/zfs.sh' \"\$1/tmp/\" && chroot \"\$1\" bash /tmp/zfs.sh")
  sources=${sources// main/ main contrib}
fi
mapfile -t packages < <(sed -E '/^(#|$)/d' "${lists[@]}")
include=$(
  IFS=,
  printf '%s' "${packages[*]}"
)
bash "$here/../apt-sources.sh" --options >"$work/90machine-options"

# Settings of this machine's apt that reach the package servers, for the time of the build only.
proxy=()
for scheme in http https; do
  value=$(apt-config shell value "Acquire::$scheme::Proxy")
  eval "$value" # apt-config quotes for the shell: value='…', or nothing
  [[ -z ${value:-} ]] || proxy+=("--aptopt=Acquire::$scheme::Proxy \"$value\"")
done

# Drivers of hardware that no virtual machine here has, and documentation: two thirds of the files.
excludes=(/usr/share/doc/'*' /usr/share/man/'*' /usr/share/locale/'*' /usr/share/info/'*')
for part in drivers/gpu drivers/media drivers/net/wireless drivers/net/ethernet drivers/net/usb drivers/infiniband \
  drivers/staging drivers/iio drivers/hwmon drivers/input/joystick drivers/input/mouse drivers/input/touchscreen \
  drivers/input/tablet drivers/isdn drivers/mtd drivers/platform drivers/bluetooth drivers/video drivers/usb \
  sound net/bluetooth net/wireless net/mac80211; do
  excludes+=("/lib/modules/*/kernel/$part/*")
done

say "installing ${#packages[@]} packages and what they need"
# shellcheck disable=SC2016 # mmdebstrap's shell fills in $1
mmdebstrap --quiet --mode=root --variant=apt --format=directory --include="$include" "${proxy[@]}" \
  --aptopt='Acquire::Languages "none"' --aptopt='APT::Install-Recommends "false"' \
  --dpkgopt=force-unsafe-io "${excludes[@]/#/--dpkgopt=path-exclude=}" \
  --setup-hook="cp -a '$here/root/.' \"\$1\"" \
  --setup-hook="cp '$work/90machine-options' \"\$1/etc/apt/apt.conf.d/90machine-options\"" \
  "${hooks[@]}" \
  --customize-hook="cp '$here/customize.sh' \"\$1/tmp/\" && chroot \"\$1\" bash /tmp/customize.sh" \
  --customize-hook="chroot \"\$1\" dpkg-query -W >'$work/packages.list'" \
  --customize-hook='rm -f "$1/etc/apt/apt.conf.d/99mmdebstrap" "$1/etc/hostname" "$1/etc/resolv.conf"' \
  --skip=cleanup/apt/lists --skip=cleanup/apt/cache \
  bookworm "$work/root" - <<<"$sources" >&2

say "writing the disk image"
mkdir "$work/image"
bash "$here/disk.sh" "$work/root" "$work/image/mirror.qcow2" >&2
(cd "$work/image" && sha256sum mirror.qcow2 >SHA256SUMS)
cp --dereference "$work/root/vmlinuz" "$work/image/vmlinuz"
mv "$work/packages.list" "$work/image/"
sync --file-system "$work/image"
mv --no-target-directory "$work/image" "$target"
say "$(du --human-readable --apparent-size "$target/mirror.qcow2" | cut -f1) image built"
printf '%s\n' "$target"
