#!/usr/bin/env bash
# Installs the Debian packages of packages.txt that this machine does not have. Nothing is started, stopped or reconfigured on the machine: packages that are
# there stay as they are, and where openssh-server has to be installed its service is masked (the lab starts an sshd of its own, inside its namespaces).
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd -P)
readonly here policy=/usr/sbin/policy-rc.d
say() { printf 'packages.sh: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

# shellcheck source=/dev/null
release=$(. /etc/os-release && printf '%s %s' "$ID" "${VERSION_ID:-}")
[[ $release = 'debian 12' ]] || fail "this machine runs '$release'; the lab is made for Debian 12 (from two real hosts on, any Linux with ssh will do)"
[[ $(dpkg --print-architecture) = amd64 ]] || fail "this machine is $(dpkg --print-architecture); the lab's guests are amd64"

missing() {
  local package
  sed -E '/^(#|$)/d' "$here/packages.txt" | while read -r package; do
    [[ $(dpkg-query --show --showformat '${db:Status-Status}' "$package" 2>/dev/null) = installed ]] || printf '%s\n' "$package"
  done
}

# Directories that libvirt-daemon-system would bring; a host mounts its own over each, in its own mount namespace.
directories=(/etc/libvirt /var/lib/libvirt /var/log/libvirt /var/cache/libvirt)

mapfile -t wanted < <(missing)
if ((${#wanted[@]} == 0)) && [[ -d ${directories[0]} && -d ${directories[1]} && -d ${directories[2]} && -d ${directories[3]} ]] &&
  bash "$here/apt-sources.sh" >/dev/null 2>&1; then
  exit
fi
[[ $EUID -eq 0 ]] || fail "needs root to install: ${wanted[*]:-package indexes}"

exec 9</usr/bin # one at a time on this machine
flock 9
mapfile -t wanted < <(missing)
apt=(apt-get -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3)
say "updating the package indexes"
"${apt[@]}" update -qq >&2

if ((${#wanted[@]})); then
  say "installing ${wanted[*]}"
  if [[ " ${wanted[*]} " = *' openssh-server '* ]]; then
    mkdir -p /etc/systemd/system
    for unit in ssh.service ssh.socket; do
      [[ -e /etc/systemd/system/$unit || -L /etc/systemd/system/$unit ]] || ln -s /dev/null "/etc/systemd/system/$unit"
    done
    say "ssh.service is masked, so that no sshd starts on this machine (systemctl unmask ssh, if you want one)"
  fi
  # Debian's way to say that no service may start during an installation. One with our name in it was left by an interrupted run.
  if [[ ! -e $policy ]] || grep --quiet 'kvm-mirror' "$policy"; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\n# kvm-mirror, lab/packages.sh\nexit 101\n' >"$policy"
    chmod 0755 "$policy"
  fi
  DEBIAN_FRONTEND=noninteractive "${apt[@]}" install -y -qq --no-install-recommends "${wanted[@]}" >&2 9<&-
fi
mkdir -p "${directories[@]}"
bash "$here/apt-sources.sh" >/dev/null
