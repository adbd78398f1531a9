# shellcheck shell=bash
# shellcheck disable=SC2034 # clock: for those who source this
# Source this: slowed time. By their own clocks emulated guests are about as fast as on hardware when a second of theirs
# takes some seconds of the machine (docs/slowed-time.md). libfaketime does it, for one program at a time.

# guests_clock STATE: sets clock to variables for a program that starts now and shares the guests' clock, and so has
# time-outs and waits as long as theirs. That clock showed what the machine's showed when the lab began, and has been
# slower since. STATE is the lab's directory. Where time is not slowed, there are none.
guests_clock() {
  local slow epoch
  clock=()
  # A program that shares it already passes it on.
  [[ -s $1/.slowed && -z ${FAKETIME:-} ]] || return 0
  read -r slow epoch <"$1/.slowed"
  clock=(
    LD_PRELOAD=/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1
    FAKETIME="$(awk -v now="$EPOCHREALTIME" -v slow="$slow" -v epoch="$epoch" \
      'BEGIN { printf "%.6fs x%.9f", (epoch - now) * (1 - 1 / slow), 1 / slow }')"
  )
}
