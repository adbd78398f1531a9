#!/usr/bin/env bash
# Process 1 of one simulated KVM host. hosts.sh starts it in network, mount, PID and host name namespaces of its own.
# When it ends, the kernel ends every process on the host and removes its mounts, so nothing of a host outlives it.
# init.sh NAME STATE IMAGES KVM
#   STATE   the host's directory: etc, lib, log, cache (libvirt's), ssh (keys of its sshd), tmp, and its /etc/hosts,
#           passwd, group and shadow
#   IMAGES  directory with guest images, seen as /srv/images; - for none
#   KVM     yes, or no: then the host has no /dev/kvm
set -euo pipefail

readonly name=$1 state=$2 images=$3 kvm=$4
here=$(dirname "$(readlink -f "$0")")

hostname "$name"
mount --make-rprivate / # nothing that is mounted from here on is seen outside
mount -t proc proc /proc
mount -t sysfs sysfs /sys

# The host's own files. First the directories found by their path outside; last /tmp, /var/tmp and /root, which may hide
# that path.
mount --bind "$state/etc" /etc/libvirt
mount --bind "$state/lib" /var/lib/libvirt
mount --bind "$state/log" /var/log/libvirt
mount --bind "$state/cache" /var/cache/libvirt
mkdir -p "$state/sysctl.d"
mount --bind "$state/sysctl.d" /etc/sysctl.d
# Settings that stacks share, and permits: a host's own.
mkdir -p "$state/kvm-mirror" /var/lib/kvm-mirror
mount --bind "$state/kvm-mirror" /var/lib/kvm-mirror
for file in hosts passwd group shadow; do mount --bind "$state/$file" "/etc/$file"; done
mount -t tmpfs -o mode=0755,size=64m tmpfs /run
mkdir -p /run/libvirt /run/lock /run/sshd /run/host /run/root
# /root of a host survives a restart of the host.
(umask 077 && mkdir -p "$state/root")
mount --bind "$state/root" /run/root
cp "$here/sshd_config" "$state"/ssh/* /run/host/
if [[ -s $state/../.slowed ]]; then
  mkdir /run/host/bin
  install -m 0755 "$here/slowed-qemu.sh" /run/host/bin/qemu-system-x86_64
  cp "$state/../.slowed" "$here/../lib/slowed.sh" /run/host/
  # The kernel keeps its own time: what `hosts.keepalive` of a stack would set, as long as that is by the guests' clock.
  read -r slow _ </run/host/.slowed
  sysctl -q -w net.ipv4.tcp_keepalive_time=$((2 * slow)) net.ipv4.tcp_keepalive_intvl="$slow" \
    net.ipv4.tcp_keepalive_probes=3
fi
mount -t tmpfs -o mode=0755,size=1m tmpfs /srv
mkdir /srv/images
if [[ $images != - ]]; then
  mount --bind "$images" /srv/images
  mount -o remount,bind,ro /srv/images
fi

# Devices: what libvirt and QEMU open, and no disk of the machine outside.
mkdir /run/dev
mount -t tmpfs -o mode=0755,size=1m tmpfs /run/dev
mkdir /run/dev/pts /run/dev/shm /run/dev/net
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts /run/dev/pts
mount -t tmpfs -o mode=1777 tmpfs /run/dev/shm
for device in null zero full random urandom tty net/tun vhost-net kvm; do
  [[ -c /dev/$device ]] || continue
  [[ $device != kvm || $kvm = yes ]] || continue
  cp --archive "/dev/$device" "/run/dev/$device"
done
ln -s pts/ptmx /run/dev/ptmx
ln -s /proc/self/fd /run/dev/fd
ln -s fd/0 /run/dev/stdin
ln -s fd/1 /run/dev/stdout
ln -s fd/2 /run/dev/stderr
mount --move /run/dev /dev
rmdir /run/dev

mount --bind "$state/tmp" /tmp
mount --bind /tmp /var/tmp
mount --move /run/root /root
rmdir /run/root
cd /root
export HOME=/root

# As at the boot of a real host.
for settings in /etc/sysctl.d/*.conf; do
  [[ ! -e $settings ]] || sysctl -q -p "$settings"
done

virtlogd >>/var/log/libvirt/virtlogd.log 2>&1 &
/usr/sbin/sshd -D -e -f /run/host/sshd_config >>/var/log/libvirt/sshd.log 2>&1 &
PATH=/run/host/bin:$PATH libvirtd >>/var/log/libvirt/libvirtd.log 2>&1 &

# Bash, as process 1, collects ended processes. A daemon that dies stays dead, as on a host without a supervisor; its
# log says why.
trap 'exit 0' TERM
sleep infinity &
wait $!
