# shellcheck shell=bash
# Source this: the steps of a long job, each with its own log file, reported on stderr. Set LOGS to the directory of the
# log files first.
#   begin_step NAME TITLE COMMAND…   starts a step beside those that run already. Its output goes to LOGS/NAME.log
#   finish_steps                     waits for the steps begun. When one fails, ends the others, shows the end of its
#                                    log, and exits
#   step NAME TITLE COMMAND…         begin_step and finish_steps
# A long step says every HEARTBEAT seconds that it is running, and what works in it (lib/at-work.sh).

# shellcheck source=lab/lib/at-work.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/at-work.sh"

HEARTBEAT=${HEARTBEAT:-30}
declare -A step_title=() step_start=() step_name=() # by process id
step_times=()

clock() { printf '%d:%02d' $(($1 / 60)) $(($1 % 60)); }
tell() { printf '[%5s] %s\n' "$(clock "$SECONDS")" "$*" >&2; }

begin_step() {
  local name=$1 title=$2 pid
  shift 2
  : >"$LOGS/$name.log"
  tell "$title …"
  set -m # a process group of its own, so that it can be ended with all that it started
  "$@" </dev/null >"$LOGS/$name.log" 2>&1 &
  pid=$!
  set +m
  step_title[$pid]=$title step_start[$pid]=$SECONDS step_name[$pid]=$name
}

end_steps() {
  local pid
  for pid in "${!step_name[@]}"; do kill -TERM -- "-$pid" 2>/dev/null || true; done
}

finish_steps() {
  local pid status beat=$SECONDS
  trap 'end_steps' EXIT
  trap 'exit 130' INT TERM HUP
  while ((${#step_name[@]})); do
    for pid in "${!step_name[@]}"; do
      [[ -d /proc/$pid && $(cut -d' ' -f3 <"/proc/$pid/stat" 2>/dev/null) != Z ]] && continue
      status=0
      wait "$pid" || status=$?
      step_ended "$pid" "$status"
    done
    if ((SECONDS - beat >= HEARTBEAT)); then
      beat=$SECONDS
      for pid in "${!step_name[@]}"; do
        tell "${step_title[$pid]}: running for $(clock $((SECONDS - step_start[$pid]))) |" \
          "$(at_work "$LOGS/${step_name[$pid]}.log")"
      done
    fi
    sleep 0.2
  done
  trap - EXIT INT TERM HUP
}

step_ended() { # PID STATUS
  local title=${step_title[$1]} name=${step_name[$1]} took=$((SECONDS - step_start[$1]))
  unset "step_title[$1]" "step_name[$1]" "step_start[$1]"
  if (($2 == 0)); then
    step_times+=("$(printf '%7s  %s' "$(clock "$took")" "$title")")
    tell "$title: done in $(clock "$took")"
    return
  fi
  tell "$title: FAILED with exit status $2 after $(clock "$took"). The end of $LOGS/$name.log:"
  tail --lines 25 "$LOGS/$name.log" | sed 's/^/        /' >&2
  exit 1
}

step() {
  begin_step "$@"
  finish_steps
}
