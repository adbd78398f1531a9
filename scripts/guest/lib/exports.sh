# shellcheck shell=bash
# What a new document does to exports that the running servers hold on to. Needs iscsi.sh and attached.sh.

# nbd_devices FILE: lines "NAME DEVICE" of an NBD configuration.
nbd_devices() {
  [[ -r $1 ]] || return 0
  awk '/^[ \t]*\[/ { name = $1; gsub(/[][]/, "", name) }
       /^[ \t]*exportname[ \t]*=/ { sub(/^[^=]*=[ \t]*/, ""); print name, $1 }' "$1"
}

# moved_exports OLD NEW: of lines "NAME DEVICE", the names that both have,
# with another device. Servers keep the device of a name.
moved_exports() {
  awk -v old="$1" '
    BEGIN {
      n = split(old, line, "\n")
      for (i = 1; i <= n; i++) { split(line[i], part, " "); device[part[1]] = part[2] }
    }
    NF && ($1 in device) && device[$1] != $2 { printf "%s from %s to %s\n", $1, device[$1], $2 }' <<<"$2"
}

# gone_exports OLD NEW: of lines "NAME DEVICE", those whose name NEW has not.
gone_exports() {
  awk -v new="$2" '
    BEGIN { n = split(new, line, "\n"); for (i = 1; i <= n; i++) { split(line[i], part, " "); stays[part[1]] = 1 } }
    NF && !($1 in stays)' <<<"$1"
}

# none_open_by_nbd LINE...: of lines "NAME DEVICE", nobody has a device open;
# otherwise who, in $holders. Somebody who is just connecting counts.
# shellcheck disable=SC2034  # read by the caller
none_open_by_nbd() {
  local line name device found address
  holders=
  (($# > 0)) || return 0
  while read -r found address; do
    for line in "$@"; do
      read -r name device <<<"$line"
      if [[ $found == "$device" || $found == - ]]; then holders+="$name from $address; "; fi
    done
  done < <(nbd_clients | sort -u)
  [[ -z $holders ]]
}

# none_open IQN...: nobody has one of the targets open; otherwise who, in $holders. No answer of tgtd counts as open.
# shellcheck disable=SC2034  # read by the caller
none_open() {
  local iqn addresses
  holders=
  for iqn in "$@"; do
    addresses=$(target_sessions "$iqn") || addresses='an unknown address (tgtd does not answer)'
    [[ -z $addresses ]] || holders+="$iqn from ${addresses//$'\n'/ }; "
  done
  [[ -z $holders ]]
}
