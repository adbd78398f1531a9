# shellcheck shell=bash
# What this mirror knows of a group, and whether its servers run. What it exports is in exports.sh, which comes
# with this, as does sockets.sh.

# shellcheck source=../../exports/lib/exports.sh
. "${BASH_SOURCE[0]%/*}/../../exports/lib/exports.sh"
# shellcheck source=../../exports/lib/sockets.sh
. "${BASH_SOURCE[0]%/*}/../../exports/lib/sockets.sh"

# A group that was started on this mirror, and whose servers are to run here now, has a file here. A reboot removes it.
# shellcheck disable=SC2034  # for the scripts that source this file
readonly active_dir=/run/kvm-mirror/active

# load_group GROUP: reads /etc/kvm-mirror/GROUP.env into VIP VIP_PREFIX VIP_INTERFACE VOLUMES NBD NBD_PORT ISCSI
# ISCSI_PORT. A group without exports has no VIP.
load_group() {
  local file=/etc/kvm-mirror/$1.env
  [[ -r $file ]] || refuse "there is no group $1 on this mirror (expected $file; group-configure.sh installs it)"
  VIP='' VIP_PREFIX='' VIP_INTERFACE='' VOLUMES='' NBD=no NBD_PORT=10809 ISCSI=no ISCSI_PORT=3260
  # shellcheck source=/dev/null
  . "$file"
  if ! exported && [[ $NBD == no && $ISCSI == no && -n $VOLUMES ]]; then return; fi
  [[ $VIP =~ ^[0-9.]+$ && $VIP_PREFIX =~ ^[0-9]+$ && -n $VIP_INTERFACE && -n $VOLUMES ]] \
    || refuse "$file is incomplete: it must name VIP, VIP_PREFIX, VIP_INTERFACE and VOLUMES"
}

# exported: clients reach volumes of the group. Where not, to serve it is to have its volumes Primary.
exported() { [[ -n $VIP ]]; }

vip_present() { exported && [[ -n $(exec ip -4 -o addr show dev "$VIP_INTERFACE" to "$VIP/32" 2>/dev/null) ]]; }

# names_in FILE: sets volumes and address to what an env file says; nothing of it is run.
names_in() {
  local line
  volumes='' address=''
  while read -r line || [[ -n $line ]]; do
    case $line in
      VOLUMES=*) line=${line#*=} volumes=${line//\"/} ;;
      VIP=*) line=${line#*=} address=${line//\"/} ;;
    esac
  done <"$1"
}

# find_sharing GROUP FILE: sets sharing to what other groups on this mirror have in common with GROUP, whose env file is
# to be FILE: "OTHER volume NAME", "OTHER address VIP". Starts no program: clients may be waiting.
find_sharing() {
  local other name volumes address volume own_volumes own_address
  sharing=()
  names_in "$2"
  own_volumes=$volumes own_address=$address
  for other in /etc/kvm-mirror/*.env; do
    name=${other##*/} name=${name%.env}
    [[ -e $other && $name != "$1" ]] || continue
    names_in "$other"
    for volume in $own_volumes; do
      if [[ " $volumes " == *" $volume "* ]]; then sharing+=("$name volume $volume"); fi
    done
    if [[ -n $own_address && $address == "$own_address" ]]; then sharing+=("$name address $address"); fi
  done
}

# groups_sharing GROUP FILE: prints them as lines.
groups_sharing() {
  local sharing
  find_sharing "$@"
  ((${#sharing[@]} == 0)) || printf '%s\n' "${sharing[@]}"
}

# group_of VOLUME: the group that exports it on this mirror; nothing when none does.
group_of() {
  local file
  for file in /etc/kvm-mirror/*.env; do
    if [[ -e $file ]] && grep -qE "^VOLUMES=\"?([^\"]* )?$1( |\"|\$)" "$file"; then basename "$file" .env; fi
  done
}
