# shellcheck shell=bash
# Changes the network disk that a domain's XML has on a target. The XML is libvirt's: one element per line.

# qemu_args TARGET: the JSON arguments of this target's disk in the XML on stdin, one per line.
qemu_args() {
  sed -n "s/^[[:space:]]*<qemu:arg value='\(.*\)'\/>[[:space:]]*$/\1/p" \
    | sed "s/&quot;/\"/g; s/&apos;/'/g; s/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g" \
    | grep -E "\"(node-name|id)\":\"kvm-mirror-$1(-ahci)?\"" || true
}

# without_disk TARGET: the domain XML on stdin without the disk on this target, in whichever form.
without_disk() {
  awk -v target="$1" '
    BEGIN { quote = "(\"|&quot;)" }
    function ours() { return $0 ~ quote "(node-name|id)" quote ":" quote "kvm-mirror-" target "(-ahci)?" quote }
    function flush() { if (option != "") print option; option = "" }
    /<disk[ >]/ { block = ""; inside = 1 }
    inside {
      block = block $0 "\n"
      if (/<\/disk>/) { inside = 0; if (block !~ "<target dev=[\047\"]" target "[\047\"]") printf "%s", block }
      next
    }
    /<qemu:arg value=\047-(blockdev|device)\047\/>/ { flush(); option = $0; next }
    /<qemu:arg / && ours() { option = ""; next }
    { flush(); print }' \
    | awk '/^[[:space:]]*<qemu:commandline>[[:space:]]*$/ { open = $0; next }
      open != "" { if (/<\/qemu:commandline>/) { open = ""; next } print open; open = "" }
      { print }'
}

# with_disk FILE: the domain XML on stdin with the disk that FILE holds, in its form.
with_disk() {
  if grep -q '<qemu:commandline' "$1"; then
    awk -v file="$1" '
      function add(   line) { while ((getline line < file) > 0) if (line ~ /<qemu:arg /) print "  " line; done = 1 }
      /<\/qemu:commandline>/ { add() }
      /<\/domain>/ && !done {
        print "  <qemu:commandline xmlns:qemu=\047http://libvirt.org/schemas/domain/qemu/1.0\047>"
        add()
        print "  </qemu:commandline>"
      }
      { print }'
  else
    awk -v file="$1" '/<\/devices>/ { while ((getline line < file) > 0) print line } { print }'
  fi
}

# slot_in_use SLOT: the domain XML on stdin has a device in this PCI slot (0x11) of bus 0.
slot_in_use() { grep -Eq "<address type='pci' domain='0x0000' bus='0x00' slot='$1'"; }
