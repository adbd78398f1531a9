# shellcheck shell=bash
# Disks that QEMU got as arguments: asked for and changed in a running QEMU, through its monitor (QMP).

# monitor DOMAIN JSON: prints QEMU's answer. 1, with QEMU's error message on stderr, when QEMU says no, or does not
# answer within 20 s.
monitor() {
  local answer
  answer=$(timeout 20 virsh qemu-monitor-command "$1" "$2") || return 1
  [[ $answer != *'"error":'* ]] || {
    sed -n 's/.*"desc":"\(.*\)"}.*/QEMU: \1/p' <<<"$answer" >&2
    return 1
  }
  printf '%s\n' "$answer"
}

# monitor_disks DOMAIN: lines of network_disks for the disks of ours that QEMU has now.
monitor_disks() {
  local blocks line id file target get serial
  blocks=$(monitor "$1" '{"execute":"query-block"}' 2>/dev/null) || return 1
  while read -r line; do
    id=$(sed -n 's/.*"qdev":"[^"]*\(kvm-mirror-[a-z]*\)[^"]*".*/\1/p' <<<"$line")
    [[ -n $id ]] || continue
    file=$(sed -n 's/.*"filename":"nbd:\/\/\([^"]*\)".*/\1/p' <<<"$line")
    get="{\"execute\":\"qom-get\",\"arguments\":{\"path\":\"/machine/peripheral/$id\",\"property\":\"serial\"}}"
    serial=$(monitor "$1" "$get" 2>/dev/null | sed -n 's/.*"return":"\([^"]*\)".*/\1/p')
    target=${id#kvm-mirror-}
    printf '%s\t%s\tnbd\t%s\t%s\t%s\tqemu\t-\n' "$target" "$([[ $target == sd* ]] && echo sata || echo virtio)" \
      "${file#*/}" "${file%%/*}" "${serial:--}"
  done < <(sed 's/{"io-status"/\n&/g; s/{"device"/\n&/g' <<<"$blocks")
}

# plug DOMAIN TARGET XML: plugs the disk whose arguments are in XML into the running QEMU. 1, with QEMU's error message
# on stderr.
plug() {
  local args node device
  args=$(qemu_args "$2" <"$3")
  node=$(grep '"node-name":' <<<"$args") device=$(grep '"drive":' <<<"$args")
  # A node that an interrupted attempt left behind has no device, so nothing uses it.
  monitor "$1" "{\"execute\":\"blockdev-del\",\"arguments\":{\"node-name\":\"kvm-mirror-$2\"}}" >/dev/null 2>&1 || true
  monitor "$1" "{\"execute\":\"blockdev-add\",\"arguments\":$node}" >/dev/null || return 1
  monitor "$1" "{\"execute\":\"device_add\",\"arguments\":$device}" >/dev/null && return
  monitor "$1" "{\"execute\":\"blockdev-del\",\"arguments\":{\"node-name\":\"kvm-mirror-$2\"}}" >/dev/null
  return 1
}

# ask_to_unplug DOMAIN TARGET: asks the guest to release the disk. It is gone when live_disks no longer shows it.
ask_to_unplug() { monitor "$1" "{\"execute\":\"device_del\",\"arguments\":{\"id\":\"kvm-mirror-$2\"}}" >/dev/null; }

# close_node DOMAIN TARGET: closes the connection of a disk that the guest has released. Closed already: nothing
# happens.
close_node() {
  local nodes
  nodes=$(monitor "$1" '{"execute":"query-named-block-nodes","arguments":{"flat":true}}')
  [[ $nodes == *"\"node-name\":\"kvm-mirror-$2\""* ]] || return 0
  monitor "$1" "{\"execute\":\"blockdev-del\",\"arguments\":{\"node-name\":\"kvm-mirror-$2\"}}" >/dev/null
}
