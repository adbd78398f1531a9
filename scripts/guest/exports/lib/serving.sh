# shellcheck shell=bash
# Servers and VIP of a group whose volumes are Primary here. Clients may be waiting: what can be seen in files of the
# kernel is not asked of a program, and what runs is not started. Needs drbd-state.sh, group.sh, iscsi.sh and
# outgrown.sh.
# shellcheck disable=SC2154,SC2317  # set there; called by wait_for

# shellcheck source=nbd-server.sh
. "${BASH_SOURCE[0]%/*}/nbd-server.sh"

# start_servers GROUP: without the VIP nobody reaches them, and they open no volume.
start_servers() {
  exported || return 0
  echo 1 >/proc/sys/net/ipv4/ip_nonlocal_bind
  if [[ $NBD == yes ]] && ! find_nbd_server "$1"; then
    systemctl start "kvm-mirror-nbd@$1.service" \
      || say "the NBD server of group $1 did not start: systemctl status kvm-mirror-nbd@$1"
  fi
  if [[ $ISCSI == yes ]] && ! tgtd_listens; then
    systemctl start tgt.service || say "tgt.service did not start: systemctl status tgt"
  fi
}

# bring_vip_up: brings the VIP up, unless it is here, and announces it in the storage network.
bring_vip_up() {
  ip addr replace "$VIP/$VIP_PREFIX" dev "$VIP_INTERFACE"
  # Unsolicited requests and replies: some stacks learn from the one, some from the other. Nobody waits for them.
  arping -U -q -c 1 -w 1 -I "$VIP_INTERFACE" "$VIP" </dev/null >/dev/null 2>&1 9>&- &
  arping -A -q -c 3 -w 4 -I "$VIP_INTERFACE" "$VIP" </dev/null >/dev/null 2>&1 9>&- &
}

take_vip_down() {
  exported || return 0
  ip addr del "$VIP/$VIP_PREFIX" dev "$VIP_INTERFACE" 2>/dev/null || ! vip_present \
    || ip addr del "$VIP/$VIP_PREFIX" dev "$VIP_INTERFACE"
}

# serves_words: what is served here, for messages.
serves_words() {
  if exported; then printf 'serves on %s: %s' "$VIP" "$VOLUMES"; else printf 'is Primary here: %s' "$VOLUMES"; fi
}

# serve_group GROUP: starts the servers (net.ipv4.ip_nonlocal_bind), then brings the VIP up and announces it, unless it
# is here already. So no client finds a closed port. What runs already stays as it is. Ends the script when the servers
# do not listen within 20 s; the VIP is then as it was. Without exports nothing has to be started.
serve_group() {
  local group=$1 volume poll=0.05
  # From here on clients may write: no image may be preloaded into these volumes any more.
  for volume in $VOLUMES; do
    # Either record keeps preload.sh away. A full disk takes no new record; clients must not wait for that.
    if [[ ! -e $record_dir/$volume.exported ]] \
      && ! printf 'exported\n' | write_durably "$record_dir/$volume.exported" 0644 2>/dev/null; then
      say "$record_dir takes no record that volume $volume is exported (df -h $record_dir, df -i $record_dir): make" \
        "room"
    fi
    [[ ! -e $record_dir/$volume.new ]] || rm -f "$record_dir/$volume.new" || [[ -e $record_dir/$volume.exported ]] \
      || fail "group $group: $record_dir takes no record that volume $volume is in use from now on. Without it a" \
        "later preload would write over the volume. Make $record_dir writable (mount -o remount,rw), and repeat"
  done
  note_sizes
  make_directory "$active_dir"
  : >"$active_dir/$group"
  # Clients that wait at the VIP already need not wait any longer.
  release_clients "$group"
  start_servers "$group"
  if [[ $ISCSI == yes ]]; then
    # A tgtd that has just been started is being given its targets already; systemctl waits for that.
    serve_targets "$group" || { systemctl start tgt.service && serve_targets "$group"; } \
      || say "tgtd did not take the targets of group $group; its error message is above"
  fi
  wait_for 20 serving \
    || fail "group $group: expected listeners on $VIP at $(expected_ports)within 20 s, seen:" \
      "$(ss -Hltn src "$VIP" | awk '{ printf "%s ", $4 }')"
  if exported; then bring_vip_up; fi
}

expected_ports() {
  [[ $NBD != yes ]] || printf ':%s (NBD) ' "$NBD_PORT"
  [[ $ISCSI != yes ]] || printf ':%s (iSCSI) ' "$ISCSI_PORT"
}

# withdraw_exports GROUP: the servers end while the VIP is still up, so that every client's connection ends with a FIN.
withdraw_exports() {
  # shellcheck disable=SC2034  # poll: of wait_for
  local group=$1 volume devices=() unfinished=() poll=0.05
  # Whatever ISCSI says: an export that the group had earlier may have left its target.
  if tgtd_listens; then
    # What is to be known is asked while clients are still served. A volume that is no longer configured must not keep
    # the others' servers up.
    if ((${#minors[@]} == 0)) && [[ -n $VOLUMES ]]; then
      # shellcheck disable=SC2086  # a list of words
      find_minors $VOLUMES || true
    fi
    for volume in $VOLUMES; do [[ -z ${minors[$volume]:-} ]] || devices+=("/dev/drbd${minors[$volume]}"); done
    know_targets "$group"
  fi
  if [[ -e $active_dir/$group ]]; then rm -f "$active_dir/$group"; fi
  cut_nbd_server "$group"
  if tgtd_listens; then withdraw_targets "$group" "${devices[@]}"; fi
  closed() { ! find_unfinished; }
  if find_unfinished && vip_present; then
    wait_for 5 closed || say "clients that do not answer any more: ${unfinished[*]#* }"
  fi
}

# withdraw_group GROUP: the exports, and then the VIP.
withdraw_group() {
  withdraw_exports "$1"
  take_vip_down
}
