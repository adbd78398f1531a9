# shellcheck shell=bash
# Runs on the mirror as root (install-tools.sh sends it). Unpacks the tar archive on stdin as
# /usr/local/lib/kvm-mirror-VERSION, and switches the link to it.
set -euo pipefail
export LC_ALL=C
# A first boot that could not reach the package archive is not repeated by itself.
missing=$(for tool in drbdadm nbd-server tgtd arping; do command -v "$tool" >/dev/null || printf '%s ' "$tool"; done)
if [[ -n $missing ]]; then
  printf '%s ' "install-tools.sh: missing on $(uname -n): $missing- cloud-init did not install their packages." \
    'Mend the route to the package archive (kvm-mirror:packages, kvm-mirror:networks). Then, on the mirror:' \
    'sudo rm -f /etc/cloud/cloud-init.disabled; sudo cloud-init clean --logs --reboot' >&2
  printf '%s\n' '(this does not touch data disks), and pulumi up again' >&2
  exit 1
fi
base=/usr/local/lib/kvm-mirror
folder=$base-$1
exec 9>>/run/kvm-mirror-tools.lock
flock -w 120 9
rm -rf "$base".new.*
if [[ -d $folder ]]; then
  cat >/dev/null
else
  new=$(mktemp -d "$base.new.XXXXXX")
  trap 'rm -rf "$new"' EXIT
  tar -C "$new" --no-same-owner -xzf -
  # Who calls a script knows its name and no room: systemd's units, DRBD's handler, the peer's key, the tools of an
  # operator whose clone is older. Each name leads to its room.
  for script in "$new"/*/*.sh; do
    if [[ $script != "$new"/lib/* ]]; then ln -s "${script#"$new"/}" "$new/"; fi
  done
  chmod 0755 "$new" "$new"/*.sh "$new"/ocf/*
  sync -f "$new"
  mv -T "$new" "$folder"
fi
"$folder/updates-by-hand.sh"
"$folder/keep-journal.sh"
"$folder/blind.sh" --initramfs
"$folder/install-units.sh"
"$folder/settle-boot.sh"
previous=$(readlink "$base" || true)
ln -sfn "$folder" "$base.link"
mv -T "$base.link" "$base"
# Now that its script is where the unit says. Where it runs, it finds out by itself that it has been replaced.
systemctl start kvm-mirror-watch-writes.service \
  || echo 'install-tools.sh: nobody sees slow writes: systemctl status kvm-mirror-watch-writes' >&2
# The version before stays for scripts that still run from it.
for old in "$base"-*; do
  if [[ $old != "$folder" && $old != "$previous" ]]; then rm -rf "$old"; fi
done
