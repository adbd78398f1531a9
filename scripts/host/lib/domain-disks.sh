# shellcheck shell=bash
# Network disks of domains, read from libvirt's XML, which has one element per line and attributes in single quotes.
# A disk has one of two forms: an element <disk> (FORM libvirt), or arguments for QEMU in <qemu:commandline> as
# src/render/exports/nbd/qemuDisk.ts writes them (FORM qemu): JSON with the id kvm-mirror-TARGET.

# network_disks: the network disks in a domain's (or a single disk's) XML on stdin, one per line, tab separated, "-" for
# what is missing: TARGET BUS PROTOCOL NAME HOST:PORT SERIAL FORM RECONNECT_DELAY
network_disks() {
  sed -e 's/></>\n</g' -e "s/\"/\&quot;/g; s/=&quot;\([^&]*\)&quot;/='\1'/g" | awk '
    function attribute(name,   text) {
      if (!match($0, "[ \t]" name "=\047[^\047]*\047")) return "-"
      text = substr($0, RSTART, RLENGTH)
      sub(/^[^\047]*\047/, "", text); sub(/\047$/, "", text)
      return text
    }
    function unescape(text) {
      gsub(/&quot;/, "\"", text); gsub(/&apos;/, "\047", text)
      gsub(/&lt;/, "<", text); gsub(/&gt;/, ">", text); gsub(/&amp;/, "\\&", text)
      return text
    }
    function member(json, name,   text) {
      if (!match(json, "\"" name "\":(\"[^\"]*\"|[0-9]+)")) return "-"
      text = substr(json, RSTART, RLENGTH)
      sub(/^"[^"]*":/, "", text); gsub(/"/, "", text)
      return text
    }
    /<disk[ >]/ {
      inside = attribute("type") == "network"
      target = bus = protocol = name = host = serial = delay = "-"
    }
    inside && /<source[ >]/ { protocol = attribute("protocol"); name = unescape(attribute("name")) }
    inside && /<host[ \/]/ { host = attribute("name") ":" attribute("port") }
    inside && /<reconnect[ \/]/ { delay = attribute("delay") }
    inside && /<target[ \/]/ { target = attribute("dev"); bus = attribute("bus") }
    inside && /<serial>/ { serial = $0; sub(/^.*<serial>/, "", serial); sub(/<\/serial>.*$/, "", serial) }
    inside && /<\/disk>/ {
      print target "\t" bus "\t" protocol "\t" name "\t" host "\t" serial "\tlibvirt\t" delay
      inside = 0
    }
    /<qemu:arg / {
      json = unescape(attribute("value"))
      if (member(json, "node-name") ~ /^kvm-mirror-/) node[member(json, "node-name")] = json
      id = member(json, "id")
      if (id in node) {
        target = id; sub(/^kvm-mirror-/, "", target)
        print target "\t" (member(json, "driver") == "ide-hd" ? "sata" : "virtio") \
          "\t" member(node[id], "driver") "\t" member(node[id], "export") \
          "\t" member(node[id], "host") ":" member(node[id], "port") \
          "\t" member(json, "serial") "\tqemu\t" member(node[id], "reconnect-delay")
      }
    }'
}

# target_in_use TARGET: whether the domain XML on stdin has any disk, of any kind and form, on this target.
target_in_use() {
  local quote='("|&quot;)'
  grep -Eq "<target dev=['\"]$1['\"]|${quote}id$quote:${quote}kvm-mirror-$1$quote"
}

# without_arguments: the domain XML on stdin without QEMU's arguments: they say how a domain was started, not what it
# has.
without_arguments() { grep -v '<qemu:arg '; }

# at_target TARGET: those lines of network_disks on stdin that have this target.
at_target() { awk -F '\t' -v target="$1" '$1 == target'; }

# definition DOMAIN: its persistent XML, complete, as `virsh define` takes it.
definition() { virsh dumpxml --inactive --security-info "$1"; }

# live_disks DOMAIN: network_disks of a running domain, whether or not its definition has them.
live_disks() {
  local xml
  xml=$(virsh dumpxml "$1") || return
  network_disks <<<"$xml" | awk -F '\t' '$7 == "libvirt"'
  # libvirt does not know which of the arguments' disks were plugged in or out since the start; QEMU does. QEMU is asked
  # only where there may be some, because libvirt then marks the domain as tainted.
  if grep -q 'kvm-mirror-' <<<"$xml" || { definition "$1" 2>/dev/null || true; } | grep -q 'kvm-mirror-'; then
    monitor_disks "$1" || network_disks <<<"$xml" | awk -F '\t' '$7 == "qemu"'
  fi
}

# domain_state DOMAIN: libvirt's word; "undefined" where there is no such domain, "unknown" where libvirt does not say.
# Not through `head`: virsh would die of SIGPIPE now and then.
domain_state() {
  local state='' names
  if ! state=$(virsh domstate "$1" 2>/dev/null) && names=$(virsh list --all --name 2>/dev/null) \
    && ! grep -qxF -- "$1" <<<"$names"; then
    state=undefined
  fi
  state=${state%%$'\n'*}
  printf '%s\n' "${state:-unknown}"
}

# pause_reason DOMAIN: libvirt's words, for example "I/O error" or "user".
pause_reason() { virsh domstate --reason "$1" | sed -n 's/^[^(]*(\(.*\))$/\1/p'; }

# is_active STATE: the domain has, or may have, a QEMU process. A guest that crashed keeps its process. A state that is
# unknown here may have one.
is_active() { [[ $1 != 'shut off' && $1 != undefined ]]; }

# memory_saved DOMAIN: it was saved to disk (virsh managedsave, libvirt-guests at the host's shutdown), and goes on from
# there when it is started.
memory_saved() { [[ $'\n'$(virsh dominfo "$1" 2>/dev/null)$'\n' =~ $'\n''Managed save:'\ *yes$'\n' ]]; }

known_domain_or_refuse() {
  virsh dominfo "$1" >/dev/null 2>&1 \
    || refuse "this host has no domain $1 (or libvirt does not answer: $(virsh dominfo "$1" 2>&1 | tail -n 1))"
}

# alone_with DOMAIN: one script at a time changes a domain, because each reads the definition and writes it back.
alone_with() {
  exec 9>"/run/lock/kvm-mirror-$1.lock"
  flock -w 120 9 || fail "another script has been working on domain $1 for two minutes"
}
