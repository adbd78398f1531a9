# shellcheck shell=bash
# This mirror's firewall: nftables' table inet kvm_mirror, of which firewall-load.sh is the only writer.
# shellcheck disable=SC2034  # for the scripts that source this file

readonly firewall_rules=/etc/kvm-mirror/firewall.nft
# Why it is not loaded.
readonly firewall_trouble=/run/kvm-mirror/firewall.trouble

firewall_loaded() { nft list chain inet kvm_mirror input >/dev/null 2>&1; }

# exported_elements: for nft, what the groups of this mirror export, and to whom. Needs exports.sh. 1 when that is not
# known of one.
exported_elements() {
  local file rows all=''
  for file in /etc/kvm-mirror/*.env; do
    [[ -e $file ]] || continue
    rows=$(exports_of "$(basename "$file" .env)") || return 1
    all+=$rows$'\n'
  done
  awk '
    NF {
      place = $3; sub(/\/.*/, "", place); sub(/:/, " . ", place)
      exports[place]
      n = $5 == "-" ? 0 : split($5, client, ",")
      for (i = 1; i <= n; i++) admitted[client[i] " . " place]
    }
    END {
      for (one in exports) print "add element inet kvm_mirror exports { " one " }"
      for (one in admitted) print "add element inet kvm_mirror admitted { " one " }"
    }' <<<"$all"
}

# other_firewall: prints the name of a table that is not ours and drops what comes in, or judges it by the kernel's
# record of connections (nft calls it ct; iptables of today and ufw are tables, too). 1 when nft does not tell.
other_firewall() {
  local rules
  rules=$(nft -s list ruleset) || return 1
  awk '
    $1 == "table" {
      if (found != "" && hooked) exit
      table = $2 " " $3; hooked = found = ""
      ours = table == "inet kvm_mirror"
    }
    ours { next }
    /hook input/ { hooked = 1; if (/policy drop/) found = table }
    /(^|[ \t])ct (state|status|mark|direction|original|reply)|xt match "?(conntrack|state)/ { found = table }
    END { if (found != "" && hooked) print found }' <<<"$rules"
}

# operators_in FILE: the networks in CIDR form from which the rules in FILE let ssh in.
operators_in() {
  awk '$1 == "set" { set = $2 } set == "operators" && $1 == "elements" {
    gsub(/.*\{ *| *\}.*|,/, ""); print
  }' "$1"
}

# admits_ssh FILE ADDRESS: whether ADDRESS is in one of them.
admits_ssh() {
  local source number network
  number=$(address_number "$2") || return 1
  for source in $(operators_in "$1"); do
    network=$(address_number "${source%/*}") || return 1
    if (((number ^ network) >> (32 - ${source#*/}) == 0)); then return 0; fi
  done
  return 1
}

# address_number ADDRESS: as a number; 1 for one that is not IPv4.
address_number() {
  local a b c d
  [[ $1 =~ ^[0-9]{1,3}(\.[0-9]{1,3}){3}$ ]] || return 1
  IFS=. read -r a b c d <<<"$1"
  printf '%s' "$((a << 24 | b << 16 | c << 8 | d))"
}

# firewall_json: null where none is configured, else whether it is loaded, and why not. Needs json.sh.
firewall_json() {
  local why=null text=''
  [[ -e $firewall_rules ]] || {
    printf null
    return
  }
  if firewall_loaded; then
    printf '{"loaded":true,"why":null}'
    return
  fi
  { read -r text <"$firewall_trouble"; } 2>/dev/null || true
  [[ -z $text ]] || why=$(json_text "$text")
  printf '{"loaded":false,"why":%s}' "$why"
}
