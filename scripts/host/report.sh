#!/usr/bin/env bash
# report.sh SINCE UNTIL DOMAIN...                (on a KVM host; LIBVIRT_DEFAULT_URI names libvirt)
#
# What a colleague needs to know of this KVM host, for `kvm-mirror report`: versions, its domains, network, space, its
# libvirt's journal of a time, its kernel's, and what QEMU said of the named domains then. Changes nothing. As text on
# stdout, packed (gzip, base64); a line "==> TITLE" begins a part. What cannot be had is said in its place, and keeps
# nothing else back.
#   SINCE, UNTIL   seconds since 1970
# No secret is in it: what QEMU or libvirt are told as a secret or a password is [secret].
# Exit codes: 0 done, 1 failed, 2 usage.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
. "$here/lib/say.sh"
. "$here/lib/as-root.sh"

[[ $# -ge 2 && $1 =~ ^[0-9]{1,12}$ && $2 =~ ^[0-9]{1,12}$ ]] || usage
since=$1 until=$2
shift 2
for domain in "$@"; do [[ $domain =~ ^[A-Za-z0-9][A-Za-z0-9._+-]*$ ]] || usage; done
# Bytes of each log that are shown; the end of it.
readonly most=4000000

# part TITLE COMMAND...
part() {
  local status=0
  printf '==> %s\n' "$1"
  shift
  timeout 60 "$@" 2>&1 || status=$?
  ((status == 0)) || printf '(status %s of: %s)\n' "$status" "$*"
}

# log TITLE JOURNALCTL'S-ARGUMENT...
log() {
  local title=$1
  shift
  printf '==> %s\n' "$title"
  as_root timeout 60 journalctl --since "@$since" --until "@$until" --utc --no-pager --quiet -o short-iso "$@" 2>&1 \
    | tail -c "$most" || printf '(the journal cannot be read)\n'
}

# qemu_log DOMAIN: lines that begin with a moment of that time, and those that belong to them.
qemu_log() {
  local file=/var/log/libvirt/qemu/$1.log
  printf '==> what QEMU said of %s\n' "$1"
  as_root tail -c "$most" "$file" 2>&1 \
    | awk -v since="$(date -u -d "@$since" '+%F %T')" -v until="$(date -u -d "@$until" '+%F %T')" '
      /^[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9:.]*\+0000: / {
        moment = substr($0, 1, 19)
        inside = moment >= since && moment <= until
      }
      inside || /^tail: / { print }' || printf '(it cannot be read)\n'
}

masked() {
  sed -E -e 's/((secret|password|passwd)[^ ]*,data=)[^, "'\'']+/\1[secret]/g' \
    -e 's/\b((password|passwd|secret|data)["'\'']?[=:] *["'\'']?)[A-Za-z0-9+\/=_-]{8,}/\1[secret]/g'
}

everything() {
  part 'versions' uname -srvm
  part 'distribution' sed -n 's/^PRETTY_NAME=//p' /etc/os-release
  part 'libvirt and QEMU' virsh version --daemon
  part 'now, and since when it runs' bash -c 'date -u "+%F %T UTC"; uptime'
  part 'domains' virsh list --all
  part 'networks' virsh net-list --all
  part 'pools' virsh pool-list --all --details
  part 'addresses' ip -brief address
  part 'connections' ss -Htn
  part 'file systems' df -h
  part 'memory' free -m
  for domain in "$@"; do qemu_log "$domain"; done
  log 'journal of libvirt' -u 'libvirt*' -u 'virt*'
  log 'journal of the kernel' _TRANSPORT=kernel
}

everything "$@" | masked | gzip -c | base64 -w 0
echo
