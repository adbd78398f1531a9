#!/usr/bin/env bash
# group-configure.sh GROUP [--check] [--others=OTHER,...] [ADDRESS...]
# group-configure.sh GROUP --losing
#
# Installs the files of an export group from one document on stdin: a line "==> PATH MODE" begins a file, the lines up
# to the next such line are its content. Paths are /etc/kvm-mirror/NAME.KIND, or are under /etc/nbd-server or /etc/tgt.
# Each file appears whole, by rename. Files that an earlier document of the same group had, and this one has not, are
# removed (an address list is emptied instead: nbd-server takes a missing list for permission to everybody).
#   --check     says what it would refuse, waits as long for it, and changes nothing. stdout: "serving" when the group
#               runs here, else "idle". The answer holds for the moment: configure-group.sh asks both mirrors before it
#               has either of them install
#   --losing    only says whom to ask, and of what: lines "ADDRESS PROTOCOL:VIP:PORT/NAME"
#   --others    the other groups of the stack
#   ADDRESS...  the KVM hosts that were asked, and said that they have let go (scripts/operator/configure-group.sh asks)
# What running servers do with it:
#   - They take changed address lists and targets without losing a session; changed settings of a target that is in use,
#     when the group is next started.
#   - For another list of NBD exports the NBD server is restarted: its clients connect again.
#   - On the other mirror they listen as well, now and at boot, without the VIP.
#   - A volume that is not Primary here yet is left to group-start.sh, which promotes it and then serves it.
# A volume belongs to one group. Another group of the stack (OTHER) that still has it here gets 30 s to be configured
# without it. A group that has it, or the VIP, and that the stack no longer names, was renamed or removed: it is removed
# first (group-remove.sh). A session is not needed to have a volume open: QEMU without one connects when its guest next
# writes. So each KVM host that was admitted to a volume that another host gets now, or by an export that is gone, must
# have let go of it.
# Refuses (3), with nothing installed:
#   - a KVM host that must be asked, and is not among ADDRESSes;
#   - another path, a file of another group, a volume of another group, or a document without the group's env file or
#     table of exports;
#   - a changed VIP, interface or port while the group runs here;
#   - a volume that a host has open (after 30 s), and that the document gives to another host in its place: a session
#     outlives its admission;
#   - while the group runs here, another device for a name that is exported already, or an export that is gone from the
#     document but open (after 30 s).
# Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/../lib/base.sh"
. "$here/lib/document.sh"
. "$here/placement/lib/group.sh"
. "$here/replication/lib/drbd-state.sh"
. "$here/exports/lib/iscsi.sh"
. "$here/exports/lib/attached.sh"
. "$here/exports/lib/admission.sh"
. "$here/exports/lib/letting-go.sh"
. "$here/lib/at-boot.sh"
. "$here/placement/lib/cluster.sh"
. "$here/exports/lib/serving.sh"
. "$here/machines/lib/firewall.sh"

[[ $# -ge 1 ]] || usage
name_or_usage "$1"
group=$1 only_check=no only_losing=no others=
shift
while [[ ${1:-} == --* ]]; do
  case $1 in
    --check) only_check=yes ;;
    --losing) only_losing=yes ;;
    --others=*) others=",${1#--others=}," ;;
    *) usage ;;
  esac
  shift
done
[[ "$*" =~ ^[0-9.\ ]*$ && $others =~ ^[a-zA-Z0-9_,-]*$ ]] || usage
env_file=/etc/kvm-mirror/$group.env table=/etc/kvm-mirror/$group.exports
list=$record_dir/groups/$group.files
umask 077
take_lock "group-$group" 120
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

word='[A-Za-z0-9][A-Za-z0-9._-]*'
# What has no such name in /etc/kvm-mirror is the cluster's, or the key for the peer.
read_document "$work" group "^/etc/(kvm-mirror/${word}[.][a-z]+|(nbd-server|tgt)(/$word)+)\$" "$list"
for path in "$env_file" "$table"; do [[ -n ${mode[$path]:-} ]] || refuse "the document has no $path"; done

# put_back: the admissions that hold_admissions narrowed.
put_back() { [[ $only_check == yes ]] || restore_admissions "$group"; }

nbd_conf=/etc/nbd-server/kvm-mirror-$group.conf
old_rows=$(exports_of "$group") \
  || refuse "it is unknown which KVM hosts would lose an export by the new document; the error message is above"
new_rows=$(read_exports "${content[$table]}" "$table of the document") \
  || refuse "the document's table of exports cannot be used; the error message is above"
new_exports=$(exports "$new_rows")
before=$(admissions_before "$group" "$old_rows")
after=$(admissions "$new_rows")
losing=$({
  given_away "$before"$'\n'"$(admissions_elsewhere "$group")" "$after"
  export_gone "$before" "$new_exports"
} | sort -u)
if [[ $only_losing == yes ]]; then
  if [[ -n $losing ]]; then cut -d ' ' -f 2,3 <<<"$losing"; fi
  exit 0
fi

unasked=$(awk -v asked=" $* " '
  NF && !index(asked, " " $2 " ") { printf "%s%s to %s", separator, $3, $2; separator = ", " }' <<<"$losing")
[[ -z $unasked ]] \
  || refuse "these exports would be closed: $unasked. QEMU there may have one open without a connection, and write" \
    "later. No KVM host has said that its QEMU has closed it. \`pulumi up\` asks the KVM hosts" \
    "(scripts/operator/configure-group.sh)"

# Two groups that serve one volume are two doors for two writers.
if [[ -n $others && $only_check == no ]]; then
  while read -r other _; do
    [[ $others == *",$other,"* ]] || "$here/placement/group-remove.sh" "$other" </dev/null || exit
  done < <(groups_sharing "$group" "${content[$env_file]}" | sort -u -k 1,1)
fi
# Those that the stack no longer names are gone by then, or will be when this is no check.
shared() {
  local other rest
  groups_sharing "$group" "${content[$env_file]}" | { grep ' volume ' || true; } | while read -r other rest; do
    if [[ $only_check == no || -z $others || $others == *",$other,"* ]]; then printf '%s %s\n' "$other" "$rest"; fi
  done
}
none_shared() { [[ -z $(shared) ]]; }
wait_for 30 none_shared \
  || refuse "$(shared | awk '{ printf "volume %s belongs to group %s on this mirror; ", $3, $1 }')it must leave that" \
    "group first. Run \`pulumi up\` again when that group is configured without it"

# Before admissions are held back in the files, where an interrupted run would leave them so.
if [[ $only_check == no ]]; then sed '/^$/d' <<<"$before" | write_durably "$(admitted_record "$group")" 0644; fi

running=no
if [[ -e $active_dir/$group ]]; then
  running=yes
  moved=$(diff <(grep -E '^(VIP|VIP_PREFIX|VIP_INTERFACE|NBD_PORT|ISCSI_PORT)=' "$env_file") \
    <(grep -E '^(VIP|VIP_PREFIX|VIP_INTERFACE|NBD_PORT|ISCSI_PORT)=' "${content[$env_file]}") \
    | grep '^[<>]' | tr '\n' ' ') || true
  [[ -z $moved ]] || refuse "group $group runs here, and its address would change: ${moved% }. Stop the group first:" \
    "group-stop.sh $group"
  load_group "$group"
  had=$VOLUMES
  # The servers may have started with the files of a run that was interrupted before the table: the record has both.
  moved=$(moved_exports "$(
    exports "$old_rows"
    cut -d ' ' -f 1,3 <<<"$before"
  )" "$new_exports" | sort -u)
  [[ -z $moved ]] || refuse "group $group runs here, and a name would mean another device: ${moved//$'\n'/, }. The" \
    "servers would go on with the old device. Stop the group first: group-stop.sh $group"
  admitted=$(cut -d ' ' -f 1,2 <<<"$after" | sort -u)
  nobody_displaced() {
    sessions=$(displaced "$group" "$admitted")
    [[ -z $sessions ]]
  }
  declare -A held=()
  [[ $only_check == yes ]] || hold_admissions "$group" "$new_rows" || {
    put_back
    fail "tgtd did not change whom it admits; its error message is above"
  }
  if ! wait_for 30 nobody_displaced; then
    put_back
    refuse "open now, and given to another host by the new configuration: ${sessions//$'\n'/, } (device, address)." \
      "Two hosts would write. Stop that client, or detach its disk, in an \`up\` of its own first"
  fi
  mapfile -t gone < <(gone_exports "$(exports "$old_rows")" "$new_exports")
  if ! wait_for 30 none_open "${gone[@]}"; then
    put_back
    refuse "open now, and no longer exported: ${holders%; }. Stop that client, or detach its disk, first"
  fi
  # Before their file is replaced: afterwards nobody would know them, and they would keep their volumes open.
  if [[ $only_check == no ]] && systemctl is-active --quiet tgt.service; then
    while read -r _ what; do
      [[ $what == iscsi:* ]] || continue
      remove_unused "${what##*/}" || {
        put_back
        refuse "target ${what##*/} is no longer exported, and tgtd does not remove it; its error message is above"
      }
    done < <(printf '%s\n' "${gone[@]}")
  fi
fi

if [[ $only_check == yes ]]; then
  if [[ $running == yes ]]; then echo serving; else echo idle; fi
  exit 0
fi

mkdir -p "$record_dir/groups"
touch "$list"
mapfile -t earlier <"$list"
# First on record, then in place: an interrupted run leaves nothing that a later one does not know.
printf '%s\n' "$before" "$after" | sed '/^$/d' | sort -u | write_durably "$(admitted_record "$group")" 0644
printf '%s\n' "${earlier[@]}" "${!mode[@]}" | sed '/^$/d' | sort -u | write_durably "$list" 0644

changed=()
install_file() {
  install_part "${content[$1]}" "$1" "${mode[$1]}"
  if [[ $installed == yes ]]; then changed+=("$1"); fi
}
# Address lists before the configuration that names them. Then the table of exports, by which the next run judges: an
# admission that ends must not be missing there while a server may still grant it. A new one may be granted before it is
# there; the record above has it already, and is read with the table. Last the env file, which names the servers.
for path in "${!mode[@]}"; do if [[ $path == *.allow ]]; then install_file "$path"; fi; done
for path in "${!mode[@]}"; do
  case $path in *.allow | "$table" | "$env_file") ;; *) install_file "$path" ;; esac
done
install_file "$table"
install_file "$env_file"
# No connection is cut by it: rules judge what opens one. Where there is no firewall, `kvm-mirror status` says so.
if firewall_loaded; then
  "$here/machines/firewall-load.sh" </dev/null || say "the firewall of this mirror stays as it was, for the reason" \
    "above: whoever is admitted from now on may stay outside. Run \`pulumi up\` again"
fi

kept=()
for path in "${earlier[@]}"; do
  [[ -n $path && -z ${mode[$path]:-} ]] || continue
  case $path in
    *.allow)
      printf '# nobody\n' | write_durably "$path" 0644
      kept+=("$path")
      ;;
    *)
      rm -f "$path"
      say "removed $path"
      changed+=("$path")
      ;;
  esac
done

if [[ $running == yes ]]; then
  load_group "$group"
  for path in "${changed[@]}"; do
    if [[ $path == "$nbd_conf" && $NBD == yes ]]; then
      "$here/exports/nbd-check.sh" "$group"
      # No SIGHUP: after it nbd-server (3.24) adds a new export, and every connection's process crashes.
      systemctl restart "kvm-mirror-nbd@$group.service"
      say "the NBD server of group $group was restarted, with its new exports. Its clients reconnect by themselves"
    fi
  done
  if [[ $ISCSI == yes ]]; then
    systemctl start tgt.service
    "$here/exports/iscsi-serve.sh" "$group"
  elif systemctl is-active --quiet tgt.service; then
    withdraw_targets "$group"
  fi
  # A volume that has left is nobody's, unless another group has taken it already; the cluster demotes by itself.
  for volume in $had; do
    if under_cluster || [[ " $VOLUMES " == *" $volume "* || -n $(group_of "$volume") ]]; then continue; fi
    let_go() {
      read_state "$(minor_of "$volume")"
      [[ $role != Primary ]] || drbdadm secondary "$volume"
    }
    wait_for 30 let_go || fail "volume $volume has left group $group, and is still Primary here after 30 s: $(seen)." \
      "drbdadm's error message is above"
  done
fi
# Clients may write from now on, wherever the group is started: nothing preloads these volumes any more.
load_group "$group"
for volume in $VOLUMES; do
  [[ -e $record_dir/$volume.exported ]] || printf 'exported\n' | write_durably "$record_dir/$volume.exported" 0644
  rm -f "$record_dir/$volume.new"
done
# The servers listen on both mirrors all the time, ready for the VIP. nbd-server searches for a prime number each time
# that it starts, before it answers anybody: seconds that no failover has to wait for.
if [[ $NBD == yes ]]; then
  start_at_boot "kvm-mirror-nbd@$group.service" /etc/systemd/system/kvm-mirror-nbd@.service
  # Without the VIP nobody is connected.
  if [[ $running == no && " ${changed[*]} " == *" $nbd_conf "* ]]; then end_nbd_server "$group"; fi
else
  not_at_boot "kvm-mirror-nbd@$group.service"
  end_nbd_server "$group"
fi
[[ $ISCSI != yes ]] || start_at_boot tgt.service
start_servers "$group"
printf '%s\n' "${!mode[@]}" "${kept[@]}" | sort -u | write_durably "$list" 0644
# Who was asked and has let go is forgotten; who lost an admission that nobody else has got is kept in mind.
forget "$losing" "$after"
