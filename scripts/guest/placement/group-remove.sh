#!/usr/bin/env bash
# group-remove.sh GROUP
#
# Removes an export group from this mirror: stops it, then removes its files. Neither a boot nor a failover ever serves
# it again. Its volumes stay as they are, with their data. Whom it admitted stays on record (letting-go.sh): QEMU
# there may have a volume open without a connection. Not there any more: nothing happens.
# In automatic failover the cluster must have removed it first (cluster-apply.sh).
# Refuses (3), with nothing changed: a client has one of its exports open (after 30 s).
# Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/../lib/base.sh"
. "$here/lib/at-boot.sh"
. "$here/replication/lib/drbd-state.sh"
. "$here/placement/lib/group.sh"
. "$here/exports/lib/iscsi.sh"
. "$here/exports/lib/attached.sh"
. "$here/placement/lib/cluster.sh"
. "$here/placement/lib/cluster-state.sh"
. "$here/machines/lib/firewall.sh"

[[ $# == 1 ]] || usage
name_or_usage "$1"
group=$1 list=$record_dir/groups/$1.files
[[ -e /etc/kvm-mirror/$group.env || -e $list ]] || exit 0

# runs_here: another group may have its address by now, and have volumes of it Primary.
runs_here() {
  [[ ! -e $active_dir/$group ]] || return 0
  vip_present && ! grep -qF ' address ' < <(groups_sharing "$group" "/etc/kvm-mirror/$group.env")
}

if [[ -e /etc/kvm-mirror/$group.env ]]; then
  load_group "$group"
  if under_cluster; then
    # cluster-apply.sh told it to; it takes its time.
    let_go() {
      read_cluster
      ! grep -qx "$group" < <(groups_of_cluster <<<"$state")
    }
    wait_for 30 let_go || refuse "the cluster still runs group $group. In automatic failover a group keeps its name." \
      "If you renamed it: put the old name back into the stack file. To remove it: take its volumes out of the stack" \
      "file, too. \`pulumi up\` then removes it from the cluster first"
  fi
  if runs_here; then
    rows=$(exports_of "$group") \
      || fail "group $group is not removed: it is unknown whether a client has one of its exports open"
    mapfile -t lines < <(exports "$rows")
    wait_for 30 none_open "${lines[@]}" \
      || refuse "group $group is no longer in the stack file, and a client has it open: ${holders%; }. Stop that" \
        "client, or detach its disk (kvm-mirror client; virsh detach-disk), and run \`pulumi up\` again. If you" \
        "renamed the group: put the old name back into the stack file"
  fi
  if ! under_cluster; then
    if runs_here; then "$here/placement/group-stop.sh" "$group"; fi
    not_at_boot "kvm-mirror-group@$group.service"
    systemctl stop "kvm-mirror-group@$group.service"
  fi
  not_at_boot "kvm-mirror-nbd@$group.service"
  systemctl stop "kvm-mirror-nbd@$group.service"
fi
mapfile -t files < <({
  cat "$list" 2>/dev/null || true
  printf '/etc/kvm-mirror/%s\n' "$group.env" "$group.exports"
} | sed '/^$/d' | sort -u)
rm -f "${files[@]}" "$active_dir/$group" "$list"
sync /etc/kvm-mirror
if firewall_loaded; then
  "$here/machines/firewall-load.sh" </dev/null || say "the firewall of this mirror still lets clients of the group in"
fi
say "group $group is removed from this mirror. Its volumes keep their data: ${VOLUMES:-}"
