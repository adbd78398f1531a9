# shellcheck shell=bash
# One ssh connection to a machine for all that `pulumi up` does there. With a dozen volumes, a login for each command
# exceeds sshd's MaxStartups (10:30:100 unless set). A connection that sshd refused before it began is tried again:
# nothing has been run then. Needs ssh-options.sh.
# shellcheck disable=SC2154  # set there
#   KVM_MIRROR_SHARE=no   a connection of its own for each command: for failovers, and to ask whether a machine is
#                         alive. A shared connection may lead to a machine that is gone, and would be found dead only
#                         after KVM_MIRROR_SILENCE

# sshd's MaxSessions is 10 unless set.
readonly sessions_per_connection=8 shared_connections=4
# Seconds for which a connection that nobody uses is kept.
readonly kept_for=60

# control_directory: prints a directory of this user alone for the connections' sockets: whoever can open a socket is
# logged in. 1 when there is none.
control_directory() {
  local base directory
  for base in "${XDG_RUNTIME_DIR:-}" "${HOME:+$HOME/.cache}"; do
    [[ -n $base ]] || continue
    directory=$base/kvm-mirror-ssh
    (umask 077 && mkdir -p "$directory") 2>/dev/null || continue
    # A socket's path may have 107 characters, and ssh adds 17 while it makes one.
    if [[ -O $directory && ! -L $directory && $(stat -c %a "$directory") == 700 && ${#directory} -le 60 ]]; then
      printf '%s\n' "$directory"
      return
    fi
  done
  return 1
}

# refused_before_it_began FILE: by ssh's messages in FILE, sshd closed the connection before it named itself. It does so
# beyond MaxStartups.
refused_before_it_began() {
  grep -Eq '^(kex_exchange_identification|ssh_exchange_identification|banner exchange): ' "$1"
}

# patiently FILE COMMAND...: runs an ssh that writes its messages to FILE. While it is refused before it began, it is
# run again, up to 8 times within half a minute. The messages of the last try are printed.
patiently() {
  local words=$1 status try
  shift
  for try in 1 2 3 4 5 6 7 8 last; do
    status=0
    : >"$words"
    "$@" || status=$?
    if [[ $status != 255 || $try == last ]] || ! refused_before_it_began "$words"; then break; fi
    # Not all at the same time again: 0.2 s to 0.7 s at first, up to 7 s at last.
    sleep "$(awk -v try="$try" -v seed="$RANDOM" '
      BEGIN { srand(seed); wait = 0.2 * 1.6 ^ try; if (wait > 4) wait = 4; print wait * (0.6 + rand()) }')"
  done
  cat "$words" >&2
  return "$status"
}

# take_place DIRECTORY NAME: finds a place on one of the connections NAME and holds it until this (sub)shell ends. Sets
# socket. 1: all are taken.
take_place() {
  local place
  for ((place = 0; place < sessions_per_connection * shared_connections; place++)); do
    exec {held}>>"$1/$2.$((place / sessions_per_connection)).place$place"
    if flock -n "$held"; then
      socket=$1/$2.$((place / sessions_per_connection))
      return
    fi
    exec {held}>&-
  done
  return 1
}

# connect SOCKET FILE OPTION... DESTINATION: makes the connection of this socket, one process at a time. 0: it stands.
# ssh's messages go to FILE.
connect() {
  local socket=$1 words=$2
  shift 2
  # shellcheck disable=SC2317  # called by patiently
  # It has no output of ours open: whoever waits for the end of our output must not wait for it.
  in_background() {
    ssh -o ControlMaster=yes -o ControlPath="$socket" -o ControlPersist="$kept_for" \
      -f -N -T "${@:1:$#-1}" -- "${!#}" </dev/null >/dev/null 2>>"$words"
  }
  (
    exec {turn}>>"$socket.turn"
    flock -w 60 "$turn" || true
    if ssh -O check -o ControlPath="$socket" -- "${!#}" >/dev/null 2>&1; then exit 0; fi
    rm -f "$socket"
    patiently "$words" in_background "$@" {turn}>&-
  )
}

# connection_name DESTINATION OPTION...: a name made of all that decides which machine is reached, and as whom. The
# pinned host key is one of the options.
connection_name() { printf '%s\0' "$@" "${ssh_options[@]}" "${SSH_AUTH_SOCK:-}" | sha256sum | cut -c 1-20; }

# forget_connections DESTINATION OPTION...: ends those that stand: the machine there may be another one by now.
forget_connections() {
  local directory name socket
  directory=$(control_directory) || return 0
  name=$(connection_name "$@")
  for socket in "$directory/$name".[0-9]; do
    if [[ -S $socket ]]; then ssh -O exit -o ControlPath="$socket" -- "$1" >/dev/null 2>&1 || rm -f "$socket"; fi
  done
}

# run_ssh DESTINATION COMMAND OPTION...: runs COMMAND there, by a shared connection. Returns ssh's exit code.
run_ssh() (
  trap - ERR
  destination=$1 command=$2 socket='' words=$(mktemp)
  trap 'rm -f "$words"' EXIT
  shift 2
  options=("${ssh_options[@]}" "$@")
  if [[ ${KVM_MIRROR_SHARE:-yes} == yes ]] && directory=$(control_directory); then
    name=$(connection_name "$destination" "$@")
    if take_place "$directory" "$name"; then
      connect "$socket" "$words" "${options[@]}" "$destination" || exit
      status=0
      ssh -o ControlMaster=no -o ControlPath="$socket" "${options[@]}" -- "$destination" "$command" {held}>&- \
        || status=$?
      exit "$status"
    fi
  fi
  patiently "$words" ssh -E "$words" -o ControlPath=none "${options[@]}" -- "$destination" "$command"
)
