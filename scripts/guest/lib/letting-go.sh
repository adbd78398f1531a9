# shellcheck shell=bash
# Who would lose an export by a new document, and may still have it open: QEMU whose connection was cut by a switch or a failover has no session before
# its guest next reads or writes, so that no server knows of it. Its KVM host does (scripts/host/exports-unused.sh). Needs durable.sh and iscsi.sh.

# admissions NBD_CONFIG TARGETS FILE_OF: lines "DEVICE ADDRESS PROTOCOL NAME" of what two files admit; `FILE_OF PATH` says where an address list is.
admissions() {
  local name device path list
  if [[ -r $1 ]]; then
    while read -r name device path; do
      list=$("$3" "$path")
      [[ ! -r $list ]] || sed -n "s|^\\([0-9][0-9.]*\\)\$|$device \\1 nbd $name|p" "$list"
    done < <(awk '/^[ \t]*\[/ { name = $1; gsub(/[][]/, "", name) } $1 == "exportname" { device = $3 } $1 == "authfile" { print name, device, $3 }' "$1")
  fi
  # A target that admits loopback alone admits nobody.
  [[ ! -r $2 ]] || awk '
    /^[ \t]*<target / { iqn = $2; sub(/>$/, "", iqn) }
    $1 == "<backing-store" { device = $2; sub(/>$/, "", device) }
    $1 == "initiator-address" && $2 != "127.0.0.1" { print device, $2, "iscsi", iqn }' "$2"
}

itself() { printf '%s\n' "$1"; }
# shellcheck disable=SC2154  # set by group-configure.sh
in_document() { printf '%s\n' "${content[$1]:-/dev/null}"; }

# shellcheck disable=SC2154  # of durable.sh
admitted_record() { printf '%s/groups/%s.admitted\n' "$record_dir" "$1"; }

# admissions_before GROUP: who was admitted, on record or by the files that are installed: also those whose admission a document has taken away since,
# and of whom nobody has said that they let go.
admissions_before() {
  local record
  record=$(admitted_record "$1")
  { [[ ! -e $record ]] || cat "$record"; admissions "/etc/nbd-server/kvm-mirror-$1.conf" "$(targets_file "$1")" itself; } | sort -u
}

# letting_go BEFORE AFTER EXPORTS: of the admissions BEFORE, those on a device that AFTER gives to another address, and those of an export ("DEVICE
# PROTOCOL NAME") that is not among EXPORTS any more.
letting_go() {
  awk -v after="$2" -v exports="$3" '
    BEGIN {
      n = split(after, line, "\n"); for (i = 1; i <= n; i++) if (line[i] != "") { split(line[i], part, " "); given[part[1]] = 1; stays[part[1] " " part[2]] = 1 }
      n = split(exports, line, "\n"); for (i = 1; i <= n; i++) exported[line[i]] = 1
    }
    NF && (!(($1 " " $3 " " $4) in exported) || (($1 in given) && !(($1 " " $2) in stays)))' <<<"$1"
}
