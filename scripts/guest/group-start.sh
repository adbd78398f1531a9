#!/usr/bin/env bash
# group-start.sh GROUP [--boot | --take-over | --peer-fenced MIRROR | --peer-said-off MIRROR | --last-copy MIRROR
#                      | --stale-copy MIRROR]
#
# Makes this mirror the primary of an export group: promotes its volumes (by force in one case), starts the servers, then
# brings the VIP up and announces it; enables the group for the next boot. What runs already stays as it is.
#   (nothing)      needs the peer: waits 30 s for the connection, refuses if the peer is Primary or cannot be asked
#   --boot         for kvm-mirror-group@GROUP.service: waits, as long as it
#                  takes, until every volume is UpToDate on both
#                  sides; gives up when the peer is Primary, and is then disabled: the group lives there
#   --take-over    a planned switch: needs UpToDate on both sides, or here while the peer's disk is
#                  lost, prints "waiting" on stdout, and goes on the moment that
#                  the peer, which is being stopped, is no longer Primary; gives up after 120 s, or when its stdin ends
#   --peer-fenced  an unplanned failover: MIRROR, the peer, is off and stays off, its KVM host has confirmed it. Needs
#                  UpToDate disks here; DRBD's fence-peer handler is told so for as long as this script runs
#   --peer-said-off  the same by the operator's word alone: the handler asks the
#                    peer once more, and if it answers that it
#                  is Primary, nothing is promoted
#   --last-copy    as --peer-said-off, also for disks that are Consistent: started
#                  without MIRROR, they cannot know whether it went
#                  on by itself. By the operator's word it never comes back, and had nothing that is not here
#   --stale-copy   as --last-copy, also for disks that are Outdated: MIRROR did write without them. By the operator's
#                  word it never comes back, and those writes are given up. Such a volume alone is forced
#                  (drbdadm primary --force), after MIRROR was asked once more and did not answer
# Under a cluster it runs only while the cluster is paused (cluster-pause.sh), and leaves alone what starts at boot.
# The servers listen before the VIP comes up (net.ipv4.ip_nonlocal_bind), so that no client finds a closed port.
# Refuses (3): a volume that is not UpToDate here, a peer that is Primary or unknown, a VIP that answers elsewhere, an
# export without address list. If not every volume can be promoted, those that this run promoted are demoted again.
# Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/lib/base.sh"
. "$here/lib/at-boot.sh"
. "$here/lib/drbd-state.sh"
. "$here/lib/group.sh"
. "$here/lib/iscsi.sh"
. "$here/lib/cluster.sh"
. "$here/lib/promotion.sh"
. "$here/lib/outgrown.sh"
. "$here/lib/serving.sh"
. "$here/lib/fenced.sh"
# shellcheck source=lib/peer.sh
. "$here/lib/peer.sh"

[[ $# == 1 || ($# == 2 && $2 =~ ^--(boot|take-over)$) || ($# == 3 && $2 =~ ^--(peer-fenced|peer-said-off|last-copy|stale-copy)$) ]] || usage
name_or_usage "$1"
[[ $# != 3 ]] || name_or_usage "$3"
group=$1 mode=${2:---with-peer} fenced=${3:-}
unit=kvm-mirror-group@$group.service
refuse_under_cluster "use kvm-mirror switch, failover or maintain"
load_group "$group"
load_drbd
find_minors

[[ $NBD != yes ]] || "$here/nbd-check.sh" "$group" || exit 3
while read -r other what which; do
  if [[ -e $active_dir/$other ]]; then
    refuse "$what $which of group $group is served here by group $other: two groups never serve one volume. If group $other is no longer in the stack file: $here/group-remove.sh $other"
  fi
done < <(groups_sharing "$group" "/etc/kvm-mirror/$group.env" | { grep ' volume ' || true; })
served=no answer='' promoted=()
# What serves already is not ended by what fails now.
ran=no
if [[ -e $active_dir/$group ]] && vip_present; then ran=yes; fi
at_exit() {
  rm -f "$answer"
  [[ -z $fenced ]] || forget_fenced "$fenced"
  # Under a cluster they listen on both mirrors.
  [[ $served == yes || $ran == yes || ${#promoted[@]} == 0 ]] || take_back
  [[ $mode != --take-over || $served == yes ]] || under_cluster || end_servers "$group"
}
# take_back: never Primary without VIP and servers: nobody would see it, and the peer could not take the volumes.
take_back() {
  withdraw_group "$group" || say "group $group: its servers or its VIP did not end (the words are above)"
  undo
  say "group $group does not serve here: the volumes that were promoted for it (${promoted[*]}) are let go again"
}
trap at_exit EXIT

# Waiting needs no lock: an operator may take over from a boot that waits for its peer.
case $mode in
  --boot)
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
    ;;
  --take-over)
    synchronised || refuse "group $group does not move: $obstacle"
    # They listen where nobody reaches them yet, and open nothing.
    start_servers "$group"
    printf 'waiting\n'
    end=$((SECONDS + 120))
    until all_promotable "$mode"; do
      [[ $peer_is_primary == yes ]] || refuse "group $group: $obstacle"
      ((SECONDS < end)) || refuse "group $group does not move: after 120 s $obstacle"
      # The caller holds our stdin open for as long as it wants us to wait.
      status=0
      read -r -t 0.05 _ || status=$?
      ((status == 0 || status > 128)) || refuse "group $group does not move: called off"
    done
    ;;
  --peer-* | --last-copy | --stale-copy)
    # DRBD may still wait for an answer of the peer that is off: 11 s (ping-int and
    # ping-timeout), in an emulated guest up to 18 s, for each volume by itself.
    lost() { all_promotable "$mode" || none_connected; }
    poll=0.1
    wait_for 40 lost || true
    all_promotable "$mode" || refuse "group $group: $obstacle"
    ;;
  *)
    # Only a connection that may still come is worth waiting for.
    decided() { all_promotable "$mode" || [[ $peer_answers == yes ]]; }
    wait_for 30 decided || true
    all_promotable "$mode" || refuse "group $group: $obstacle"
    ;;
esac

take_lock "group-$group" 60
# Does the VIP answer already? Asked while the volumes are promoted: it takes a
# second. In a planned switch the peer has taken it down before it let
# its volumes go.
if ! vip_present && [[ $mode != --take-over ]]; then
  answer=$(mktemp)
  # iputils: 0 if nobody answered.
  (arping -D -q -c 1 -w 1 -I "$VIP_INTERFACE" "$VIP" && echo free || echo taken) >"$answer" 2>/dev/null 9>&- &
  asking=$!
fi
case $mode in
  --peer-fenced) record_fenced "$fenced" confirmed ;;
  --peer-said-off | --last-copy | --stale-copy) record_fenced "$fenced" by-word ;;
esac

undo() {
  local volume
  for volume in "${promoted[@]}"; do drbdadm secondary "$volume" || true; done
}
# stale VOLUME: by the last read_state, it is outdated, and is taken all the same.
stale() { [[ $mode == --stale-copy && $disk == Outdated ]]; }
# With --force DRBD promotes whatever its handler says: a peer that answers is asked after here.
for volume in $VOLUMES; do
  read_state "${minors[$volume]}"
  if [[ $role == Primary ]] || ! stale; then continue; fi
  reply=0
  ask_peer "$fenced" "$volume" || reply=$?
  [[ $reply == 255 ]] || refuse "volume $volume: $fenced answers ($reply), so its copy is not lost: bring it back"
done
# All at the same time: each may have to ask for the peer first.
declare -A promoting=()
for volume in $VOLUMES; do
  read_state "${minors[$volume]}"
  [[ $role != Primary ]] || continue
  force=()
  if stale; then
    force=(--force)
    say "volume $volume: an outdated copy is promoted; what $fenced wrote without it is given up"
  fi
  drbdadm primary "${force[@]}" "$volume" 9>&- &
  promoting[$volume]=$!
done
unpromoted=
for volume in "${!promoting[@]}"; do
  if wait "${promoting[$volume]}"; then promoted+=("$volume"); else unpromoted=$volume; fi
done
if [[ -n $unpromoted ]]; then
  undo
  promoted=()
  read_state "${minors[$unpromoted]}"
  fail "volume $unpromoted did not become Primary (drbdadm's words are above): $(seen)"
fi
if [[ -n $answer ]]; then
  wait "$asking"
  if [[ $(<"$answer") != free ]]; then
    undo
    promoted=()
    refuse "the VIP $VIP answers in the storage network already: another mirror still serves group $group. Stop it there first (group-stop.sh $group)"
  fi
fi
serve_group "$group"
served=yes

release_lock
if under_cluster; then
  say "group $group serves on $VIP: $VOLUMES; the cluster, which is paused, has to be told (cluster-resume.sh)"
  exit 0
fi
# The clients are served: what is left is for the next boot, and no
# reason to leave the other groups of a failover alone.
at_boot() {
  if [[ $ISCSI == yes ]]; then start_at_boot tgt.service || return; fi
  start_at_boot "$unit" /etc/systemd/system/kvm-mirror-group@.service
}
if [[ $mode == --boot ]]; then
  [[ $ISCSI != yes ]] || start_at_boot tgt.service
else
  at_boot || say "the group runs, but will not start at the next boot: $boot_links cannot be written (df -h /etc). Make room, then group-start.sh $group"
  systemctl start "$unit" || { [[ -n $fenced ]] && say "the group runs, but $unit did not start: systemctl status $unit"; } \
    || fail "the group runs, but $unit did not start: systemctl status $unit"
fi
say "group $group serves on $VIP: $VOLUMES"
