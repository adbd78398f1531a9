#!/usr/bin/env bash
# preload.sh VOLUME SOURCE CHECKSUM FORMAT       (on the mirror that ran the first synchronisation)
#
# Writes an image into a new volume, once, before any client can see it.
#   SOURCE    https or http URL, or an absolute path on this mirror
#   CHECKSUM  sha256:<64 hex digits> of SOURCE as it is fetched
#   FORMAT    raw or qcow2 (qcow2 must have no backing file)
# The image is fetched into /var/lib/kvm-mirror/preload (private, removed afterwards), checked, written, read back past
# the page cache, and compared. Done already with the same CHECKSUM: nothing happens. Interrupted: starts again from the
# beginning.
# Refuses (3):
#   - a volume that is not new: not first-synchronised here, or exported since;
#   - another CHECKSUM than the one that was written before;
#   - a volume that carries data, unless an interrupted preload left it;
#   - an image that is larger than the volume.
# Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/lib/base.sh"
. "$here/lib/drbd-state.sh"
. "$here/lib/data-disk.sh"
. "$here/lib/image-file.sh"

[[ $# == 4 && $2 =~ ^(https?://|/) && $3 =~ ^sha256:[0-9a-f]{64}$ && $4 =~ ^(raw|qcow2)$ ]] || usage
name_or_usage "$1"
volume=$1 source=$2 checksum=$3 format=$4
take_lock "volume-$volume" 120
load_drbd
minor=$(minor_of "$volume")
device=$(drbdadm sh-dev "$volume")
done_record=$record_dir/$volume.preloaded
begun_record=$record_dir/$volume.preloading

if [[ -e $done_record ]]; then
  before=$(<"$done_record")
  [[ $before == "$checksum" ]] || refuse "volume $volume was preloaded with $before, and the stack file asks for" \
    "$checksum. A volume is preloaded once. Make a new volume for another image"
  say "$volume is preloaded already"
  exit 0
fi
[[ -e $record_dir/$volume.new && ! -e $record_dir/$volume.exported ]] \
  || refuse "volume $volume is not new on this mirror: it was in use, or the other mirror ran its first" \
    "synchronisation. No image is written over it. If you know that it holds the image already: echo $checksum >" \
    "$done_record"
read_state "$minor"
[[ $disk == UpToDate ]] || refuse "volume $volume cannot be written here: $(seen). Expected: an UpToDate local disk"
[[ $peer_role != Primary ]] || refuse "volume $volume is in use on the peer: $(seen)"
((received_kib == 0)) || refuse "volume $volume has received $received_kib KiB from its peer: it is not new"
if [[ ! -e $begun_record ]]; then
  found=$(signatures "$device")
  [[ -z $found ]] || refuse "volume $volume ($device) carries $found. Expected: nothing"
fi

folder=$record_dir/preload
install -d -m 0700 "$folder"
image=$folder/$volume.$format
trap 'rm -f "$image"' EXIT
fetch_image "$source" "$image"
verify_image "$image" "$checksum" "$source"
image_fits "$image" "$format" "$(blockdev --getsize64 "$device")" "$volume"

[[ $role == Primary ]] || drbdadm primary "$volume" \
  || fail "volume $volume did not become Primary for writing; drbdadm's error message is above"
printf '%s\n' "$checksum" | write_durably "$begun_record" 0644
say "writing the image to $volume"
write_image "$image" "$format" "$device" \
  || fail "writing the image to $device failed. Run this again: it starts from the beginning"
same_contents "$image" "$format" "$device" \
  || fail "$device does not read back as the image that was written. Run this again: it starts from the beginning"
printf '%s\n' "$checksum" | write_durably "$done_record" 0644
rm -f "$begun_record"
say "$volume carries the image now, read back and compared"
