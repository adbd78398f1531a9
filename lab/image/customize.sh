#!/usr/bin/env bash
# Runs last in the image's root (chroot): switches off what a short-lived guest does not need at boot, and removes what
# must differ between guests.
set -euo pipefail

# Each of these costs an emulated guest seconds of its boot. apt's timers stay as Debian ships them: on mirrors there is
# nothing for them to do (updates-by-hand.sh).
systemctl mask --quiet \
  dpkg-db-backup.timer fstrim.timer \
  e2scrub_all.timer e2scrub_reap.service getty@tty1.service systemd-pstore.service systemd-rfkill.socket \
  cloud-init-hotplugd.socket systemd-update-utmp.service systemd-update-utmp-runlevel.service \
  sys-kernel-debug.mount sys-kernel-tracing.mount dev-mqueue.mount \
  proc-sys-fs-binfmt_misc.automount systemd-binfmt.service
systemctl set-default --quiet multi-user.target
# Every `systemctl daemon-reload`, of which package installations make many, runs all generators.
mkdir -p /etc/systemd/system-generators
for generator in cryptsetup debug gpt-auto hibernate-resume integritysetup rc-local run system-update veritysetup; do
  ln -s /dev/null "/etc/systemd/system-generators/systemd-$generator-generator"
done
systemctl enable --quiet systemd-networkd.service serial-getty@ttyS0.service ssh.service qemu-guest-agent.service

# Present for automatic failover (packages.txt). Only a mirror's own configuration starts them: Debian's packages would
# start a cluster of one node.
systemctl disable --quiet corosync.service pacemaker.service

# Made new by each guest, or given by its seed.
rm -f /etc/ssh/ssh_host_* /var/lib/dbus/machine-id
: >/etc/machine-id
rm -f /etc/hostname /etc/resolv.conf
printf '127.0.0.1 localhost\n::1 localhost\n' >/etc/hosts

# With its key ring named, apt checks a signature without first merging all trusted keys, by a shell script.
sed -i 's|^deb |deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] |' /etc/apt/sources.list
# The index files and apt's cache of them stay in the image (build.sh): a guest for which they are still current asks
# for their dates only.
apt-cache gencaches
rm -rf /var/log/*.log /var/log/apt/* /var/cache/debconf/*-old /tmp/*
