# shellcheck shell=bash
# Which units start at boot: the links that `systemctl enable` makes. They are made here, because for a unit with a SysV
# script beside it (drbd, tgt) systemctl also runs update-rc.d, which takes half a minute in an emulated guest.

readonly boot_links=/etc/systemd/system/multi-user.target.wants

# start_at_boot UNIT [UNIT FILE]
start_at_boot() {
  [[ -d $boot_links ]] || mkdir -p "$boot_links" || return
  [[ -L $boot_links/$1 ]] || ln -sfn "${2:-/lib/systemd/system/$1}" "$boot_links/$1"
}

not_at_boot() { [[ ! -L $boot_links/$1 ]] || rm -f "$boot_links/$1"; }

starts_at_boot() { [[ -L $boot_links/$1 ]]; }
