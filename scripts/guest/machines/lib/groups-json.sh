# shellcheck shell=bash
# The groups' part of what state.sh prints, and who has their volumes open. Needs json.sh, at-boot.sh, group.sh,
# attached.sh, iscsi.sh, outgrown.sh, volumes-json.sh and configurations.sh.
# shellcheck disable=SC2034,SC2153,SC2154  # set there; the variables are the result

# find_groups: sets groups to the names of this mirror's.
find_groups() {
  local file group
  groups=()
  for file in /etc/kvm-mirror/*.env; do
    [[ -e $file ]] || continue
    group=${file##*/} group=${group%.env}
    groups+=("$group")
    configured["group:$group"]=$(files_of_group "$group")
  done
}

# group_json GROUP: sets json; the group is loaded.
group_json() {
  local name=$1 vip=null nbd=null iscsi=null enabled
  if exported; then truth vip vip_present; fi
  if [[ $NBD == yes ]]; then truth nbd listening "$NBD_PORT"; fi
  if [[ $ISCSI == yes ]]; then truth iscsi listening "$ISCSI_PORT"; fi
  truth enabled starts_at_boot "kvm-mirror-group@$name.service"
  quote name
  printf -v json '{"name":%s,"vip":%s,"enabled":%s,"nbd":%s,"iscsi":%s,"configuration":"%s"}' \
    "$name" "$vip" "$enabled" "$nbd" "$iscsi" "${configuration["group:$1"]:-}"
}

# add_clients GROUP: adds to attached and outgrown who has its volumes open here; the group is loaded.
add_clients() {
  local device address initiator protocol connections='' sessions=''
  if [[ $NBD == yes ]]; then
    connections=$(nbd_connections)
    while read -r _ device address; do
      if [[ -n $device ]]; then add_attached nbd "$device" "$address" ''; fi
    done <<<"$connections"
  fi
  if [[ $ISCSI == yes ]] && listening "$ISCSI_PORT"; then
    sessions=$(iscsi_sessions "$1") || sessions=
    while read -r device address initiator; do
      if [[ -n $device ]]; then add_attached iscsi "$device" "$address" "$initiator"; fi
    done <<<"$sessions"
  fi
  [[ -e $active_dir/$1 ]] || return 0
  while read -r protocol device address; do
    device=${volume_of[$device]:-}
    quote device
    if [[ $address == - ]]; then address=null; else quote address; fi
    outgrown+=",{\"volume\":$device,\"protocol\":\"$protocol\",\"address\":$address}"
  done < <(outgrown "$1" "$connections" 2>/dev/null)
}

# add_attached PROTOCOL DEVICE ADDRESS INITIATOR
add_attached() {
  local volume=${volume_of[$2]:-} address=$3 initiator=$4
  quote volume address
  if [[ -n $initiator ]]; then
    quote initiator
    initiator=",\"initiator\":$initiator"
  fi
  attached+=",{\"volume\":$volume,\"protocol\":\"$1\",\"address\":$address$initiator}"
}
