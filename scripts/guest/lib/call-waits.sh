# shellcheck shell=bash
# Tools that wait in the kernel, where nothing ends them.

# call_waits NAMES SECONDS: one of these programs (a regular expression) has waited there for as long. While one does,
# no look adds another.
call_waits() {
  local file stat uptime fields
  read -r uptime _ </proc/uptime
  for file in /proc/[0-9]*/stat; do
    { read -r stat <"$file"; } 2>/dev/null || continue
    # proc(5): PID (NAME) STATE …, and its start as the 22nd, in hundredths of a second after boot.
    [[ $stat =~ ^[0-9]+\ \(($1)\)\ (D\ .*) ]] || continue
    # NAMES may have groups of their own.
    read -r -a fields <<<"${BASH_REMATCH[${#BASH_REMATCH[@]} - 1]}"
    if ((${uptime%.*} - fields[19] / 100 >= $2)); then return 0; fi
  done
  return 1
}
