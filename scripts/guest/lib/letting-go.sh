# shellcheck shell=bash
# Who would lose an export by a new document, and may still have it open: QEMU whose
# connection was cut by a switch or a failover has no session before
# its guest next reads or writes, so that no server knows of it. Its KVM host does
# (scripts/host/exports-unused.sh). Needs durable.sh and iscsi.sh.

# exports ENV NBD_CONFIG TARGETS: lines "DEVICE EXPORT FILE" of a group's files; EXPORT
# is nbd:VIP:PORT/NAME or iscsi:VIP:PORT/IQN, FILE the address list
# of an NBD export.
exports() {
  local vip nbd iscsi
  [[ -r $1 ]] || return 0
  vip=$(sed -n 's/^VIP=//p' "$1") nbd=$(sed -n 's/^NBD_PORT=//p' "$1") iscsi=$(sed -n 's/^ISCSI_PORT=//p' "$1")
  [[ ! -r $2 ]] || awk -v at="nbd:$vip:${nbd:-10809}/" '
    /^[ \t]*\[/ { name = $1; gsub(/[][]/, "", name) }
    $1 == "exportname" { device = $3 }
    $1 == "authfile" { print device, at name, $3 }' "$2"
  target_devices "$3" | awk -v at="iscsi:$vip:${iscsi:-3260}/" '{ print $2, at $1, "-" }'
}

# admissions ENV NBD_CONFIG TARGETS FILE_OF: lines "DEVICE ADDRESS EXPORT" of
# what they admit; `FILE_OF PATH` says where an address list is.
admissions() {
  local device what path list
  while read -r device what path; do
    if [[ $what == iscsi:* ]]; then
      # A target that admits loopback alone admits nobody.
      wanted_targets "$3" | awk -v iqn="${what##*/}" -v device="$device" -v what="$what" '
        $1 == iqn { for (i = 2; i <= NF; i++) if ($i != "127.0.0.1") print device, $i, what }'
    else
      list=$("$4" "$path")
      [[ ! -r $list ]] || sed -n "s|^\\([0-9][0-9.]*\\)\$|$device \\1 $what|p" "$list"
    fi
  done < <(exports "$1" "$2" "$3")
}

itself() { printf '%s\n' "$1"; }
# shellcheck disable=SC2154  # set by group-configure.sh
in_document() { printf '%s\n' "${content[$1]:-/dev/null}"; }

# shellcheck disable=SC2154  # of durable.sh
admitted_record() { printf '%s/groups/%s.admitted\n' "$record_dir" "$1"; }

# admissions_before GROUP: who was admitted, on record or by the files that are
# installed: also those whose admission a document has taken away since,
# and of whom nobody has said that they let go.
admissions_before() {
  local record
  record=$(admitted_record "$1")
  {
    [[ ! -e $record ]] || cat "$record"
    admissions "/etc/kvm-mirror/$1.env" "/etc/nbd-server/kvm-mirror-$1.conf" "$(targets_file "$1")" itself
  } | sort -u
}

# admissions_elsewhere GROUP: those on record for the other groups: a volume may have changed its group.
admissions_elsewhere() {
  local record own
  own=$(admitted_record "$1")
  for record in "$(dirname "$own")"/*.admitted; do [[ ! -e $record || $record == "$own" ]] || cat "$record"; done
}

# given_away BEFORE AFTER: of the admissions BEFORE, those on a device that AFTER gives to another address.
given_away() {
  awk -v after="$2" '
    BEGIN {
      n = split(after, line, "\n")
      for (i = 1; i <= n; i++) {
        if (line[i] == "") continue
        split(line[i], part, " ")
        given[part[1]] = 1; stays[part[1] " " part[2]] = 1
      }
    }
    NF && ($1 in given) && !(($1 " " $2) in stays)' <<<"$1"
}

# export_gone BEFORE EXPORTS: of the admissions BEFORE, those by an export
# that is not among EXPORTS ("DEVICE EXPORT …") any more.
export_gone() {
  awk -v exports="$2" '
    BEGIN {
      n = split(exports, line, "\n")
      for (i = 1; i <= n; i++) { split(line[i], part, " "); stays[part[1] " " part[2]] = 1 }
    }
    NF && !(($1 " " $3) in stays)' <<<"$1"
}

# forget LOSING AFTER: those who were asked and have let go are taken from the records of all groups; the others stay.
forget() {
  local record
  for record in "$record_dir"/groups/*.admitted; do
    comm -23 <(sort -u "$record") <(comm -23 <(sort -u <<<"$1") <(sort -u <<<"$2")) | write_durably "$record" 0644
  done
}
