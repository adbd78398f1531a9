# shellcheck shell=bash
# What a group exports, from which device, and to whom: /etc/kvm-mirror/GROUP.exports, a part of the group's document
# (src/render/exports/exportTable.ts). One line an export:
#   VOLUME PROTOCOL ADDRESS:PORT/NAME DEVICE ADMITTED
# NAME is what a client asks for: NBD's export name, iSCSI's target. ADMITTED has the addresses that may open it, with
# commas between them, or "-": nobody. The servers' own files are made from the same plan, and nothing reads them back.
# ROWS are such lines. An EXPORT is PROTOCOL:ADDRESS:PORT/NAME, by which KVM hosts are asked for it.

export_columns='# volume protocol address:port/name device admitted'
# The protocols are those that these scripts serve, and whose clients they see.
export_row='^[A-Za-z0-9_-]+ (nbd|iscsi) [0-9.]+:[0-9]+/[A-Za-z0-9_.:-]+ /dev/drbd[0-9]+ (-|[0-9.]+(,[0-9.]+)*)$'

# read_exports FILE [NAME]: the rows of a table. 1, with the reason: it is none, or has one export twice. With half a
# table it would seem that a client was never admitted.
read_exports() {
  local name=${2:-$1} lines=() line protocol place number=1
  local -A seen=()
  mapfile -t lines <"$1" || return 1
  [[ ${lines[0]:-} == "$export_columns" ]] || {
    say "$name does not begin with the line '$export_columns'"
    return 1
  }
  for line in "${lines[@]:1}"; do
    number=$((number + 1))
    [[ $line =~ $export_row ]] || {
      say "line $number of $name is no export: $line"
      return 1
    }
    read -r _ protocol place _ <<<"$line"
    place=$protocol:$place
    [[ -z ${seen[$place]:-} ]] || {
      say "$name has $place twice"
      return 1
    }
    seen[$place]=yes
    printf '%s\n' "$line"
  done
}

# exports_of GROUP: the rows of a group of this mirror; none when it is not configured here.
exports_of() {
  local table=/etc/kvm-mirror/$1.exports
  if [[ ! -e $table ]]; then
    "${BASH_SOURCE[0]%/*}/../old-exports.sh" "$1" || return 1
    return 0
  fi
  read_exports "$table" || {
    say "$table is damaged, so it is unknown what group $1 exports, and to whom. The other mirror has the same file:" \
      "copy it from there"
    return 1
  }
}

# exports ROWS: lines "DEVICE EXPORT".
exports() { awk 'NF { print $4, $2 ":" $3 }' <<<"$1"; }

# admissions ROWS: lines "DEVICE ADDRESS EXPORT".
admissions() {
  awk 'NF && $5 != "-" {
    n = split($5, address, ",")
    for (i = 1; i <= n; i++) print $4, address[i], $2 ":" $3
  }' <<<"$1"
}

# moved_exports OLD NEW: of lines "DEVICE EXPORT", the names that both have, with another device. Servers keep the
# device of a name. OLD may have one export with several devices.
moved_exports() {
  awk 'NR == FNR { if (NF) device[$2] = $1; next }
    ($2 in device) && device[$2] != $1 {
      name = $2
      sub(/^[^\/]*\//, "", name)
      printf "%s from %s to %s\n", name, $1, device[$2]
    }' <(printf '%s\n' "$2") <(printf '%s\n' "$1")
}

# gone_exports OLD NEW: of lines "DEVICE EXPORT", those whose export NEW has not.
gone_exports() {
  awk 'NR == FNR { if (NF) stays[$2] = 1; next } NF && !($2 in stays)' <(printf '%s\n' "$2") <(printf '%s\n' "$1")
}
