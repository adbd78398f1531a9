# shellcheck shell=bash
# Who would lose an export by a new document, and may still have it open: QEMU whose
# connection was cut by a switch or a failover has no session before
# its guest next reads or writes, so that no server knows of it. Its KVM host does
# (scripts/host/exports-unused.sh). Needs exports.sh.

# shellcheck disable=SC2154  # of base.sh
admitted_record() { printf '%s/groups/%s.admitted\n' "$record_dir" "$1"; }

# admissions_before GROUP ROWS: who was admitted, on record or by the exports that the group has: also those whose
# admission a document has taken away since, and of whom nobody has said that they let go.
admissions_before() {
  local record
  record=$(admitted_record "$1")
  {
    [[ ! -e $record ]] || cat "$record"
    admissions "$2"
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
