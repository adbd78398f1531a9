# shellcheck shell=bash
# Disks in a domain's XML by their serials, for bench-disks.sh and bench-hold.sh.

# our_targets: targets of the disks in the domain XML on stdin that are bench's.
our_targets() {
  awk '/<disk[ >]/ { inside = 1; target = "" }
    inside && /<target / { match($0, "dev=\047[^\047]*"); target = substr($0, RSTART + 5, RLENGTH - 5) }
    inside && /<serial>bench-direct-(virtio|sata)<\/serial>/ { print target }
    /<\/disk>/ { inside = 0 }'
}

# disk_with SERIAL: that disk in the domain XML on stdin.
disk_with() {
  awk -v serial="<serial>$1</serial>" '/<disk[ >]/ { inside = 1; block = "" }
    inside { block = block $0 "\n" }
    /<\/disk>/ { if (inside && index(block, serial)) printf "%s", block; inside = 0 }'
}

# target_of SERIAL: the target of that disk in the domain XML on stdin.
target_of() {
  awk -v serial="<serial>$1</serial>" '/<disk[ >]/ { inside = 1; target = ""; ours = 0 }
    inside && /<target / { match($0, "dev=\047[^\047]*"); target = substr($0, RSTART + 5, RLENGTH - 5) }
    inside && index($0, serial) { ours = 1 }
    /<\/disk>/ { if (inside && ours) print target; inside = 0 }'
}
