#!/usr/bin/env bash
# blind.sh [--initramfs]
#
# Makes this mirror blind to what clients write on its data disks. A data disk holds a client's volume from its first
# byte on. The mirror would take it for a disk of its own: partitions, LVM, RAID and multipath, file systems found by
# label or UUID, the root file system too. Data disks are the virtio disks with a serial (the OS disk has none), the
# logical volumes and zvols of the mirror's own group and pool, and the DRBD devices on them. Of them all LVM sees that
# group's disk alone, and ZFS looks for pools nowhere. Runs by itself before any package is installed (cloud-init), from
# install-tools.sh, and after each run of dpkg.
# Needs no other file.
#   --initramfs  makes the initial file system anew where it does not have these rules yet
# Safe to run twice; disks are not touched. Exit codes: 0 done, 1 failed, 2 usage.
set -euo pipefail
export LC_ALL=C

rules=/etc/udev/rules.d/40-kvm-mirror-data-disks.rules
lvm=/etc/lvm/lvmlocal.conf
hook=/etc/initramfs-tools/hooks/kvm-mirror
own_root=/etc/initramfs-tools/scripts/local-top/kvm-mirror-root
stamp=/var/lib/kvm-mirror/blind.initramfs

say() { printf 'blind.sh: %s\n' "$*" >&2; }

# install_text PATH MODE: stdin becomes PATH, whole, by rename. $changed says whether anything differed before.
changed=no
install_text() {
  local text
  text=$(
    cat
    printf x
  )
  text=${text%x}
  if [[ -f $1 ]] && cmp -s "$1" <(printf '%s' "$text"); then return; fi
  mkdir -p "${1%/*}"
  printf '%s' "$text" >"$1.new"
  chmod "$2" "$1.new"
  sync "$1.new"
  mv -T "$1.new" "$1"
  changed=yes
}

# udev asks no data disk what is on it: no links by label or UUID, nothing for LVM and md to take up, no watching.
# Partition nodes, which the kernel has made by then, are removed.
udev_rules() {
  # shellcheck disable=SC2016  # udev's variables
  local serial='ENV{ID_SERIAL}="$attr{serial}", SYMLINK+="disk/by-id/virtio-$env{ID_SERIAL}"'
  local delete='RUN+="/usr/bin/delpart /dev/%P %n"'
  # The one disk whose partitions are this mirror's: ZFS makes one on it, and finds it by this name.
  local zfs='ATTRS{serial}=="kvm-mirror.zfs", SYMLINK+="disk/by-id/virtio-kvm-mirror.zfs-part%n"'
  install_text "$rules" 0644 <<EOF
# Written by blind.sh of kvm-mirror: what clients write on data disks is not this mirror's.
SUBSYSTEM!="block", GOTO="kvm_mirror_end"
ACTION=="remove", GOTO="kvm_mirror_end"
KERNEL=="drbd*", GOTO="kvm_mirror_blind"
KERNEL=="dm-*", ATTR{dm/name}=="kvm--mirror-*", ENV{DM_UDEV_DISABLE_DISK_RULES_FLAG}="1", GOTO="kvm_mirror_blind"
KERNEL=="zd*", GOTO="kvm_mirror_blind"
KERNEL!="vd*", GOTO="kvm_mirror_end"
ENV{DEVTYPE}=="disk", ATTR{serial}=="?*", $serial, GOTO="kvm_mirror_blind"
ENV{DEVTYPE}=="partition", SUBSYSTEMS=="block", $zfs, GOTO="kvm_mirror_blind"
ENV{DEVTYPE}=="partition", SUBSYSTEMS=="block", ATTRS{serial}=="?*", $delete, GOTO="kvm_mirror_blind"
GOTO="kvm_mirror_end"
LABEL="kvm_mirror_blind"
ENV{UDEV_DISABLE_PERSISTENT_STORAGE_RULES_FLAG}="1", ENV{DM_MULTIPATH_DEVICE_PATH}="0", OPTIONS:="nowatch"
LABEL="kvm_mirror_end"
EOF
}

multipath() {
  install_text /etc/multipath/conf.d/kvm-mirror.conf 0644 <<'EOF'
# Written by blind.sh of kvm-mirror: each disk here has one path.
blacklist {
  devnode "^(vd|zd|drbd)"
}
EOF
}

# ZFS's own services would import what a client's pool has on a data disk. Masked before its package comes, if it does.
zfs_services() {
  local service
  for service in zfs-import-scan zfs-import-cache; do
    [[ $(readlink "/etc/systemd/system/$service.service") != /dev/null ]] || continue
    ln -sfn /dev/null "/etc/systemd/system/$service.service"
  done
}

mdadm_conf() {
  printf '# Written by blind.sh of kvm-mirror: arrays are clients'\'' ones.\nDEVICE /dev/vda*\nAUTO -all\n'
}

# LVM has no folder for parts of its configuration. This file of the machine's own settings is read after lvm.conf. It
# belongs to the package, whose installation would stop if the file were there before. With a devices file, LVM would
# ignore filters. Of a device's names the first that a pattern accepts counts, and else any that one rejects. Volumes
# below DRBD are logical volumes of our own group: what a client wrote on one is no physical volume (scan_lvs).
lvm_filter() {
  local disks='"r|^/dev/drbd|", "r|^/dev/vd[b-z]|", "r|^/dev/vd[a-z][a-z]|", "r|^/dev/disk/by-id/virtio-|"'
  local own='a|^/dev/disk/by-id/virtio-kvm-mirror[.]lvm$|' ours='r|^/dev/kvm-mirror/|", "r|^/dev/mapper/kvm--mirror-|'
  local zvols='"r|^/dev/zd|", "r|^/dev/zvol/|"'
  local begin='# kvm-mirror begin (blind.sh): data disks are not this machine'\''s' end='# kvm-mirror end'
  [[ -e $lvm ]] || return 0
  {
    awk -v begin="$begin" -v end="$end" '$0 == begin { ours = 1 } !ours { print } $0 == end { ours = 0 }' "$lvm"
    cat <<EOF
$begin
devices {
	use_devicesfile = 0
	scan_lvs = 0
	global_filter = [ "$own", "$ours", $zvols, $disks ]
}
$end
EOF
  } | install_text "$lvm" 0644
}

# In the initial file system LVM and md look first, and the root is chosen.
initramfs_parts() {
  install_text "$hook" 0755 <<EOF
#!/bin/sh
# Written by blind.sh of kvm-mirror.
set -e
if [ "\${1:-}" = prereqs ]; then echo udev mdadm lvm2; exit 0; fi
. /usr/share/initramfs-tools/hook-functions
mkdir -p "\$DESTDIR/etc/udev/rules.d"
cp -p $rules "\$DESTDIR/etc/udev/rules.d/"
copy_exec /usr/bin/delpart /usr/bin
# mdadm's own hook copies one file only, with the arrays that it sees now.
if [ -e "\$DESTDIR/etc/mdadm/mdadm.conf" ]; then
  sed -i '/^ *\\(ARRAY\\|DEVICE\\|AUTO\\) /d' "\$DESTDIR/etc/mdadm/mdadm.conf"
  cat /etc/mdadm/mdadm.conf.d/kvm-mirror.conf >>"\$DESTDIR/etc/mdadm/mdadm.conf"
fi
EOF
  install_text "$own_root" 0755 <<'EOF'
#!/bin/sh
# Written by blind.sh of kvm-mirror. A client's disk can have the label, the UUID
# and the partitions of this mirror's root (both may come from the
# same image): the root is the one on a disk without a serial, the OS disk.
if [ "${1:-}" = prereqs ]; then exit 0; fi
case "${ROOT:-}" in
  LABEL=* | UUID=* | PARTLABEL=* | PARTUUID=*) ;;
  *) exit 0 ;;
esac
value=${ROOT#*=}
value=${value#\"}
value=${value%\"}
for try in 1 2 3 4 5 6 7 8 9 10; do
  for disk in /sys/block/vd*; do
    [ -e "$disk/serial" ] || continue
    serial=$(cat "$disk/serial")
    [ -z "$serial" ] || continue
    for part in "$disk" "$disk/${disk##*/}"[0-9]*; do
      [ -e "$part" ] || continue
      [ "$(blkid -o value -s "${ROOT%%=*}" "/dev/${part##*/}")" = "$value" ] || continue
      mkdir -p /conf
      echo "ROOT=/dev/${part##*/}" >>/conf/param.conf
      exit 0
    done
  done
  sleep 1
done
EOF
}

# For a package that brings such a program later.
after_packages() {
  local blind=/usr/local/lib/kvm-mirror/blind.sh
  install_text /etc/apt/apt.conf.d/95kvm-mirror-blind 0644 <<EOF
// Written by blind.sh of kvm-mirror: LVM and others are told to leave data disks alone as soon as they are installed.
DPkg::Post-Invoke { "if [ -x $blind ]; then $blind || true; fi"; };
EOF
}

# Applies udev's new rules to the disks that are there. Partitions come last: each then removes itself, unless it is in
# use.
apply_rules() {
  local disk part
  [[ -d /run/udev ]] || return 0
  udevadm control --reload
  for disk in /sys/block/vd* /sys/block/drbd*; do
    [[ $disk == *drbd* || -s $disk/serial && -n $(<"$disk/serial") ]] || continue
    [[ -e $disk ]] || continue
    udevadm trigger --action=change "$disk"
    for part in "$disk/${disk##*/}"[0-9]*; do
      if [[ -e $part ]]; then udevadm trigger --action=add "$part"; fi
    done
  done
}

# What an initial file system made now would hold of this. When that changes, also by a package, a new one is made.
initramfs_is() { {
  cat "$rules" "$hook" "$own_root" /etc/mdadm/mdadm.conf.d/kvm-mirror.conf
  cat "$lvm" 2>/dev/null || true
} | sha256sum; }

refresh_initramfs() {
  command -v update-initramfs >/dev/null || return 0
  if [[ -e $stamp && $(<"$stamp") == "$(initramfs_is)" ]]; then return; fi
  say "making the initial file system anew, so that it looks for the root, LVM and RAID on the OS disk alone"
  update-initramfs -u -k all >&2
  mkdir -p "${stamp%/*}"
  initramfs_is >"$stamp.new"
  mv -T "$stamp.new" "$stamp"
}

[[ $# == 0 || ($# == 1 && $1 == --initramfs) ]] || {
  sed -n '2,/^[^#]/{/^#/{s/^# \{0,1\}//;p}}' "$0" >&2
  exit 2
}
exec 8>>/run/kvm-mirror-blind.lock
flock -w 600 8
udev_rules
if [[ $changed == yes ]]; then apply_rules; fi
multipath
zfs_services
mdadm_conf | install_text /etc/mdadm/mdadm.conf.d/kvm-mirror.conf 0644
lvm_filter
initramfs_parts
after_packages
if [[ ${1:-} == --initramfs ]]; then refresh_initramfs; fi
