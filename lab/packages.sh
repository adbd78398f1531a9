#!/usr/bin/env bash
# Installs those Debian packages of packages.txt that this machine does not have. Nothing is started, stopped or
# reconfigured on the machine. Packages that are there stay as they are. The services of new packages are masked: the
# lab starts its own, inside its namespaces.
#   packages.sh [LIST…]    LIST: a file with more packages, one a line
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd -P)
readonly here policy=/usr/sbin/policy-rc.d
lists=("$here/packages.txt" "$@")
say() { printf 'packages.sh: %s\n' "$*" >&2; }
fail() {
  say "$*"
  exit 1
}

# shellcheck source=/dev/null
release=$(. /etc/os-release && printf '%s %s' "$ID" "${VERSION_ID:-}")
[[ $release = 'debian 12' ]] || fail "this machine runs '$release'. The lab needs Debian 12. With real KVM hosts, any" \
  "Linux with ssh will do here"
[[ $(dpkg --print-architecture) = amd64 ]] || fail "this machine is $(dpkg --print-architecture). The lab needs amd64"

missing() {
  local package
  sed -E '/^(#|$)/d' "${lists[@]}" | while read -r package; do
    [[ $(dpkg-query --show --showformat '${db:Status-Status}' "$package" 2>/dev/null) = installed ]] \
      || printf '%s\n' "$package"
  done
}

# Directories that libvirt-daemon-system would bring. A host mounts its own over each, in its own mount namespace.
directories=(/etc/libvirt /var/lib/libvirt /var/log/libvirt /var/cache/libvirt)

mapfile -t wanted < <(missing)
if ((${#wanted[@]} == 0)) \
  && [[ -d ${directories[0]} && -d ${directories[1]} && -d ${directories[2]} && -d ${directories[3]} ]] \
  && bash "$here/apt-sources.sh" >/dev/null 2>&1; then
  exit
fi
[[ $EUID -eq 0 ]] || fail "needs root, to install: ${wanted[*]:-package indexes}"

exec 9</usr/bin # one at a time on this machine
flock 9
mapfile -t wanted < <(missing)
apt=(apt-get -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3)
say "updating the package indexes"
"${apt[@]}" update -qq >&2

if ((${#wanted[@]})); then
  say "installing ${wanted[*]}"
  declare -A services=(
    ["openssh-server"]='ssh.service ssh.socket' ["tgt"]=tgt.service ["nbd-server"]=nbd-server.service
    ["drbd-utils"]=drbd.service ["pacemaker-cli-utils"]='pacemaker.service corosync.service'
    ["corosync-qdevice"]='corosync.service corosync-qdevice.service' ["corosync-qnetd"]=corosync-qnetd.service
    ["prometheus"]=prometheus.service
  )
  mkdir -p /etc/systemd/system
  for package in "${wanted[@]}"; do
    for unit in ${services[$package]:-}; do
      [[ -e /etc/systemd/system/$unit || -L /etc/systemd/system/$unit ]] && continue
      ln -s /dev/null "/etc/systemd/system/$unit"
      say "$unit is masked, so that $package starts nothing on this machine. If you want it: systemctl unmask $unit"
    done
  done
  # Debian's way to forbid that services start during an installation. An interrupted run leaves one with our name.
  if [[ ! -e $policy ]] || grep --quiet 'kvm-mirror' "$policy"; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\n# kvm-mirror, lab/packages.sh\nexit 101\n' >"$policy"
    chmod 0755 "$policy"
  fi
  DEBIAN_FRONTEND=noninteractive "${apt[@]}" install -y -qq --no-install-recommends "${wanted[@]}" >&2 9<&-
fi
mkdir -p "${directories[@]}"
bash "$here/apt-sources.sh" >/dev/null
