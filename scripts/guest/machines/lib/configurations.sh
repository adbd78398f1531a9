# shellcheck shell=bash
# Whether the mirrors have the same configuration: of each volume and group one SHA-256 over paths and contents of its
# files, of which a missing one counts, too. Two processes find them all, for with dozens of volumes one for each file
# would take a small mirror seconds. Needs exports.sh.
# shellcheck disable=SC2034  # the result

# NAME: the files that count, a line each.
declare -A configured=()
# NAME: its SHA-256.
declare -A configuration=()

# find_configurations: sets configuration by what configured says.
find_configurations() {
  local name file hash text fd at=0 names=() texts=()
  local -A hashes=() present=()
  for name in "${!configured[@]}"; do
    while IFS= read -r file; do if [[ -r $file ]]; then present[$file]=yes; fi; done <<<"${configured[$name]}"
  done
  if ((${#present[@]} > 0)); then
    while read -r hash file; do hashes[$file]=$hash; done < <(exec sha256sum "${!present[@]}" 2>/dev/null)
  fi
  for name in "${!configured[@]}"; do
    text=
    while IFS= read -r file; do
      # As sha256sum names its standard input.
      if [[ -n ${hashes[$file]:-} ]]; then text+="$file ${hashes[$file]}  -"; else text+="$file missing"; fi
      text+=$'\n'
    done <<<"${configured[$name]}"
    # Bash makes a pipe of it, or a file where it is long, and ends its last line.
    exec {fd}<<<"${text%$'\n'}"
    names+=("$name") texts+=("$fd")
  done
  configuration=()
  ((${#names[@]} > 0)) || return 0
  while read -r hash _; do configuration[${names[at++]}]=$hash; done < <(exec sha256sum "${texts[@]/#//dev/fd/}")
  for fd in "${texts[@]}"; do exec {fd}<&-; done
}

# files_of_group GROUP: prints the files that say what the group is and whom it admits. Address lists that no export
# names do not count.
files_of_group() {
  local rows volume protocol lists=()
  # A damaged table is another than the peer's.
  rows=$(exports_of "$1") || rows=
  while read -r volume protocol _; do
    if [[ $protocol == nbd ]]; then lists+=("/etc/nbd-server/kvm-mirror-$1-$volume.allow"); fi
  done <<<"$rows"
  printf '%s\n' "/etc/kvm-mirror/$1.env" "/etc/kvm-mirror/$1.exports" "/etc/nbd-server/kvm-mirror-$1.conf"
  ((${#lists[@]} == 0)) || printf '%s\n' "${lists[@]}" | LC_ALL=C sort
  printf '%s\n' "/etc/tgt/kvm-mirror/$1.conf"
}
