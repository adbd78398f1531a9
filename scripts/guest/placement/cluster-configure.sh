#!/usr/bin/env bash
# cluster-configure.sh
#
# Makes this mirror a member of its cluster:
#   1. Installs the files of the document on stdin (a line "==> PATH MODE" begins a file): corosync's configuration and
#      key, the key that fences the peer, and the file that says that Pacemaker decides here.
#   2. Takes DRBD and the groups out of systemd's hands.
#   3. Starts corosync and Pacemaker, now and at boot. Where corosync.conf names a qdevice, corosync-qdevice runs, too,
#      and its vote has to come within 60 s.
# A cluster of one node that Debian's packages started, or one of another name, is ended first, and its configuration
# discarded. A changed corosync.conf is loaded while the cluster runs. A changed key is laid beside the present one:
# cluster-key.sh has both members go over to it.
# Refuses (3), with nothing installed: another path, a path that is there twice, or a file of a group; a document
# without corosync.conf, key or that file; another cluster while a group is served here.
# Exit codes: 0 done, 1 failed, 2 usage, 3 refused.
set -euo pipefail
. "$(dirname "$(readlink -f "$0")")/../lib/base.sh"
. "$here/lib/document.sh"
. "$here/lib/at-boot.sh"
. "$here/placement/lib/cluster.sh"
. "$here/placement/lib/group.sh"

[[ $# == 0 ]] || usage
for tool in corosync pacemakerd crm_mon cibadmin fence_virsh; do
  command -v "$tool" >/dev/null || refuse "there is no $tool on this mirror: it was made for manual failover. Install" \
    "the packages of cloud-init/cluster-packages.yaml: apt-get install pacemaker pacemaker-cli-utils corosync" \
    "resource-agents fence-agents"
done
take_lock cluster 120
umask 077
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

read_document "$work" cluster \
  '^/etc/(corosync/(corosync[.]conf|authkey)|kvm-mirror/(cluster|fence/[A-Za-z0-9][A-Za-z0-9._-]*))$' none
for path in /etc/corosync/corosync.conf /etc/corosync/authkey "$cluster_file"; do
  [[ -n ${content[$path]:-} ]] || refuse "the document has no $path"
done
name=$(sed -n 's/^CLUSTER=//p' "${content[$cluster_file]}")
[[ -n $name ]] || refuse "the document does not name the cluster"

# The third place where a vote is asked for; empty without one.
third_place=$(sed -n '/^ *device {/,/^}/s/^ *host: //p' "${content["/etc/corosync/corosync.conf"]}")
if [[ -n $third_place ]] && ! command -v corosync-qdevice >/dev/null; then
  refuse "there is no corosync-qdevice on this mirror: it was made before failover.qdevice was set. Install it:" \
    "apt-get install corosync-qdevice"
fi

# The cluster that this mirror was a member of, by our own record. Debian's own cluster is in no record.
record=$record_dir/cluster
previous=
if [[ -e $record ]]; then previous=$(<"$record"); fi
if [[ $previous != "$name" ]]; then
  if [[ -n $previous && -n $(find "$active_dir" -mindepth 1 2>/dev/null) ]]; then
    refuse "this mirror is in the cluster $previous and serves $(cd "$active_dir" && echo *). It would become a" \
      "member of $name. Move the groups away first"
  fi
  systemctl stop pacemaker.service corosync.service 2>/dev/null || true
  rm -rf /var/lib/pacemaker/cib/* /var/lib/corosync/*
fi

# A member that alone has another key would be fenced. The new one waits until both have it.
if systemctl is-active --quiet corosync.service && [[ -e $corosync_key ]] \
  && ! cmp -s "${content[$corosync_key]}" "$corosync_key"; then
  install_part "${content[$corosync_key]}" "$staged_key" 0400
  unset 'content[$corosync_key]'
else
  rm -f "$staged_key"
fi

changed=no
for path in "${!content[@]}"; do
  install_part "${content[$path]}" "$path" "${mode[$path]}"
  if [[ $installed == yes && $path == /etc/corosync/* ]]; then changed=yes; fi
done
chmod 0700 /etc/kvm-mirror/fence
# The whole directory: agents come and go with the other scripts.
ln -sfn /usr/local/lib/kvm-mirror/ocf /usr/lib/ocf/resource.d/kvm-mirror

# cloud-init (cluster-packages.yaml) masked them.
for unit in corosync pacemaker corosync-qdevice; do
  if [[ $(readlink "/etc/systemd/system/$unit.service" || true) == /dev/null ]]; then
    rm "/etc/systemd/system/$unit.service"
  fi
done
# Pacemaker stops the exports and the volumes at shutdown, before their own services end.
install -D -m 0644 /dev/stdin /etc/systemd/system/pacemaker.service.d/kvm-mirror.conf <<'UNIT'
[Unit]
Wants=network-online.target
After=network-online.target drbd.service tgt.service
UNIT
# Only Pacemaker's agent brings volumes up and promotes them.
not_at_boot drbd.service
# It belongs to manual failover; the cluster does that here.
if starts_at_boot kvm-mirror-watch-peer.service; then
  not_at_boot kvm-mirror-watch-peer.service
  systemctl stop kvm-mirror-watch-peer.service
fi
for link in "$boot_links"/kvm-mirror-group@*.service; do if [[ -L $link ]]; then rm -f "$link"; fi; done
systemctl daemon-reload
start_at_boot corosync.service
start_at_boot pacemaker.service
if [[ -n $third_place ]]; then start_at_boot "$qdevice_unit"; else not_at_boot "$qdevice_unit"; fi

# third_vote_comes: it is there; else its service is started where it does not run. While the other mirror loads its
# configuration, corosync forgets a qdevice that is just registering, and corosync-qdevice ends ("Can't set master wins.
# Error CS_ERR_NOT_EXIST").
third_vote_comes() {
  if ! systemctl is-active --quiet "$qdevice_unit"; then systemctl start "$qdevice_unit" 2>/dev/null || return 1; fi
  qdevice_connected
}

without_third_vote() {
  systemctl is-active --quiet "$qdevice_unit" || fail "corosync-qdevice did not start: $(last_messages "$qdevice_unit")"
  fail "the third vote does not come: corosync-qdevice has no connection to $third_place. Is corosync-qnetd running" \
    "there, and its port open to this mirror? $(corosync-qdevice-tool -s 2>&1 | tr -s '\n\t ' '  ')"
}

if systemctl is-active --quiet corosync.service; then
  if [[ $changed == yes ]]; then
    corosync-cfgtool -R >&2 || fail "corosync did not take its changed configuration; its error message is above"
  fi
else
  systemctl start corosync.service || fail "corosync did not start: $(last_messages corosync.service)"
fi
if [[ -z $third_place ]]; then
  systemctl stop "$qdevice_unit" 2>/dev/null || true
else
  if [[ $changed == yes ]]; then systemctl stop "$qdevice_unit"; fi
  poll=3 wait_for 60 third_vote_comes || without_third_vote
fi
printf '%s\n' "$name" | write_durably "$record" 0644
systemctl start pacemaker.service || fail "pacemaker did not start: $(last_messages pacemaker.service)"
say "a member of cluster $name"
