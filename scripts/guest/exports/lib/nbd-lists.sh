# shellcheck shell=bash
# nbd-server takes a missing address list for permission to everybody. This reads what nbd-server is about to get,
# whatever the table of exports says. Starts no program: clients may be waiting.

# refuse_without_lists GROUP: refuses unless every export of the group's NBD configuration names a list that exists.
refuse_without_lists() {
  local config=/etc/nbd-server/kvm-mirror-$1.conf line list lists=() exports=0
  [[ -r $config ]] || refuse "there is no $config"
  while read -r line || [[ -n $line ]]; do
    if [[ $line =~ ^exportname[[:space:]]*= ]]; then exports=$((exports + 1)); fi
    if [[ $line =~ ^authfile[[:space:]]*=[[:space:]]*(.*)$ ]]; then lists+=("${BASH_REMATCH[1]}"); fi
  done <"$config"
  ((exports > 0)) || refuse "$config exports nothing"
  [[ ${#lists[@]} == "$exports" ]] \
    || refuse "in $config an export has no authfile: nbd-server would admit everybody to it"
  for list in "${lists[@]}"; do
    [[ -f $list ]] || refuse "$config names $list, and that file is missing: nbd-server would admit everybody"
  done
}
