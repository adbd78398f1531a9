# shellcheck shell=bash
# The mirror's own volume group: one disk (its LVM disk), thick logical volumes below DRBD, one a volume of the stack.
#
# A logical volume has the name of its volume only when every byte of it was zero at that moment, on disk: extents are
# used again, and those of a volume that was deleted may end in DRBD metadata of the very volume that gets them now.
# Until then it is called new.VOLUME; extents that a volume is to grow by are zeroed as more.VOLUME first. No volume's
# name has a dot. What an interruption leaves under such a name was never used, and is made again.

# shellcheck disable=SC2034,SC2154  # for the scripts that load this; of base.sh
# Also the tag of all that is ours in it.
readonly vg=kvm-mirror
readonly lvm_disk=/dev/disk/by-id/virtio-kvm-mirror.lvm
# Bytes of an extent; src/plan/backing/lvm.ts counts with it.
readonly extent=$((4 << 20))
# "creating" before the first byte is written to the disk, "made" when the group is there.
# shellcheck disable=SC2154  # of base.sh
readonly vg_record=$record_dir/lvm/group
readonly vg_number_record=$record_dir/lvm/disk
readonly lvm_unit=kvm-mirror-lvm.service

# Locks of our scripts are open in LVM's commands; LVM would say so each time.
export LVM_SUPPRESS_FD_WARNINGS=1

# lvm_do COMMAND...: a command of LVM that changes something. It gets no answer to a question: LVM takes that for no.
lvm_do() { "$@" </dev/null >&2 || fail "$* failed; its error message is above"; }

# lvm_field COMMAND FIELD WHAT...: one field, without blanks; sizes in bytes. Nothing when there is no such thing.
lvm_field() { "$1" --noheadings --nosuffix --units b --options "$2" "${@:3}" 2>/dev/null </dev/null | tr -d ' '; }

have_lvm() { command -v vgs >/dev/null; }

need_lvm() {
  have_lvm || fail "LVM is not installed on this mirror: it was made before its stack file had a volume with backing" \
    "lvm. On the mirror: sudo apt-get update && sudo apt-get install -y lvm2. Then pulumi up again"
}

# vg_seen: whether LVM sees the group. On no other disk does it look for one (blind.sh).
vg_seen() { [[ $(lvm_field vgs vg_name "$vg") == "$vg" ]]; }

# need_group: refuses without the group, and one that is not ours.
need_group() {
  vg_seen || refuse "there is no volume group $vg on this mirror. Its disk: $lvm_disk. Make it: pulumi up"
  own_group
}

own_group() {
  [[ ,$(lvm_field vgs vg_tags "$vg"), == *",$vg,"* ]] \
    || refuse "the volume group $vg is none that kvm-mirror made: it lacks the tag $vg. Nothing was touched"
  [[ $(lvm_field vgs pv_count "$vg") == 1 ]] \
    || refuse "the volume group $vg has more disks than one. kvm-mirror gives it one, $lvm_disk. Take the others out" \
      "(pvmove, vgreduce)"
}

# lv_there NAME: whether the group has it, active or not.
lv_there() { [[ $(lvm_field lvs lv_name "$vg/$1") == "$1" ]]; }

# lv_bytes NAME
lv_bytes() { lvm_field lvs lv_size "$vg/$1"; }

lv_activate() {
  if [[ -b /dev/$vg/$1 ]]; then return; fi
  lvm_do lvchange --activate y "$vg/$1"
  [[ -b /dev/$vg/$1 ]] || fail "the logical volume $vg/$1 is active, and there is no /dev/$vg/$1 (udevadm settle)"
}

lv_deactivate() {
  if [[ -b /dev/$vg/$1 ]]; then lvm_do lvchange --activate n "$vg/$1"; fi
}

# group_on_disk: what was changed in the group outlives a power cut.
group_on_disk() { sync "$lvm_disk" || fail "$lvm_disk does not write what it was given"; }

# lv_drop NAME: a logical volume that nobody uses. An active one LVM would ask about.
lv_drop() {
  lv_deactivate "$1"
  lvm_do lvremove "$vg/$1"
  group_on_disk
}

# lv_zero NAME: all of it, on disk when this returns. A step is short, so that an end of the run is heeded.
lv_zero() {
  blkdiscard --zeroout --step $((1 << 30)) "/dev/$vg/$1" </dev/null >&2 \
    || fail "$vg/$1 could not be zeroed; the error message is above. It is not used"
  sync "/dev/$vg/$1" || fail "$vg/$1 could not be zeroed: the disk does not write. It is not used"
}

# lv_make NAME EXTENTS: a new one, zeroed, and not active. Thick: all of its extents are its own from now on.
lv_make() {
  # LVM itself neither zeroes nor wipes: an inactive volume has no device for that.
  lvm_do lvcreate --type linear --extents "$2" --name "$1" --activate n --zero n --wipesignatures n --addtag "$vg" \
    "$vg"
  lv_activate "$1"
  lv_zero "$1"
  lv_deactivate "$1"
}
