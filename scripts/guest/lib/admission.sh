# shellcheck shell=bash
# Whom a new document admits, against who has a volume open. Needs group.sh and attached.sh.

# open_sessions GROUP: lines "DEVICE ADDRESS" of clients that have a volume open now,
# by either protocol; "-" stands for a device that is not known
# (yet), an NBD client's that is just connecting, and for the address of iSCSI sessions when tgtd does not answer.
open_sessions() {
  nbd_clients
  if systemctl is-active --quiet tgt.service; then iscsi_sessions "$1" || printf '%s\n' '- -'; fi
}

# displaced GROUP ADMITTED: sessions of a host that would no longer be admitted,
# on volumes that another host would be; ADMITTED has each "DEVICE ADDRESS" once. A session outlives the
# admission that it was opened with: admitting the other host beside it would
# make two writers. What is not known counts as displaced.
displaced() {
  open_sessions "$1" | sort -u | awk -v admitted="$2" '
    BEGIN {
      n = split(admitted, line, "\n")
      for (i = 1; i <= n; i++) {
        if (line[i] == "") continue
        split(line[i], part, " ")
        if (!(part[1] in given)) devices++
        given[part[1]] = 1; known[line[i]] = 1; named[part[2]]++
      }
    }
    $1 == "-" {
      if (named[$2] < devices) print "a device not known yet", $2 == "-" ? "(tgtd does not answer)" : $2
      next
    }
    ($1 in given) && !(($1 " " $2) in known) { print $1, $2 }'
}

# hold_admissions GROUP ROWS: from here on only those are admitted who were before and are
# by the new document (its files in `mode` and `content`, its exports in ROWS): nobody opens a
# volume between the check and the installation. restore_admissions puts back what was.
# shellcheck disable=SC2154  # set by group-configure.sh
hold_admissions() {
  local path running tid iqn present wanted address kept
  for path in "${!mode[@]}"; do
    if [[ $path != *.allow || ! -e $path ]] || cmp -s "${content[$path]}" "$path"; then continue; fi
    held["$path"]=$(<"$path")
    { grep -Fx -f "${content[$path]}" "$path" || printf '# nobody, until it is known who has the volume open\n'; } \
      | write_durably "$path" 0644
  done
  if ! systemctl is-active --quiet tgt.service; then return 0; fi
  running=$(running_targets) || return 1
  while read -r tid iqn present; do
    wanted=$(targets_in "$2" | awk -v iqn="$iqn" '$1 == iqn { $1 = $2 = ""; print }')
    [[ -n $wanted ]] || continue
    kept=
    for address in $present; do
      if [[ " $wanted " == *" $address "* ]]; then kept+=" $address"; fi
    done
    # Loopback alone is nobody; no address at all would be everybody.
    admit_only "$tid" "${kept:-127.0.0.1}" "$present" || return 1
  done <<<"$running"
}

restore_admissions() {
  local path
  for path in "${!held[@]}"; do printf '%s\n' "${held[$path]}" | write_durably "$path" 0644; done
  if systemctl is-active --quiet tgt.service; then
    serve_targets "$1" || say "tgtd did not take the targets of group $1 back; its error message is above"
  fi
}
