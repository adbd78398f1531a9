# shellcheck shell=bash
# Disks that were given to QEMU as arguments, in a QEMU that runs: asked and changed through its monitor (QMP).

# monitor DOMAIN JSON: QEMU's answer. 1, with QEMU's words on stderr,
# when it says no; a QEMU that does not answer within
# 20 s counts as one that says no.
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
  local blocks line id file target serial
  blocks=$(monitor "$1" '{"execute":"query-block"}' 2>/dev/null) || return 1
  while read -r line; do
    id=$(sed -n 's/.*"qdev":"[^"]*\(kvm-mirror-[a-z]*\)[^"]*".*/\1/p' <<<"$line")
    [[ -n $id ]] || continue
    file=$(sed -n 's/.*"filename":"nbd:\/\/\([^"]*\)".*/\1/p' <<<"$line")
    serial=$(monitor "$1" "{\"execute\":\"qom-get\",\"arguments\":{\"path\":\"/machine/peripheral/$id\",\"property\":\"serial\"}}" 2>/dev/null | sed -n 's/.*"return":"\([^"]*\)".*/\1/p')
    target=${id#kvm-mirror-}
    printf '%s\t%s\tnbd\t%s\t%s\t%s\tqemu\t-\n' "$target" "$([[ $target == sd* ]] && echo sata || echo virtio)" "${file#*/}" "${file%%/*}" "${serial:--}"
  done < <(sed 's/{"io-status"/\n&/g; s/{"device"/\n&/g' <<<"$blocks")
}

# plug DOMAIN TARGET XML: the disk whose arguments are in the XML into the running QEMU. 1, with QEMU's words on stderr.
plug() {
  local args node device
  args=$(qemu_args "$2" <"$3")
  node=$(grep '"node-name":' <<<"$args") device=$(grep '"drive":' <<<"$args")
  # What an interrupted attempt left behind is in nobody's use: the device is not there.
  monitor "$1" "{\"execute\":\"blockdev-del\",\"arguments\":{\"node-name\":\"kvm-mirror-$2\"}}" >/dev/null 2>&1 || true
  monitor "$1" "{\"execute\":\"blockdev-add\",\"arguments\":$node}" >/dev/null || return 1
  monitor "$1" "{\"execute\":\"device_add\",\"arguments\":$device}" >/dev/null && return
  monitor "$1" "{\"execute\":\"blockdev-del\",\"arguments\":{\"node-name\":\"kvm-mirror-$2\"}}" >/dev/null
  return 1
}

# ask_to_unplug DOMAIN TARGET: the guest is asked to release the disk; it is gone when live_disks has it no more.
ask_to_unplug() { monitor "$1" "{\"execute\":\"device_del\",\"arguments\":{\"id\":\"kvm-mirror-$2\"}}" >/dev/null; }

# close_node DOMAIN TARGET: closes the connection of a disk that the
# guest has released. Closed already: nothing happens.
close_node() {
  local nodes
  nodes=$(monitor "$1" '{"execute":"query-named-block-nodes","arguments":{"flat":true}}')
  [[ $nodes == *"\"node-name\":\"kvm-mirror-$2\""* ]] || return 0
  monitor "$1" "{\"execute\":\"blockdev-del\",\"arguments\":{\"node-name\":\"kvm-mirror-$2\"}}" >/dev/null
}
