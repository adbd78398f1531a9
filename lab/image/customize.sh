#!/usr/bin/env bash
# Runs last in the image's root (chroot): switches off what a short-lived guest does not need at boot, and removes what must differ between guests.
set -euo pipefail

# Each of these costs an emulated guest seconds of its boot.
systemctl mask --quiet \
  apt-daily.timer apt-daily-upgrade.timer apt-daily.service apt-daily-upgrade.service dpkg-db-backup.timer fstrim.timer \
  e2scrub_all.timer e2scrub_reap.service getty@tty1.service systemd-pstore.service systemd-rfkill.socket \
  cloud-init-hotplugd.socket systemd-update-utmp.service systemd-update-utmp-runlevel.service
systemctl enable --quiet systemd-networkd.service serial-getty@ttyS0.service ssh.service qemu-guest-agent.service

# Made new by each guest, or given by its seed.
rm -f /etc/ssh/ssh_host_* /var/lib/dbus/machine-id
: >/etc/machine-id
rm -f /etc/hostname /etc/resolv.conf
printf '127.0.0.1 localhost\n::1 localhost\n' >/etc/hosts

# The index files stay in the image (build.sh): a guest for which they are still current asks for their dates only. So does apt's cache of them.
apt-cache gencaches
rm -rf /var/log/*.log /var/log/apt/* /var/cache/debconf/*-old /tmp/*
