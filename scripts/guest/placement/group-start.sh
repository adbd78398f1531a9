#!/usr/bin/env bash
# group-start.sh GROUP [--boot | --take-over | --peer-fenced MIRROR | --peer-said-off MIRROR | --last-copy MIRROR
#                      | --stale-copy MIRROR]
#
# Makes this mirror the primary of a group: promotes its volumes (by force in one case), starts the servers,
# then brings the VIP up and announces it. Enables the group for the next boot. What runs already stays as it is.
# Of a group without exports it promotes the volumes, and that is all.
#   (nothing)        needs the peer: waits 30 s for the connection, refuses if the peer is Primary or cannot be asked
#   --boot           for kvm-mirror-group@GROUP.service: waits, as long as it takes, until every volume is UpToDate on
#                    both mirrors. Gives up when the peer is Primary, and is then disabled: the group runs there
#   --take-over      a planned switch: needs UpToDate on both mirrors, or here while the peer's disk is lost. Prints
#                    "waiting" on stdout, and goes on the moment that the peer, which is being stopped, is no longer
#                    Primary. Gives up after 120 s, or when its stdin ends. "ends connections" on the next line: it can
#                    end those that clients have to the peer, and does so when it serves. Then stdin may have them, as
#                    group-stop.sh --hand-over prints them
#   --peer-fenced    an unplanned failover: the peer, MIRROR, is off and stays off, as its KVM host has confirmed. Needs
#                    UpToDate disks here. DRBD's fence-peer handler is told so for as long as this script runs. Unless
#                    the peer answers a ping, its connections are ended at once: DRBD takes 4 s or more to lose it
#   --peer-said-off  the same, as the operator alone has confirmed. The handler asks the peer once more: if it answers
#                    that it is Primary, nothing is promoted
#   --last-copy      as --peer-said-off, also for disks that are Consistent: started without MIRROR, they cannot know
#                    whether MIRROR went on alone. The operator has confirmed that it never comes back, and had nothing
#                    that is not here
#   --stale-copy     as --last-copy, also for disks that are Outdated: MIRROR did write without them. The operator has
#                    confirmed that it never comes back, and gives those writes up. Only such a volume is forced
#                    (drbdadm primary --force), after MIRROR was asked once more and did not answer
# Under a cluster it runs only while the cluster is paused (cluster-pause.sh), and changes nothing about the next boot.
# The servers listen before the VIP comes up (net.ipv4.ip_nonlocal_bind), so that no client finds a closed port. They
# should run already: group-configure.sh starts them on both mirrors.
# Refuses (3): a volume that is not UpToDate here; a peer that is Primary or unknown; a VIP that answers elsewhere; an
# export without address list. If not every volume can be promoted, those that this run promoted are demoted again.
# Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
room=${0%/*}
[[ -e $room/lib/base.sh ]] || room=$(dirname "$(readlink -f "$0")")/..
. "$room/lib/base.sh"
. "$here/lib/at-boot.sh"
. "$here/replication/lib/drbd-state.sh"
. "$here/placement/lib/group.sh"
. "$here/exports/lib/iscsi.sh"
. "$here/placement/lib/cluster.sh"
. "$here/placement/lib/promotion.sh"
. "$here/placement/lib/hang-up.sh"
. "$here/exports/lib/nbd-lists.sh"
. "$here/exports/lib/outgrown.sh"
. "$here/exports/lib/serving.sh"
. "$here/exports/lib/clients.sh"
. "$here/replication/lib/fenced.sh"
. "$here/replication/lib/path.sh"
. "$here/replication/lib/peer.sh"

[[ $# == 1 || ($# == 2 && $2 =~ ^--(boot|take-over)$) || $# == 3 ]] || usage
[[ $# != 3 || $2 =~ ^--(peer-fenced|peer-said-off|last-copy|stale-copy)$ ]] || usage
name_or_usage "$1"
[[ $# != 3 ]] || name_or_usage "$3"
group=$1 mode=${2:---with-peer} fenced=${3:-}
unit=kvm-mirror-group@$group.service
refuse_under_cluster "use kvm-mirror switch, failover or maintain"
load_group "$group"
load_drbd
# What serves already is not ended by what fails now.
ran=no
runs() { [[ -e $active_dir/$group ]] && { ! exported || vip_present; }; }
if runs; then ran=yes; fi
# shellcheck disable=SC2086  # a list of words
minors_known() { find_minors $VOLUMES; }
# Started by an operator's group-start.sh, which has done it all.
all_done() { if exported; then serving; else minors_known && all_primary; fi; }
if [[ $mode == --boot && $ran == yes ]] && all_done; then exit 0; fi
minors_known || exit 1
at_boot=no
if starts_at_boot "$unit"; then at_boot=yes; fi

[[ $NBD != yes ]] || refuse_without_lists "$group"
find_sharing "$group" "/etc/kvm-mirror/$group.env"
for shared in "${sharing[@]}"; do
  read -r other what which <<<"$shared"
  if [[ $what == volume && -e $active_dir/$other ]]; then
    refuse "$what $which of group $group is served here by group $other. Two groups never serve one volume. If group" \
      "$other is no longer in the stack file: $here/placement/group-remove.sh $other"
  fi
done
served=no arping='' asked_at=0 promoted=() theirs=()
at_exit() {
  [[ -z $fenced ]] || forget_fenced "$fenced"
  [[ $served == yes ]] || drop_prepared
  [[ $served == yes || $ran == yes || ${#promoted[@]} == 0 ]] || take_back
  # Whichever mirror serves next.
  [[ $served == yes || ${#theirs[@]} == 0 ]] || leave_connections "$group" "${theirs[@]}"
  listen_again
}
# ask_for_vip: begins to ask whether the VIP answers already, which takes a second. iputils: 0 if nobody answers.
ask_for_vip() {
  arping -D -q -c 1 -w 1 -I "$VIP_INTERFACE" "$VIP" </dev/null >/dev/null 2>&1 9>&- &
  arping=$! asked_at=$SECONDS
}
# hear SECONDS: a line on stdin, if one comes: a connection that a client has to the peer. 1 when stdin ends.
all_told=no begun=''
hear() {
  local line='' status=0
  read -r -t "$1" line || status=$?
  begun+=$line
  ((status == 0)) || return $((status <= 128))
  case $begun in
    'client '*) theirs+=("${begun#client }") ;;
    'all told') all_told=yes ;;
  esac
  begun=''
}
# take_back: a volume that is Primary without VIP and servers would go unnoticed, and the peer could not take it.
take_back() {
  withdraw_group "$group" || say "group $group: its servers or its VIP did not end; the error message is above"
  undo
  start_servers "$group"
  say "group $group does not serve here. The volumes that were promoted for it are demoted again: ${promoted[*]}"
}
trap at_exit EXIT

# Waiting needs no lock, but in a switch: an operator may take over from a boot that waits for its peer.
case $mode in
  --boot)
    said=
    until all_promotable "$mode"; do
      if [[ $peer_is_primary == yes ]]; then
        not_at_boot "$unit"
        refuse "group $group runs on the peer. It stays off here, and no longer starts at boot ($obstacle)"
      fi
      [[ $obstacle == "$said" ]] || say "group $group waits: $obstacle"
      said=$obstacle
      pause 2
    done
    ;;
  --take-over)
    synchronised || refuse "group $group does not move: $obstacle"
    # The last moment that costs clients nothing: nobody else works on the group here from now on, its servers listen,
    # without the VIP, and tgtd knows its targets.
    take_lock "group-$group" 60
    start_servers "$group"
    prepare_targets "$group"
    printf 'waiting\n'
    if exported && can_end_connections; then printf 'ends connections\n'; fi
    end=$((SECONDS + 120))
    until all_promotable "$mode"; do
      [[ $peer_is_primary == yes ]] || refuse "group $group: $obstacle"
      ((SECONDS < end)) || refuse "group $group does not move: after 120 s $obstacle"
      # The caller holds our stdin open for as long as it wants us to wait.
      hear 0.05 || refuse "group $group does not move: the switch was called off"
    done
    ;;
  --peer-* | --last-copy | --stale-copy)
    # A peer that is off does not say so, nor does a VIP that is nowhere: both are asked at once, for a second, while
    # all the rest gets ready.
    if [[ $mode == --peer-fenced ]]; then
      # shellcheck disable=SC2086  # a list of words
      ping_peer $VOLUMES
      if exported && ! vip_present; then ask_for_vip; fi
      start_servers "$group"
      prepare_targets "$group"
      # shellcheck disable=SC2086  # a list of words
      hang_up $VOLUMES
    fi
    # DRBD may still wait for an answer of the peer that is off: up to 4 s (ping-int and ping-timeout), in an emulated
    # guest more, for each volume by itself.
    lost() { all_promotable "$mode" || none_connected; }
    poll=0.05
    wait_for 40 lost || true
    all_promotable "$mode" || refuse "group $group: $obstacle"
    ;;
  *)
    # A connection may still come.
    decided() { all_promotable "$mode" || [[ $peer_answers == yes ]]; }
    wait_for 30 decided || true
    all_promotable "$mode" || refuse "group $group: $obstacle"
    ;;
esac

[[ $mode == --take-over ]] || take_lock "group-$group" 60
[[ $mode$at_boot != --bootyes ]] || starts_at_boot "$unit" || refuse "group $group was stopped here meanwhile"
# Does the VIP answer already? In a planned switch the peer has taken it down before its volumes became Secondary. An
# answer from before a long wait does not count.
if [[ $mode != --take-over ]] && exported && { [[ -z $arping ]] || ((SECONDS - asked_at > 2)); }; then
  vip_present || ask_for_vip
fi
case $mode in
  --peer-fenced) record_fenced "$fenced" confirmed ;;
  --peer-said-off | --last-copy | --stale-copy) record_fenced "$fenced" by-word ;;
esac

undo() { drbdadm_at_once secondary "${promoted[@]}" || true; }
# stale VOLUME: by the last state_of, it is outdated, and is taken all the same.
stale() { [[ $mode == --stale-copy && $disk == Outdated ]]; }
# With --force DRBD promotes whatever its handler says: a peer that answers is asked after here.
read_states
for volume in $VOLUMES; do
  state_of "${minors[$volume]}"
  if [[ $role == Primary ]] || ! stale; then continue; fi
  reply=0
  ask_peer "$fenced" "$volume" || reply=$?
  [[ $reply == 255 ]] || refuse "volume $volume: $fenced answers ($reply), so its copy is not lost: bring it back"
done
# All at the same time. Of those whose peer does not answer each has the fence-peer handler run first, which may have to
# ask the peer: they do not wait for each other.
together=() secondary=() promoting=()
read_states
for volume in $VOLUMES; do
  state_of "${minors[$volume]}"
  [[ $role != Primary ]] || continue
  secondary+=("$volume")
  if stale; then
    say "volume $volume: an outdated copy is promoted; what $fenced wrote without it is given up"
    drbdadm primary --force "$volume" 9>&- &
    promoting+=("$!")
  elif connected; then
    together+=("$volume")
  else
    drbdadm primary "$volume" 9>&- &
    promoting+=("$!")
  fi
done
drbdadm_at_once primary "${together[@]}" || true
for job in "${promoting[@]}"; do wait "$job" || true; done
# What counts is what the kernel says.
unpromoted=
read_states
for volume in "${secondary[@]}"; do
  state_of "${minors[$volume]}"
  if [[ $role == Primary ]]; then promoted+=("$volume"); else unpromoted=${unpromoted:-$volume}; fi
done
if [[ -n $unpromoted ]]; then
  undo
  promoted=()
  read_state "${minors[$unpromoted]}"
  fail "volume $unpromoted did not become Primary; drbdadm's error message is above. $(seen)"
fi
if [[ -n $arping ]]; then
  if ! wait "$arping"; then
    undo
    promoted=()
    refuse "the VIP $VIP already answers in the storage network: another mirror still serves group $group. Stop it" \
      "there first: group-stop.sh $group"
  fi
fi
serve_group "$group"
served=yes
if [[ $mode == --take-over ]]; then
  # All is here long since, or the caller does not know of it.
  end=$((SECONDS + 3))
  while [[ $all_told == no ]] && ((SECONDS < end)) && hear 0.5; do :; done
fi
end_old_connections "$group" '' "${theirs[@]}"
forget_connections "$group"

release_lock
if under_cluster; then
  say "group $group $(serves_words). The cluster is paused; resume it: cluster-resume.sh"
  exit 0
fi
# The clients are served. What is left is for the next boot: if it fails, the other groups of a failover must still get
# their turn.
if [[ $mode != --boot ]]; then
  start_at_boot "$unit" /etc/systemd/system/kvm-mirror-group@.service \
    || say "the group runs, but will not start at the next boot: $boot_links cannot be written (df -h /etc)." \
      "Make room, and run group-start.sh $group again"
  if [[ -n $fenced ]]; then
    # The unit wants drbd.service. On a mirror that was not rebooted since it was made that starts only now, and waits
    # for the peer, 15 s (wfc-timeout): clients of the next group would wait, too.
    systemctl start --no-block "$unit" || say "the group runs, but $unit does not start: systemctl status $unit"
  else
    systemctl start "$unit" || fail "the group runs, but $unit did not start: systemctl status $unit"
  fi
fi
say "group $group $(serves_words)"
