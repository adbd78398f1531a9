# shellcheck shell=bash
# How people log in to a mirror, for mirror-settings.sh: it sets user, work and tried.
# shellcheck disable=SC2154  # set there

# Read before the files of the image and of cloud-init: of each keyword, sshd takes the first value that it finds.
readonly sshd_settings=/etc/ssh/sshd_config.d/00-kvm-mirror.conf

# change_sshd: installs $work/sshd, and has sshd read it. Connections that stand are left alone. 1: sshd does not take
# it.
change_sshd() {
  if [[ ! -e $work/sshd ]] || cmp -s "$work/sshd" "$sshd_settings"; then return 0; fi
  [[ ! -e $sshd_settings ]] || cp "$sshd_settings" "$work/sshd.before"
  tried+=(sshd)
  write_durably "$sshd_settings" 0644 <"$work/sshd"
  sshd -t >&2 || return 1
  reload_sshd
  sshd -T -C "user=$user,host=mirror,addr=127.0.0.1" | grep -qx 'disableforwarding yes' \
    || say "sshd of this mirror does not read $sshd_settings: /etc/ssh/sshd_config has no line 'Include" \
      "/etc/ssh/sshd_config.d/*.conf' at its top. Put it there, and: sudo systemctl reload ssh"
}

# reload_sshd: where it is started for each connection, the next one has the settings.
reload_sshd() {
  ! systemctl is-active --quiet ssh.service || systemctl reload ssh.service
}

take_back_sshd() {
  [[ " ${tried[*]} " == *' sshd '* ]] || return 0
  if [[ -e $work/sshd.before ]]; then
    write_durably "$sshd_settings" 0644 <"$work/sshd.before"
  else
    rm -f "$sshd_settings"
  fi
  reload_sshd
}
