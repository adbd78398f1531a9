# shellcheck shell=bash
# Servers and VIP of a group whose volumes are Primary here. Needs drbd-state.sh, group.sh, iscsi.sh and outgrown.sh.
# shellcheck disable=SC2154,SC2317  # set there; called by wait_for

# start_servers GROUP: without the VIP nobody reaches them, and they open no volume.
start_servers() {
  exported || return 0
  sysctl -q -w net.ipv4.ip_nonlocal_bind=1
  if [[ $NBD == yes ]]; then
    systemctl start "kvm-mirror-nbd@$1.service" \
      || say "the NBD server of group $1 did not start: systemctl status kvm-mirror-nbd@$1"
  fi
  if [[ $ISCSI == yes ]]; then systemctl start tgt.service || say "tgt.service did not start: systemctl status tgt"; fi
}

# end_nbd_server GROUP: disconnects its clients, and those that wait for it.
end_nbd_server() { systemctl stop "kvm-mirror-nbd@$1.service"; }

# nbd_server GROUP: the process that listens for the group's NBD clients; 1 when there is none.
nbd_server() {
  local pid
  [[ $NBD == yes ]] || return 1
  pid=$(cat "/run/kvm-mirror-nbd-$1.pid" 2>/dev/null) || return 1
  [[ $pid =~ ^[0-9]+$ && $(cat "/proc/$pid/comm" 2>/dev/null) == nbd-server ]] || return 1
  printf '%s' "$pid"
}

# hold_clients GROUP: new NBD clients connect, and are answered only after release_clients. No volume is opened
# meanwhile.
hold_clients() {
  local pid
  if pid=$(nbd_server "$1"); then kill -STOP "$pid"; fi
}
release_clients() {
  local pid
  if pid=$(nbd_server "$1"); then kill -CONT "$pid"; fi
}
# clients_held GROUP: in `stat`, the word behind the command's name is T for a process that is stopped.
clients_held() {
  local pid
  pid=$(nbd_server "$1") && [[ $(sed 's/.*) //' "/proc/$pid/stat") == T* ]]
}

# bring_vip_up: brings the VIP up, and announces it in the storage network.
bring_vip_up() {
  if ! vip_present; then ip addr add "$VIP/$VIP_PREFIX" dev "$VIP_INTERFACE"; fi
  # Unsolicited requests and replies: some stacks learn from the one, some from the other.
  ({
    arping -U -q -c 1 -w 1 -I "$VIP_INTERFACE" "$VIP"
    arping -A -q -c 3 -w 4 -I "$VIP_INTERFACE" "$VIP"
  } || true) </dev/null >/dev/null 2>&1 9>&- &
}

take_vip_down() { if vip_present; then ip addr del "$VIP/$VIP_PREFIX" dev "$VIP_INTERFACE"; fi; }

# serves_words: what is served here, for messages.
serves_words() {
  if exported; then printf 'serves on %s: %s' "$VIP" "$VOLUMES"; else printf 'is Primary here: %s' "$VOLUMES"; fi
}

# serve_group GROUP: starts the servers (net.ipv4.ip_nonlocal_bind), then brings the VIP up and announces it, unless it
# is here already. So no client finds a closed port. What runs already stays as it is. Ends the script when the servers
# do not listen within 20 s; the VIP is then as it was. Without exports nothing has to be started.
serve_group() {
  local group=$1 volume
  # From here on clients may write: no image may be preloaded into these volumes any more.
  for volume in $VOLUMES; do
    # Either record keeps preload.sh away. A full disk takes no new record; clients must not wait for that.
    if [[ ! -e $record_dir/$volume.exported ]] \
      && ! printf 'exported\n' | write_durably "$record_dir/$volume.exported" 0644 2>/dev/null; then
      say "$record_dir takes no record that volume $volume is exported (df -h $record_dir, df -i $record_dir): make" \
        "room"
    fi
    rm -f "$record_dir/$volume.new" || [[ -e $record_dir/$volume.exported ]] \
      || fail "group $group: $record_dir takes no record that volume $volume is in use from now on. Without it a" \
        "later preload would write over the volume. Make $record_dir writable (mount -o remount,rw), and repeat"
  done
  note_sizes
  mkdir -p "$active_dir"
  : >"$active_dir/$group"
  # Clients that wait at the VIP already need not wait any longer.
  release_clients "$group"
  start_servers "$group"
  if [[ $ISCSI == yes ]]; then
    serve_targets "$group" || say "tgtd did not take the targets of group $group; its error message is above"
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
  local group=$1 volume minor devices=()
  rm -f "$active_dir/$group"
  end_nbd_server "$group"
  # Whatever ISCSI says: an export that the group had earlier may have left its target.
  if systemctl is-active --quiet tgt.service; then
    for volume in $VOLUMES; do
      # A volume that is no longer configured must not keep the others' servers up.
      minor=$(minor_of "$volume") || continue
      devices+=("/dev/drbd$minor")
    done
    withdraw_targets "$group" "${devices[@]}"
  fi
  closed() { [[ -z $(unfinished) ]]; }
  if vip_present; then
    wait_for 5 closed || say "clients that do not answer any more: $(unfinished | awk '{ printf "%s ", $5 }')"
  fi
}

# withdraw_group GROUP: the exports, and then the VIP.
withdraw_group() {
  withdraw_exports "$1"
  take_vip_down
}
