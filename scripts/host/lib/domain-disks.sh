# shellcheck shell=bash
# Network disks of domains, read from libvirt's XML, which has one element per line and attributes in single quotes.

# network_disks: the network disks in a domain's (or a single disk's) XML on stdin, one per line:
# TARGET BUS PROTOCOL NAME HOST:PORT SERIAL, tab separated, "-" for what is missing.
network_disks() {
  sed -e 's/></>\n</g' -e "s/\"/'/g" | awk '
    function attribute(name,   text) {
      if (!match($0, "[ \t]" name "=\047[^\047]*\047")) return "-"
      text = substr($0, RSTART, RLENGTH)
      sub(/^[^\047]*\047/, "", text); sub(/\047$/, "", text)
      return text
    }
    function unescape(text) { gsub(/&lt;/, "<", text); gsub(/&gt;/, ">", text); gsub(/&amp;/, "\\&", text); return text }
    /<disk[ >]/ { inside = attribute("type") == "network"; target = bus = protocol = name = host = serial = "-" }
    !inside { next }
    /<source[ >]/ { protocol = attribute("protocol"); name = unescape(attribute("name")) }
    /<host[ \/]/ { host = attribute("name") ":" attribute("port") }
    /<target[ \/]/ { target = attribute("dev"); bus = attribute("bus") }
    /<serial>/ { serial = $0; sub(/^.*<serial>/, "", serial); sub(/<\/serial>.*$/, "", serial) }
    /<\/disk>/ { print target "\t" bus "\t" protocol "\t" name "\t" host "\t" serial; inside = 0 }'
}

# target_in_use TARGET: whether the domain XML on stdin has any disk, of any type, on this target.
target_in_use() { grep -Eq "<target dev=['\"]$1['\"]"; }

# disk_at TARGET: the line of network_disks with this target, from a domain's XML on stdin.
disk_at() { network_disks | awk -F '\t' -v target="$1" '$1 == target'; }

# domain_state DOMAIN: libvirt's word. Not through `head`: virsh would die of SIGPIPE now and then.
domain_state() {
  local state
  state=$(virsh domstate "$1" 2>/dev/null)
  printf '%s\n' "${state%%$'\n'*}"
}

# is_active STATE: the domain has a QEMU process.
is_active() { [[ $1 == running || $1 == paused || $1 == idle || $1 == pmsuspended || $1 == 'in shutdown' ]]; }

known_domain_or_refuse() {
  virsh dominfo "$1" >/dev/null 2>&1 ||
    refuse "this host has no domain $1 (or libvirt does not answer: $(virsh dominfo "$1" 2>&1 | tail -n 1))"
}
