# shellcheck shell=bash
# The paths' part of what state.sh prints. Needs json.sh, group.sh and path.sh.
# shellcheck disable=SC2154  # set there

# paths_json: prints an array: the path to the peer, and those to the clients of the groups that this mirror serves.
paths_json() {
  local file to bytes paths='' path_peer path_from path_to interface
  find_replication_path
  if [[ -n $path_from && -n $path_to ]]; then
    interface=$(interface_of "$path_from")
    if [[ -n $interface ]]; then
      read -r bytes <"/sys/class/net/$interface/mtu"
      add_path replication "$interface" "$path_peer" "$path_from" "$path_to" "$bytes"
    fi
  fi
  for file in /etc/kvm-mirror/*.env; do
    [[ -e $file ]] || continue
    file=${file##*/}
    load_group "${file%.env}"
    vip_present || continue
    while read -r to bytes; do
      add_path storage "$VIP_INTERFACE" "$to" "$VIP" "$to" "$bytes"
    done < <(client_paths)
  done
  printf '[%s]' "${paths#,}"
}

# add_path NETWORK INTERFACE TO FROM ADDRESS BYTES
add_path() {
  local interface=$2 to=$3 address=$5
  probe "$4" "$5" "$6"
  quote interface to address
  paths+=",{\"network\":\"$1\",\"interface\":$interface,\"to\":$to,\"address\":$address"
  paths+=",\"bytes\":$6,\"carries\":${carries:-null}}"
}
