#!/usr/bin/env bash
# bench-disks.sh on DEADLINE_S DOMAIN BYTES LIKE SERIAL BUS...   (on a KVM host; LIBVIRT_DEFAULT_URI names libvirt)
# bench-disks.sh plug DEADLINE_S DOMAIN BYTES LIKE SERIAL
# bench-disks.sh off DEADLINE_S DOMAIN [keep-running]
#
# Disks for `kvm-mirror bench`, which compares with them: volumes of the pool that holds the disk SERIAL of the domain
# LIKE, attached to DOMAIN with that disk's own driver options. Their serials are bench-direct-BUS.
#   on    one of BYTES for each BUS (virtio, sata). The domain is shut down and started with them, because a SATA disk
#         cannot be plugged in. Its definition is then as it was before: the disks go with its next shutdown
#   plug  one virtio disk, into the running domain, whose definition stays as it is
#   off   takes all of them away, also what a run that was killed has left, and deletes their volumes. A domain that has
#         a SATA disk of them is shut down and started for it. With keep-running it never is. None there: nothing
#         happens
# `on` and `plug` begin with `off`. DEADLINE_S: seconds that a guest gets to shut down, or to let go of a disk.
# Exit codes: 0 done, 1 failed, 2 usage, 3 refused (nothing was changed).
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
. "$here/lib/say.sh"
. "$here/lib/domain-disks.sh"
. "$here/lib/bench.sh"

name='[A-Za-z0-9][A-Za-z0-9._+-]*'
words=$*
[[ $words =~ ^on\ [0-9]+\ $name\ [0-9]+\ $name\ $name(\ (virtio|sata))+$ ||
  $words =~ ^plug\ [0-9]+\ $name\ [0-9]+\ $name\ $name$ ||
  $words =~ ^off\ [0-9]+\ $name(\ keep-running)?$ ]] || usage
action=$1 deadline=$2 domain=$3 bytes=${4:-} like=${5:-} serial=${6:-}
work=$(mktemp -d)
changed=no
trap 'put_back || true; rm -rf "$work"' EXIT

volume_name() { printf 'kvm-mirror-bench.%s.%s' "$domain" "$1"; }

# restart begins with shut_down and ends with start. A script that dies in between has left a note, so that `off` starts
# the domain again.
note=/run/kvm-mirror-bench.$domain.restart
shut_down() {
  touch "$note"
  bash "$here/shutdown-client.sh" "$domain" "$deadline" || {
    rm "$note"
    exit 1
  }
}
start() {
  bash "$here/start-client.sh" "$domain"
  rm -f "$note"
}
# put_back: the definition is what it was before `on`, and the domain runs.
put_back() {
  [[ $changed == yes ]] || return 0
  virsh define "$work/before.xml" >/dev/null \
    || fail "the definition of $domain still has bench's disks. Take them away: kvm-mirror bench --clean-up"
  changed=no
  is_active "$(domain_state "$domain")" || start
}

# unplug TARGET: from the running domain. The guest lets go of it in its own time.
unplug() {
  local end=$((SECONDS + deadline))
  virsh detach-disk "$domain" "$1" --live >/dev/null || return 1
  while virsh dumpxml "$domain" | our_targets | grep -qx "$1"; do
    ((SECONDS < end)) || return 1
    sleep 0.5
  done
}

take_away() { # [keep-running]
  local target live=''
  for target in $(definition "$domain" | our_targets); do
    virsh detach-disk "$domain" "$target" --config >/dev/null
  done
  if is_active "$(domain_state "$domain")"; then live=$(virsh dumpxml "$domain" | our_targets); fi
  if [[ -n $live && $live != *sd* ]]; then
    for target in $live; do unplug "$target" || say "the guest of $domain does not let go of $target"; done
    live=$(virsh dumpxml "$domain" | our_targets)
  fi
  if [[ -n $live || -e $note ]]; then
    [[ ${1:-} != keep-running ]] \
      || fail "$domain still has bench's disk ${live//$'\n'/ }; it goes with the next shutdown. Then, or now again:" \
        "kvm-mirror bench --clean-up"
    shut_down
    start
  fi
  delete_volumes
}

delete_volumes() {
  local pool bus
  while read -r pool; do
    [[ -n $pool ]] || continue
    for bus in virtio sata; do
      virsh vol-info --pool "$pool" "$(volume_name "$bus")" >/dev/null 2>&1 || continue
      virsh vol-delete --pool "$pool" "$(volume_name "$bus")" >/dev/null
      say "volume $(volume_name "$bus") of pool $pool is deleted"
    done
  done < <(virsh pool-list --name)
}

# write_disk BUS: makes its volume, and writes its XML to $work/BUS.xml. $work/taken.xml is what takes targets.
write_disk() {
  local bus=$1 letter prefix path
  prefix=$([[ $bus == virtio ]] && echo vd || echo sd)
  for letter in {b..z}; do target_in_use "$prefix$letter" <"$work/taken.xml" || break; done
  virsh vol-create-as --pool "$pool" "$(volume_name "$bus")" "$bytes" --allocation "$bytes" --format raw >/dev/null \
    || fail "pool $pool gives no volume of $bytes bytes; libvirt's error message is above"
  path=$(virsh vol-path --pool "$pool" "$(volume_name "$bus")")
  printf "<disk type='%s' device='disk'>\n  %s\n  <source %s='%s'/>\n  <target dev='%s' bus='%s'/>\n" \
    "$type" "$driver" "$([[ $type == block ]] && echo dev || echo file)" "$path" "$prefix$letter" "$bus" \
    >"$work/$bus.xml"
  printf '  <serial>bench-direct-%s</serial>\n</disk>\n' "$bus" >>"$work/$bus.xml"
}

known_domain_or_refuse "$domain"
alone_with "$domain"
if [[ $action == off ]]; then
  take_away "${4:-}"
  exit
fi
[[ $(domain_state "$domain") == running ]] \
  || refuse "$domain does not run here. Start it: kvm-mirror client $domain --start"
model=$(definition "$like" | disk_with "$serial")
[[ -n $model ]] || refuse "domain $like has no disk with serial $serial on this host, whose pool bench could use"
type=$(sed -n "s/.*<disk type='\(file\|block\)'.*/\1/p" <<<"$model")
source=$(sed -n "s/.*<source \(file\|dev\)='\([^']*\)'.*/\2/p" <<<"$model")
driver=$(grep -o '<driver [^>]*>' <<<"$model" | sed 's|/*>$|/>|')
pool=$([[ -z $source ]] || virsh vol-pool "$source" 2>/dev/null) || true
[[ -n $type && -n $driver && -n $pool ]] \
  || refuse "the disk $serial of $like (${source:-no file}) is in no pool of libvirt, where bench could make one" \
    "like it"

if [[ $action == plug ]]; then
  take_away keep-running
  { definition "$domain" && virsh dumpxml "$domain"; } >"$work/taken.xml"
  write_disk virtio
  virsh attach-device "$domain" "$work/virtio.xml" --live >/dev/null \
    || fail "$domain takes no further disk while it runs; libvirt's error message is above"
  exit
fi

take_away
definition "$domain" >"$work/taken.xml"
shift 6
for bus; do write_disk "$bus"; done
shut_down
definition "$domain" >"$work/before.xml"
changed=yes
for bus; do
  virsh attach-device "$domain" "$work/$bus.xml" --config >/dev/null \
    || fail "$domain takes no $bus disk; libvirt's error message is above"
done
start
put_back
