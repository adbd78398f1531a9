#!/usr/bin/env bash
# preload.sh VOLUME SOURCE CHECKSUM FORMAT PREFERRED NAME TARGET HOSTKEY NAME TARGET HOSTKEY
#
# Has an image written into a new volume, once in the volume's life. preload.sh writes it on the mirror (NAME,
# user@address, host key) that ran the first synchronisation, whichever is primary by now. A record on either mirror
# that it was done is enough; the other mirror then gets the same record. Where neither has one, PREFERRED is asked, and
# says what is missing.
# Refuses (3): a volume that clients may have written to.
# Exit codes: 0 done, 1 failed, 2 usage, 3 refused; 255 a mirror that cannot be reached.
set -euo pipefail
here=$(dirname "$0")
. "$here/lib/mirror-ssh.sh"
. "$here/lib/both-mirrors.sh"

[[ $# == 11 && $1 =~ ^[a-zA-Z0-9][a-zA-Z0-9_-]*$ && $3 =~ ^sha256:[0-9a-f]{64}$ ]] || usage
[[ $5 == "$6" || $5 == "$9" ]] || usage
volume=$1 checksum=$3 preferred=$5
know_mirrors "${@:6}"
ask_history "$volume"

where=$preferred
for mirror in "$one" "$other"; do
  if grep -qx new <<<"${history[$mirror]}"; then where=$mirror; fi
done
for mirror in "$one" "$other"; do
  if grep -q '^preloaded ' <<<"${history[$mirror]}"; then where=$mirror; fi
done
if ! grep -q '^preloaded ' <<<"${history[$where]}" && grep -qx exported <<<"${history[$(peer_of "$where")]}"; then
  say "refused: volume $volume was exported by $(peer_of "$where"). Clients may have written to it, so no image is" \
    "written over it. Take \`preload\` out of the stack file (kvm-mirror:volumes.$volume). If you know that the" \
    "volume holds the image already, record that on $(peer_of "$where"): sudo" \
    "/usr/local/lib/kvm-mirror/volume-history.sh $volume preloaded $checksum"
  exit 3
fi
on "$where" preload.sh "$volume" "$2" "$checksum" "$4"
on "$(peer_of "$where")" volume-history.sh "$volume" preloaded "$checksum"
