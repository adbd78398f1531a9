# shellcheck shell=bash
# Who has a volume open through the servers of this mirror. Needs group.sh and iscsi.sh.

# nbd_clients: lines "DEVICE ADDRESS"; the device is the one that the
# connection's own server process has open, "-" if none.
nbd_clients() { nbd_connections | cut -d ' ' -f 2,3; }

# nbd_connections: lines "PID DEVICE ADDRESS", PID that of the connection's own server process, "-" if none. Two
# processes, however many clients there are.
nbd_connections() {
  local peer process pid path target at processes=() folders=() peers=()
  local -A device=()
  while read -r _ _ _ peer process; do
    pid=-
    if [[ $process =~ pid=([0-9]+) ]]; then pid=${BASH_REMATCH[1]}; fi
    processes+=("$pid") folders+=("/proc/$pid/fd") peers+=("${peer%:*}")
  done < <(exec ss -Htnp state established src "$VIP" sport = ":$NBD_PORT")
  ((${#processes[@]} > 0)) || return 0
  # One may have ended meanwhile.
  while read -r path target; do
    device[${path//[^0-9]/}]=$target
  done < <(exec find "${folders[@]}" -maxdepth 1 -lname '/dev/drbd*' -printf '%h %l\n' 2>/dev/null)
  for at in "${!processes[@]}"; do
    pid=${processes[at]}
    printf '%s %s %s\n' "$pid" "${device[$pid]:--}" "${peers[at]}"
  done
}

# iscsi_sessions GROUP: lines "DEVICE ADDRESS INITIATOR" of the group's targets. 1 when tgtd does not answer.
iscsi_sessions() {
  local devices shown
  devices=$(targets_of "$1") || return 1
  [[ -n $devices ]] || return 0
  shown=$(timeout 10 tgtadm --lld iscsi --op show --mode target 2>/dev/null) || return 1
  awk -v devices="$devices" '
    BEGIN {
      n = split(devices, line, "\n")
      for (i = 1; i <= n; i++) { split(line[i], part, " "); device[part[1]] = part[2] }
    }
    /^Target [0-9]+: / { target = $3 }
    /Initiator: / { initiator = $2 }
    /IP Address: / && target in device { print device[target], $3, initiator }' <<<"$shown"
}

# none_open LINE...: no client has one of the lines "DEVICE EXPORT" open. Otherwise 1, and $holders says which clients.
# A client that is just connecting by NBD counts, and so does a tgtd that runs and does not answer.
# shellcheck disable=SC2034  # read by the caller
none_open() {
  local line device what found address addresses clients tgt=no
  holders=
  (($# > 0)) || return 0
  clients=$(nbd_clients | sort -u)
  if systemctl is-active --quiet tgt.service; then tgt=yes; fi
  for line in "$@"; do
    read -r device what <<<"$line"
    if [[ $what == nbd:* ]]; then
      while read -r found address; do
        if [[ $found == "$device" || $found == - ]]; then holders+="${what##*/} from $address; "; fi
      done <<<"$clients"
    elif [[ $tgt == yes ]]; then
      addresses=$(target_sessions "${what##*/}") || addresses='an unknown address (tgtd does not answer)'
      [[ -z $addresses ]] || holders+="${what##*/} from ${addresses//$'\n'/ }; "
    fi
  done
  [[ -z $holders ]]
}
