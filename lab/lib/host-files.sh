# shellcheck shell=bash
# Source this: what the operator and the hosts have on disk, all of it in the state directory. Wants $here (lab/),
# $prefix, $state and $ssh_directory of hosts.sh.
# shellcheck disable=SC2154 # those are set there

# The state directory, with the operator's key pair, ~/.ssh and /etc/hosts.
make_state() {
  local ssh="$state/operator-ssh"
  if [[ -e $state && ! -e $state/.hosts-of-the-lab ]]; then
    [[ $(stat --format %u "$state") = 0 ]] || fail "$state is there and does not belong to root"
  fi
  (umask 077 && mkdir -p "$state")
  : >"$state/.hosts-of-the-lab"
  (umask 077 && mkdir -p "$ssh")
  [[ -e $ssh/id_ed25519 ]] || ssh-keygen -q -t ed25519 -N '' -C "operator of the lab" -f "$ssh/id_ed25519"
  # operator.sh mounts that key over this directory, for its own processes.
  [[ -d $ssh_directory ]] || {
    (umask 077 && mkdir "$ssh_directory")
    : >"$state/.made-ssh-directory"
  }
  {
    printf '127.0.0.1 localhost\n::1 localhost\n'
    printf '10.30.0.2 %s-a\n10.30.0.3 %s-b\n10.30.0.4 %s-third\n' "$prefix" "$prefix" "$prefix"
  } >"$state/hosts"
  touch "$ssh/known_hosts"
  chmod 0600 "$ssh/known_hosts"
}

make_host_state() { # HOST ADDRESS
  local dir="$state/$1"
  if [[ ! -e $dir/ssh/authorized_keys ]]; then
    (umask 077 && mkdir -p "$dir")
    mkdir -p "$dir"/{etc/qemu/networks,lib/images,log/qemu,cache,ssh,tmp}
    chmod 1777 "$dir/tmp"
    cp -RP "$here/host/libvirt/." "$dir/etc/"
    mkdir -p "$dir/etc/storage/autostart"
    ln -sf /etc/libvirt/storage/default.xml "$dir/etc/storage/autostart/"
    ssh-keygen -q -t ed25519 -N '' -C "$1" -f "$dir/ssh/ssh_host_ed25519_key" <<<y >/dev/null
    printf '%s,%s %s\n' "$2" "$1" "$(cut -d' ' -f1,2 "$dir/ssh/ssh_host_ed25519_key.pub")" \
      >>"$state/operator-ssh/known_hosts"
    cp "$state/operator-ssh/id_ed25519.pub" "$dir/ssh/authorized_keys"
  fi
  printf '127.0.0.1 localhost %s\n::1 localhost\n' "$1" >"$dir/hosts"
  # The user that Debian's libvirt is built for. libvirt-daemon-system would make it; the lab does without that package.
  cat /etc/passwd >"$dir/passwd"
  getent passwd libvirt-qemu >/dev/null \
    || printf 'libvirt-qemu:x:64055:64055::/var/lib/libvirt:/usr/sbin/nologin\n' >>"$dir/passwd"
  cat /etc/group >"$dir/group"
  getent group libvirt-qemu >/dev/null || printf 'libvirt-qemu:x:64055:\n' >>"$dir/group"
  # sshd refuses an account whose password field begins with "!", as root's does on some machines.
  (umask 077 && sed 's/^root:![^:]*:/root:*:/' /etc/shadow >"$dir/shadow")
}
