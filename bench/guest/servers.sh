# shellcheck shell=bash
# Servers over a device that no client has, for a run of `kvm-mirror bench`. As root in a mirror;
# bench/guestScript.ts puts `set -- WORD...` before it:
#   lacks NAME                         prints what this mirror lacks for it; nothing when it can run
#   start NAME ADDRESS DEVICE MIRROR…  serves DEVICE at ADDRESS to the addresses MIRROR…; ends when it answers
#   stop                               ends all of them, and closes their ports. None there: nothing happens
#
#   NAME        port   answers a write when
#   nbd-server  10899  it and an fdatasync are done: with the settings of exports (src/render/exports/nbd/nbdConfig.ts)
#   nbdkit      10898  the same
#   qemu-nbd    10897  DRBD has answered it (O_DIRECT)
#   tgt         10896  it and an fdatasync are done: one more target of the mirror's own tgtd, as exports are
#   lio         10895  DRBD has answered it: the kernel's own target
set -euo pipefail

folder=/run/kvm-mirror-bench
target_id=32000
lio=/sys/kernel/config/target
iqn() { printf 'iqn.2026-11.kvm-mirror.bench:%s' "$1"; }
say() { printf 'bench: %s\n' "$*" >&2; }
tgt() { tgtadm --lld iscsi "$@"; }
serves_tgt() { command -v tgtadm >/dev/null && tgt --op show --mode system >/dev/null 2>&1; }

port_of() {
  case $1 in
    nbd-server) echo 10899 ;;
    nbdkit) echo 10898 ;;
    qemu-nbd) echo 10897 ;;
    tgt) echo 10896 ;;
    lio) echo 10895 ;;
    *)
      say "there is no server $1"
      exit 2
      ;;
  esac
}

lacks() {
  case $1 in
    nbd-server | nbdkit) command -v "$1" >/dev/null || echo "the package $1" ;;
    qemu-nbd) command -v qemu-nbd >/dev/null || echo "the package qemu-utils" ;;
    tgt) serves_tgt || echo "a running tgtd: no volume of the stack is exported by iSCSI" ;;
    lio)
      modprobe --dry-run --quiet --all target_core_iblock iscsi_target_mod \
        || echo "a kernel with target_core_iblock and iscsi_target_mod"
      ;;
  esac
}

# unit NAME [OPTION…] COMMAND…
unit() { systemd-run --quiet --collect --unit="kvm-mirror-bench-$1" "${@:2}"; }

start_nbd_server() {
  printf '%s\n' "${mirrors[@]}" >"$folder/allow"
  printf '%s\n' '[generic]' 'user = nbd' 'group = disk' "listenaddr = $address" "port = $port" 'allowlist = false' \
    'max_threads = 16' '' \
    '[bench]' "exportname = $device" "authfile = $folder/allow" 'readonly = false' 'sync = true' 'flush = true' \
    'fua = true' 'trim = false' >"$folder/nbd.conf"
  # With -d it serves a single connection and ends, hence the forking form.
  unit nbd-server --property=Type=forking "--property=PIDFile=$folder/pid" nbd-server -C "$folder/nbd.conf" \
    -p "$folder/pid"
}

start_nbdkit() {
  unit nbdkit nbdkit --foreground --ipaddr "$address" --port "$port" --filter=fua file "$device" fuamode=force
}

start_qemu_nbd() {
  unit qemu-nbd qemu-nbd --persistent --shared=0 --format=raw --cache=none --aio=native --bind="$address" \
    --port="$port" --export-name=bench "$device"
}

start_tgt() {
  local mirror
  tgt --op new --mode target --tid "$target_id" --targetname "$(iqn tgt)"
  tgt --op new --mode logicalunit --tid "$target_id" --lun 1 --bstype rdwr --backing-store "$device"
  # The caching page without WCE: write-through, as src/render/exports/iscsi/tgtTarget.ts has it.
  tgt --op update --mode logicalunit --tid "$target_id" --lun 1 \
    --params mode_page=8:0:18:0x10:0:0xff:0xff:0:0:0xff:0xff:0xff:0xff:0x80:0x14:0:0:0:0:0:0
  for mirror in "${mirrors[@]}"; do tgt --op bind --mode target --tid "$target_id" -I "$mirror"; done
  tgt --op new --mode portal --param "portal=$address:$port"
}

start_lio() {
  local store=$lio/core/iblock_0/bench group
  group=$lio/iscsi/$(iqn lio)/tpgt_1
  modprobe --all target_core_iblock iscsi_target_mod
  mkdir -p "$store"
  echo "udev_path=$device" >"$store/control"
  echo 1 >"$store/enable"
  mkdir -p "$group/lun/lun_0" "$group/np/$address:$port"
  ln -s "$store" "$group/lun/lun_0/bench"
  # Whoever the firewall lets in may write: there is no list of initiators.
  echo 0 >"$group/attrib/authentication"
  echo 1 >"$group/attrib/generate_node_acls"
  echo 0 >"$group/attrib/demo_mode_write_protect"
  echo 1 >"$group/enable"
}

# It listens earlier than it greets, while it looks for a prime.
answers() {
  case $1 in
    tgt | lio) timeout 5 bash -c "exec 3<>/dev/tcp/$address/$port" 2>/dev/null ;;
    *) timeout 5 bash -c "exec 3<>/dev/tcp/$address/$port && head -c 8 <&3" 2>/dev/null | grep -q NBDMAGIC ;;
  esac
}

firewalled() { nft list table inet kvm_mirror >/dev/null 2>&1; }

start() {
  local began=$SECONDS mirror elements
  address=$2 device=$3 mirrors=("${@:4}") port=$(port_of "$1")
  mkdir -p "$folder"
  if firewalled; then
    elements=$(for mirror in "${mirrors[@]}"; do printf '%s . %s . %s, ' "$mirror" "$address" "$port"; done)
    nft add element inet kvm_mirror admitted "{ ${elements%, } }"
  fi
  "start_${1//-/_}"
  until answers "$1"; do
    if ((SECONDS - began > 120)); then
      say "$1 does not answer at $address:$port after 120 s"
      exit 1
    fi
    sleep 0.2
  done
}

stop_lio() {
  local store=$lio/core/iblock_0/bench group
  group=$lio/iscsi/$(iqn lio)/tpgt_1
  if [[ -d $group ]]; then
    if [[ -e $group/enable ]]; then echo 0 >"$group/enable"; fi
    find "$group/lun" -type l -delete
    find "$group/np" "$group/lun" -mindepth 1 -maxdepth 1 -type d -exec rmdir {} +
    rmdir "$group" "${group%/*}"
  fi
  if [[ -d $store ]]; then rmdir "$store" "${store%/*}"; fi
}

stop_tgt() {
  local addresses
  if ! serves_tgt; then return; fi
  if tgt --op show --mode target | grep -q "^Target $target_id:"; then
    tgt --op delete --mode target --tid "$target_id" --force
  fi
  addresses=$(tgt --op show --mode portal | sed -n "s/^Portal: \(.*\):$(port_of tgt),.*/\1/p")
  [[ -z $addresses ]] || tgt --op delete --mode portal --param "portal=$addresses:$(port_of tgt)"
}

stop() {
  local name
  for name in nbd-server nbdkit qemu-nbd; do systemctl stop "kvm-mirror-bench-$name.service" 2>/dev/null || true; done
  stop_lio
  stop_tgt
  rm -rf "$folder"
  if firewalled; then shut_out; fi
}

# The ports alone: what else is open here stays so.
shut_out() {
  local elements
  elements=$(nft --numeric list set inet kvm_mirror admitted \
    | grep -oE '[0-9.]+ \. [0-9.]+ \. 1089[5-9]\b' | paste -sd, || true)
  [[ -z $elements ]] || nft delete element inet kvm_mirror admitted "{ $elements }"
}

"$@"
