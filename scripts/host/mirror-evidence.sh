#!/usr/bin/env bash
# mirror-evidence.sh MIRROR                      (on its KVM host; LIBVIRT_DEFAULT_URI names libvirt)
#
# What this host knows of a mirror without asking the mirror. Changes nothing. As JSON on stdout:
#   {"domain": "running" (it has a QEMU process, in whatever state), "off", or "moved" (it was migrated away, and may
#              run elsewhere; what is left of its disks here says nothing),
#    "marks": {VOLUME: since when it has gone on alone, in seconds since 1970}; null when they cannot be read,
#    "alive": when it last wrote a sign of life beside them, in seconds since 1970; missing when it never has,
#    "why": the reason, when "marks" is null}
# The marks are on the mirror's marks disk (replication/lib/marks.sh). libvirt reads it here, whether the mirror runs
# or not.
# Exit codes: 0 done, 1 libvirt does not answer, or has no such domain, 2 usage.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
. "$here/lib/say.sh"
. "$here/lib/power.sh"
export LC_ALL=C

[[ $# == 1 && $1 =~ ^[A-Za-z0-9][A-Za-z0-9_-]*$ ]] || usage
mirror=$1
domain=$(power "$mirror") || fail "libvirt does not say whether $mirror is on: $domain"
case $domain in
  on) domain=running ;;
  moved)
    printf '{"domain":"moved","marks":null,"why":"virsh migrate"}\n'
    exit
    ;;
esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# marks_source: POOL and VOLUME, or "-" and a path, of the disk with the marks' serial in the mirror's XML on stdin.
marks_source() {
  awk '
    function attribute(name) {
      if (!match($0, "[ \t]" name "=\047[^\047]*\047")) return ""
      return substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4)
    }
    /<disk[ >]/ { pool = volume = file = ""; ours = 0 }
    /<source[ >]/ { pool = attribute("pool"); volume = attribute("volume"); file = attribute("file") }
    /<serial>kvm-mirror\.marks<\/serial>/ { ours = 1 }
    /<\/disk>/ && ours { if (volume != "") print pool, volume; else if (file != "") print "-", file; exit }'
}
read -r pool volume <<<"$(virsh dumpxml --inactive "$mirror" | marks_source)" || true
why='' from=("$volume")
[[ $pool == - ]] || from=(--pool "$pool" "$volume")
if [[ -z $volume ]]; then
  why="$mirror has no marks disk"
elif ! virsh vol-download "${from[@]}" "$work/marks" >/dev/null 2>"$work/words"; then
  # A JSON string has neither quotes nor backslashes of its own.
  why="its marks disk cannot be read: $(head -c 200 "$work/words" | tr -d '\042\134' | tr '\n' ' ')"
fi
if [[ -z $why ]]; then
  tr -d '\0' <"$work/marks" >"$work/text"
  [[ $(sed -n 1p "$work/text") == 'kvm-mirror marks 1' ]] || why="its marks disk was never prepared"
fi
if [[ -n $why ]]; then
  printf '{"domain":"%s","marks":null,"why":"%s"}\n' "$domain" "$why"
else
  alive=$(sed -n 's/^alive \([0-9][0-9]*\)$/\1/p' "$work/text")
  printf '{"domain":"%s","marks":{%s}%s}\n' "$domain" \
    "$(sed -n 's/^alone \([A-Za-z0-9_-]*\) \([0-9]*\)$/"\1":\2/p' "$work/text" | paste -sd,)" \
    "${alive:+,\"alive\":$alive}"
fi
