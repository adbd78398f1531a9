# shellcheck shell=bash
# Whom a new document admits, against who has a volume open. Needs group.sh and attached.sh.

# admitted_by NBD_CONFIG TARGETS: lines "DEVICE ADDRESS" of what two files of a document admit; address lists are looked up in `content`.
admitted_by() {
  local device path
  if [[ -n $1 ]]; then
    while read -r device path; do
      [[ -z ${content[$path]:-} ]] || sed -n "s|^\\([0-9][0-9.]*\\)\$|$device \\1|p" "${content[$path]}"
    done < <(awk '$1 == "exportname" { device = $3 } $1 == "authfile" { print device, $3 }' "$1")
  fi
  # A target that admits loopback alone admits nobody.
  [[ -z $2 ]] || awk '
    $1 == "<backing-store" { device = $2; sub(/>$/, "", device) }
    $1 == "initiator-address" && $2 != "127.0.0.1" { print device, $2 }' "$2"
}

# open_sessions GROUP: lines "DEVICE ADDRESS" of clients that have a volume open now, by either protocol.
open_sessions() {
  { nbd_clients; iscsi_sessions "$1"; } | awk '$1 != "-" { print $1, $2 }' | sort -u
}

# displaced GROUP ADMITTED: sessions of a host that would no longer be admitted, on volumes that another host would be. A session outlives the
# admission that it was opened with: admitting the other host beside it would make two writers.
displaced() {
  open_sessions "$1" | awk -v admitted="$2" '
    BEGIN { n = split(admitted, line, "\n"); for (i = 1; i <= n; i++) if (line[i] != "") { split(line[i], part, " "); given[part[1]]++; known[line[i]] = 1 } }
    ($1 in given) && !(($1 " " $2) in known) { print }'
}
