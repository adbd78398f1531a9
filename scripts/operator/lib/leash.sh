# shellcheck shell=bash
# Ends a script, with all that it has started here, when whoever started it is gone:
# - the script itself was killed: on Ctrl-C the official command plugin kills it, and it alone;
# - pulumi was killed, and its plugins live on. The script runs once more in a process group of its own. This process
# waits for it and passes its exit code on. What it has begun on a mirror comes to its end there.

# parent_of PID: sets parent; 1 when there is no such process. A name may hold spaces and brackets.
parent_of() {
  local stat
  { read -r -d '' stat || [[ -n ${stat:-} ]]; } 2>/dev/null <"/proc/$1/stat" || return 1
  read -r _ parent _ <<<"${stat##*)}"
}

# find_callers: sets links: "CHILD PARENT" from this process to the one that started it, and on to pulumi if that is
# among its ancestors. Other ancestors may end: closing a terminal does not end `nohup pulumi up`.
find_callers() {
  local pid=$$ name found=()
  links=()
  while ((pid > 1)) && parent_of "$pid" && ((parent > 0)); do
    found+=("$pid $parent")
    if ((${#found[@]} == 1)); then links=("${found[@]}"); fi
    { read -r name <"/proc/$parent/comm"; } 2>/dev/null || break
    if [[ $name == pulumi ]]; then
      links=("${found[@]}")
      break
    fi
    pid=$parent
  done
}

# watch_callers PID: ends the process group when a link is broken; ends with process PID.
watch_callers() {
  local link parent tries
  trap '' TERM INT HUP
  # A pipe that never says anything: a second of waiting without a process for it.
  exec {never}<> <(:)
  while parent_of "$1"; do
    for link in "${links[@]}"; do
      if parent_of "${link% *}" && [[ $parent == "${link#* }" ]]; then continue; fi
      kill -TERM 0
      for ((tries = 0; tries < 5; tries++)); do
        parent_of "$1" || break
        read -r -t 1 -u "$never" || true
      done
      kill -KILL 0
    done
    read -r -t 1 -u "$never" || true
  done
}

if [[ ${KVM_MIRROR_LEASH:-} == held ]]; then
  # The script itself: this is its second run.
  export KVM_MIRROR_LEASH=passed
  find_callers
  watch_callers "$$" >/dev/null 2>&1 </dev/null &
  disown "$!"
  unset links parent
elif [[ -z ${KVM_MIRROR_LEASH:-} && ${BASH_SOURCE[-1]} == "$0" && -e /proc/self/stat ]]; then
  # A group in the background may not read from a terminal.
  [[ ! -t 0 ]] || exec </dev/null
  set -m
  KVM_MIRROR_LEASH=held bash "$0" "$@" <&0 &
  job=$!
  set +m
  # shellcheck disable=SC2064 # the id of now
  trap "kill -TERM -- -$job 2>/dev/null || true" TERM INT HUP
  while :; do
    status=0
    wait "$job" 2>/dev/null || status=$?
    # A signal ends the wait before the script has ended.
    kill -0 "$job" 2>/dev/null || break
  done
  exit "$status"
fi
