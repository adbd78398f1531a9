# shellcheck shell=bash
# What the kernel says of a volume. /proc/drbd of DRBD 8.4 answers without starting a program.

proc_drbd=${PROC_DRBD:-/proc/drbd}

# load_drbd: loads the kernel module; the error message names its package. Refuses another DRBD than 8.4: its /proc/drbd
# has no volumes, so every volume would look down, and its metadata is different.
load_drbd() {
  [[ -e $proc_drbd ]] || modprobe drbd \
    || fail "the kernel module drbd does not load in $(uname -r). On Ubuntu it is in linux-modules-extra-$(uname -r)"
  local first=
  read -r first <"$proc_drbd" || true
  [[ $first =~ ^version:\ 8\.4\. ]] \
    || refuse "the kernel module drbd is not 8.4: $proc_drbd says '${first:-nothing}'. These scripts know DRBD 8.4" \
      "only. Remove the other module (drbd-dkms, or a kernel of LINBIT), reboot, and repeat"
}

# discreet_drbdadm ARGUMENT...: for commands that connect. drbdadm's error messages quote its command line, which holds
# the shared secret.
discreet_drbdadm() {
  { drbdadm "$@" 2>&1 >&3 3>&- | sed 's/--shared-secret=[^ ]*/--shared-secret=(hidden)/g' >&2; } 3>&1
}

# drbdadm_at_once COMMAND VOLUME...: each call of drbdadm takes its volumes one after the other, eight at most; the
# calls run at the same time. 1 when one failed; its other volumes may not have had their turn.
drbdadm_at_once() {
  local command=$1 call calls=() status=0
  shift
  while (($# > 0)); do
    drbdadm "$command" "${@:1:8}" 9>&- &
    calls+=("$!")
    shift "$(($# < 8 ? $# : 8))"
  done
  for call in "${calls[@]}"; do wait "$call" || status=1; done
  return "$status"
}

# minor_of VOLUME: prints the minor number of a configured volume.
minor_of() {
  local minor
  minor=$(drbdadm sh-minor "$1" 2>/dev/null) || true
  [[ $minor =~ ^[0-9]+$ ]] \
    || fail "volume $1 is not in this mirror's DRBD configuration (expected /etc/drbd.d/$1.res; drbd-configure.sh" \
      "installs it)"
  printf '%s\n' "$minor"
}

# find_minors VOLUME...: sets minors[VOLUME] by one call for all of them. 1: not every volume is configured; minors has
# those that are.
declare -A minors=()
# shellcheck disable=SC2034  # the result
find_minors() {
  local volume number at=0 numbers=() missing=0
  mapfile -t numbers < <(exec drbdadm sh-minor "$@" 2>/dev/null)
  if [[ ${#numbers[@]} == "$#" && "${numbers[*]}" =~ ^[0-9]+(\ [0-9]+)*$ ]]; then
    for volume in "$@"; do minors[$volume]=${numbers[at++]}; done
    return 0
  fi
  for volume in "$@"; do
    unset "minors[$volume]"
    if number=$(minor_of "$volume"); then minors[$volume]=$number; else missing=1; fi
  done
  return "$missing"
}

# read_states [MINOR]: keeps what the kernel says of all volumes, or of one, for state_of. Whoever looks at many volumes
# reads the file once, and sees them at one moment. It is read at once (mapfile): `read` seeks back to the end of each
# line, and the kernel writes the page anew for each such step. A line that grew in between (Connected -> WFConnection)
# would hide the next volume, or give it this one's figures.
declare -A states=()
read_states() {
  local line minor='' lines=()
  states=()
  [[ -r $proc_drbd ]] || return 0
  mapfile -t lines <"$proc_drbd"
  for line in "${lines[@]}"; do
    # With dozens of volumes most lines are about another one.
    if [[ $# == 1 && -z $minor && $line != *([ ])"$1: cs:"* ]]; then continue; fi
    if [[ $line =~ ^\ *([0-9]+):\ cs: ]]; then
      [[ $# == 0 || -z $minor ]] || break
      minor=${BASH_REMATCH[1]}
    fi
    [[ -z $minor ]] || states[$minor]+=$line$'\n'
  done
}

# state_of MINOR: sets cs role peer_role disk peer_disk received_kib oos_kib percent, as read_states saw it; cs, role
# and disk are Unconfigured when it is down. Also sets seconds_left, of a running synchronisation, as the kernel
# reckons; and suspended: yes when reads and writes wait (drbd_proc.c: the first of the flags behind the protocol, which
# is blank when StandAlone).
# shellcheck disable=SC2034  # the variables are the result
state_of() {
  local first=${states[$1]:-} rest
  cs=Unconfigured role=Unconfigured peer_role=Unknown disk=Unconfigured peer_disk=DUnknown
  received_kib=0 oos_kib=0 percent='' seconds_left='' suspended=no
  rest=${first#*$'\n'} first=${first%%$'\n'*}
  if [[ $first =~ ^\ *[0-9]+:\ cs:([A-Za-z]+) ]]; then cs=${BASH_REMATCH[1]}; fi
  if [[ $first =~ ro:([A-Za-z]+)/([A-Za-z]+)\ ds:([A-Za-z]+)/([A-Za-z]+) ]]; then
    role=${BASH_REMATCH[1]} peer_role=${BASH_REMATCH[2]} disk=${BASH_REMATCH[3]} peer_disk=${BASH_REMATCH[4]}
  fi
  if [[ $first =~ \ ds:[A-Za-z]+/[A-Za-z]+\ .\ s ]]; then suspended=yes; fi
  if [[ $rest =~ nr:([0-9]+) ]]; then received_kib=${BASH_REMATCH[1]}; fi
  if [[ $rest =~ oos:([0-9]+) ]]; then oos_kib=${BASH_REMATCH[1]}; fi
  if [[ $rest =~ sync\'ed:\ *([0-9.]+)% ]]; then percent=${BASH_REMATCH[1]}; fi
  if [[ -n $percent && $rest =~ finish:\ ([0-9]+):([0-9]+):([0-9]+) ]]; then
    seconds_left=$((10#${BASH_REMATCH[1]} * 3600 + 10#${BASH_REMATCH[2]} * 60 + 10#${BASH_REMATCH[3]}))
  fi
}

# read_state MINOR: both, for one volume. What read_states saw before stays.
read_state() {
  local -A states=()
  read_states "$1"
  state_of "$1"
}

# device_bytes MINOR: sets bytes to the size by the kernel's own figure. That works for a Secondary, too, whose device
# cannot be opened. 1: it is not there.
device_bytes() {
  local sectors
  [[ -r /sys/block/drbd$1/size ]] || return 1
  read -r sectors <"/sys/block/drbd$1/size" || return 1
  # shellcheck disable=SC2034  # the result
  bytes=$((sectors * 512))
}

# state_words: sets words to the state last read, for messages. No process: a script may wait for the next state.
state_words() {
  printf -v words 'connection %s, roles %s/%s, disks %s/%s%s' \
    "$cs" "$role" "$peer_role" "$disk" "$peer_disk" "${percent:+, $percent % synced}"
}

# seen: prints it.
seen() {
  local words
  state_words
  printf '%s' "$words"
}

# connected: whether the peer answers, in any kind of synchronisation.
connected() {
  case $cs in
    Connected | StartingSync? | WFBitMap? | WFSyncUUID | SyncSource | SyncTarget | PausedSync?) return 0 ;;
    Verify? | Ahead | Behind) return 0 ;;
    *) return 1 ;;
  esac
}

# Of the state last read. both_up_to_date: neither copy lacks anything, whatever goes on between them (a comparison).
both_up_to_date() { [[ $disk == UpToDate && $peer_disk == UpToDate ]]; }
# whole: so, and nothing goes on between them.
whole() { [[ $cs == Connected ]] && both_up_to_date; }
