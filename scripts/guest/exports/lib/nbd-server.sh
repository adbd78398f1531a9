# shellcheck shell=bash
# The process that serves a group's NBD clients; each connection has a child of it. For serving.sh, with group.sh.
# shellcheck disable=SC2154,SC2317  # set there; called by wait_for

# end_nbd_server GROUP: disconnects its clients, and those that wait for it.
end_nbd_server() { systemctl stop "kvm-mirror-nbd@$1.service"; }

# cut_nbd_server GROUP: the same, without systemd, which takes time. The server ends its clients' connections and then
# itself, with 0, so systemd does not start it again. There are 10 s for it, as in its unit.
cut_nbd_server() {
  # shellcheck disable=SC2034  # poll: of wait_for
  local pid children=() poll=0.02
  if find_nbd_server "$1"; then
    { read -ra children <"/proc/$pid/task/$pid/children"; } 2>/dev/null || true
    # One that is stopped (hold_clients) has to go on, to end.
    if kill -TERM "$pid" 2>/dev/null; then kill -CONT "$pid" 2>/dev/null || true; fi
    if wait_for 10 all_ended "$pid" "${children[@]}"; then return 0; fi
  fi
  end_nbd_server "$1"
}

# all_ended PID...: in `stat`, the word behind the command's name is Z for one that has ended.
all_ended() {
  local one stat
  for one in "$@"; do
    { read -r stat <"/proc/$one/stat"; } 2>/dev/null || continue
    [[ ${stat##*) } == Z* ]] || return 1
  done
}

# find_nbd_server GROUP: sets pid, the process that listens for the group's NBD clients; 1 when there is none.
find_nbd_server() {
  local name=
  pid=
  [[ $NBD == yes ]] || return 1
  { read -r pid <"/run/kvm-mirror-nbd-$1.pid"; } 2>/dev/null || [[ -n $pid ]] || return 1
  [[ $pid =~ ^[0-9]+$ ]] || return 1
  { read -r name <"/proc/$pid/comm"; } 2>/dev/null || return 1
  [[ $name == nbd-server ]]
}

# hold_clients GROUP: new NBD clients connect, and are answered only after release_clients. No volume is opened
# meanwhile.
hold_clients() {
  local pid
  if find_nbd_server "$1"; then kill -STOP "$pid"; fi
}
release_clients() {
  local pid
  if find_nbd_server "$1"; then kill -CONT "$pid"; fi
}
# clients_held GROUP: in `stat`, the word behind the command's name is T for a process that is stopped.
clients_held() {
  local pid stat=
  find_nbd_server "$1" && { read -r stat <"/proc/$pid/stat"; } 2>/dev/null && [[ ${stat##*) } == T* ]]
}
