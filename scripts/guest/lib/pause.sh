# shellcheck shell=bash
# A pause of the cluster (maintenance mode) for a planned switch. It is a set of cluster properties of its own that
# names its owner: of two owners that add it one is refused, and an owner ends its own pause only. What an operator sets
# by hand is in another set, or has another value for true. The timer that ends it at the latest belongs to the owner,
# too, on both mirrors and over reboots. Needs at-boot.sh and cluster.sh.
# shellcheck disable=SC2034,SC2154  # read by the caller; set in cluster.sh

readonly pause_set=planned-switch

# Seconds after which the timer ends a pause: its OnActiveSec.
readonly longest_pause=300

# read_pause: sets pause_owner, empty when no switch has paused the cluster, and by_hand, yes when somebody has paused
# it by hand. 1 when Pacemaker does not answer.
read_pause() {
  local options
  options=$(timeout "$pacemaker_patience" cibadmin --query --scope crm_config 2>/dev/null) || return 1
  pause_owner=$(sed -n "/ id=\"$pause_set-owner\"/s/.* value=\"\\([^\"]*\\)\".*/\\1/p" <<<"$options")
  by_hand=no
  if grep ' name="maintenance-mode"' <<<"$options" | grep -v " id=\"$pause_set-mode\" .*value=\"yes\"" \
    | grep -Eqi ' value="(true|yes|on|y|1)"'; then
    by_hand=yes
  fi
}

# add_pause OWNER: 1 when there is a pause already. A set that was ended by hand is empty, and is removed first.
add_pause() {
  cibadmin --delete --xpath "//cluster_property_set[@id='$pause_set' and not(nvpair)]" >/dev/null 2>&1 || return 1
  local xml="<cluster_property_set id=\"$pause_set\">"
  xml+="<nvpair id=\"$pause_set-mode\" name=\"maintenance-mode\" value=\"yes\"/>"
  xml+="<nvpair id=\"$pause_set-owner\" name=\"$pause_set-owner\" value=\"$1\"/></cluster_property_set>"
  cibadmin --create --scope crm_config --xml-text "$xml" >/dev/null 2>&1
}

# end_pause OWNER: ends this owner's pause, in one step. If an operator has set maintenance-mode to true meanwhile, that
# stays, and only the owner's name is removed.
end_pause() {
  local owner="nvpair[@id='$pause_set-owner' and @value='$1']"
  local mode="nvpair[@id='$pause_set-mode' and @value='yes']"
  cibadmin --delete --xpath "//cluster_property_set[@id='$pause_set'][$owner][$mode]" >&2 || return 1
  cibadmin --delete --xpath "//$owner" >&2
}

clock_of() { printf 'kvm-mirror-cluster-resume@%s.timer' "$1"; }

# set_clock OWNER: starts the timer, anew when it runs already.
set_clock() {
  start_at_boot "$(clock_of "$1")" "/etc/systemd/system/$(clock_of '')"
  sync "$boot_links"
  systemctl restart "$(clock_of "$1")"
}

drop_clock() {
  not_at_boot "$(clock_of "$1")"
  systemctl stop "$(clock_of "$1")" 2>/dev/null || true
}
