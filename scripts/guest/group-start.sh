#!/usr/bin/env bash
# group-start.sh GROUP [--boot]
#
# Makes this mirror the primary of an export group: promotes its volumes (never by force), starts the servers, then
# brings the VIP up and announces it; enables the group for the next boot. What runs already stays as it is.
#   (nothing)  needs the peer: waits 30 s for the connection, refuses if the peer is Primary or cannot be asked
#   --boot     for kvm-mirror-group@GROUP.service: waits, as long as it takes, until every volume is UpToDate on both
#              sides; gives up when the peer is Primary, and is then disabled: the group lives there
# The servers listen before the VIP comes up (net.ipv4.ip_nonlocal_bind), so that no client finds a closed port.
# Refuses (3): a volume that is not UpToDate here, a peer that is Primary or unknown, a VIP that answers elsewhere, an
# export without address list. If not every volume can be promoted, those that this run promoted are demoted again.
# Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=lib/say.sh
. "$here/lib/say.sh"
# shellcheck source=lib/wait-for.sh
. "$here/lib/wait-for.sh"
# shellcheck source=lib/lock.sh
. "$here/lib/lock.sh"
# shellcheck source=lib/durable.sh
. "$here/lib/durable.sh"
# shellcheck source=lib/at-boot.sh
. "$here/lib/at-boot.sh"
# shellcheck source=lib/drbd-state.sh
. "$here/lib/drbd-state.sh"
# shellcheck source=lib/group.sh
. "$here/lib/group.sh"
# shellcheck source=lib/iscsi.sh
. "$here/lib/iscsi.sh"
# shellcheck source=scripts/guest/lib/cluster.sh
. "$here/lib/cluster.sh"
# shellcheck source=lib/promotion.sh
. "$here/lib/promotion.sh"

[[ $# == 1 || ($# == 2 && $2 == --boot) ]] || usage
name_or_usage "$1"
group=$1 mode=${2:---with-peer}
unit=kvm-mirror-group@$group.service
refuse_under_cluster "use npm run switch, failover or maintain"
load_group "$group"
load_drbd
find_minors

# Waiting needs no lock: an operator may take over from a boot that waits for its peer.
if [[ $mode == --boot ]]; then
  # Started by an operator's group-start.sh, which has done it all.
  if [[ -e $active_dir/$group ]] && vip_present && serving; then exit 0; fi
  said=
  until all_promotable "$mode"; do
    if [[ $peer_is_primary == yes ]]; then
      not_at_boot "$unit"
      refuse "group $group runs on the peer; it stays off here and no longer starts at boot ($obstacle)"
    fi
    [[ $obstacle == "$said" ]] || say "group $group waits: $obstacle"
    said=$obstacle
    sleep 2
  done
else
  # Only a connection that may still come is worth waiting for.
  decided() { all_promotable "$mode" || [[ $peer_answers == yes ]]; }
  wait_for 30 decided || true
  all_promotable "$mode" || refuse "group $group: $obstacle"
fi

take_lock "group-$group" 60
if ! vip_present; then
  # iputils: 0 if nobody answered.
  arping -D -q -c 1 -w 1 -I "$VIP_INTERFACE" "$VIP" ||
    refuse "the VIP $VIP answers in the storage network already: another mirror still serves group $group. Stop it there first (group-stop.sh $group)"
fi
[[ $NBD != yes ]] || "$here/nbd-check.sh" "$group" || exit 3

promoted=()
undo() {
  local volume
  rm -f "$active_dir/$group"
  for volume in "${promoted[@]}"; do drbdadm secondary "$volume" || true; done
}
for volume in $VOLUMES; do
  read_state "${minors[$volume]}"
  [[ $role != Primary ]] || continue
  if ! drbdadm primary "$volume"; then
    undo
    read_state "${minors[$volume]}"
    fail "volume $volume did not become Primary (drbdadm's words are above): $(seen)"
  fi
  promoted+=("$volume")
done
# From here on clients may write: nothing preloads these volumes any more.
for volume in $VOLUMES; do
  [[ -e $record_dir/$volume.exported ]] || printf 'exported\n' | write_durably "$record_dir/$volume.exported" 0644
  rm -f "$record_dir/$volume.new"
done

mkdir -p "$active_dir"
: >"$active_dir/$group"
sysctl -q -w net.ipv4.ip_nonlocal_bind=1
if [[ $NBD == yes ]]; then systemctl start "kvm-mirror-nbd@$group.service" || say "the NBD server of group $group did not start: systemctl status kvm-mirror-nbd@$group"; fi
if [[ $ISCSI == yes ]]; then
  # Starting tgt.service serves all active groups by itself (iscsi-serve.sh --active).
  if systemctl is-active --quiet tgt.service; then
    serve_targets "$group" || say "tgtd did not take the targets of group $group (its words are above)"
  else
    systemctl start tgt.service || say "tgt.service did not start: systemctl status tgt"
  fi
fi
wait_for 20 serving ||
  fail "group $group: expected listeners on $VIP at $([[ $NBD != yes ]] || printf ':%s (NBD) ' "$NBD_PORT")$([[ $ISCSI != yes ]] || printf ':%s (iSCSI) ' "$ISCSI_PORT")within 20 s, seen: $(ss -Hltn src "$VIP" | awk '{ printf "%s ", $4 }'). The VIP stays down"

if ! vip_present; then ip addr add "$VIP/$VIP_PREFIX" dev "$VIP_INTERFACE"; fi
# Unsolicited requests and replies: some stacks learn from the one, some from the other.
arping -U -q -c 1 -w 1 -I "$VIP_INTERFACE" "$VIP" || true
(arping -A -q -c 3 -w 4 -I "$VIP_INTERFACE" "$VIP" || true) </dev/null >/dev/null 2>&1 9>&- &

release_lock
if [[ $ISCSI == yes ]]; then start_at_boot tgt.service; fi
if [[ $mode != --boot ]]; then
  start_at_boot "$unit" /etc/systemd/system/kvm-mirror-group@.service
  systemctl start "$unit" || fail "the group runs, but $unit did not start: systemctl status $unit"
fi
say "group $group serves on $VIP: $VOLUMES"
