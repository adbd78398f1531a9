# shellcheck shell=bash
# Who has a volume open through the servers of this mirror. Needs group.sh.

# nbd_clients: lines "DEVICE ADDRESS"; the device is the one that the
# connection's own server process has open, "-" if none.
nbd_clients() { nbd_connections | cut -d ' ' -f 2,3; }

# nbd_connections: lines "PID DEVICE ADDRESS", PID that of the connection's own server process, "-" if none.
nbd_connections() {
  local peer process pid device
  while read -r peer process; do
    device='' pid=''
    if [[ $process =~ pid=([0-9]+) ]]; then
      pid=${BASH_REMATCH[1]}
      device=$(readlink "/proc/$pid"/fd/* 2>/dev/null | grep -m 1 '^/dev/drbd' || true)
    fi
    printf '%s %s %s\n' "${pid:--}" "${device:--}" "${peer%:*}"
  done < <(ss -Htnp state established src "$VIP" sport = ":$NBD_PORT" | awk '{ print $4, $5 }')
}

# iscsi_sessions GROUP: lines "DEVICE ADDRESS INITIATOR" of the group's targets. 1 when tgtd does not answer.
iscsi_sessions() {
  local devices shown
  devices=$(awk '/^[ \t]*<target / { iqn = $2; sub(/>$/, "", iqn) }
                 /^[ \t]*<backing-store / { sub(/>$/, "", $2); print iqn, $2 }' \
    "/etc/tgt/kvm-mirror/$1.conf" 2>/dev/null) || return 0
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
