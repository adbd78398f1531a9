"""What a mirror's own files say: which volumes, groups and exports there are, and the records of scripts.

Paths are those that drbd-configure.sh, group-configure.sh, watch-peer.sh and others write.
"""
import mmap
import os
import re
from glob import glob
from pathlib import Path

DEVICE = re.compile(r"^\s*device\s+(?:.*\bminor\s+|/dev/drbd)(\d+)\s*;", re.MULTILINE)
MARKS = "/dev/disk/by-id/virtio-kvm-mirror.marks"
BLOCK = 4096


def text_of(path):
    """None where the file is not there."""
    try:
        return Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


def volumes():
    """Minor numbers by volume, from DRBD's own files."""
    found = {}
    for path in sorted(glob("/etc/drbd.d/*.res")):
        device = DEVICE.search(Path(path).read_text(encoding="utf-8"))
        if device:
            found[Path(path).stem] = int(device[1])
    return found


def groups():
    """Env files by group, each as a dictionary; VOLUMES is a list."""
    found = {}
    for path in sorted(glob("/etc/kvm-mirror/*.env")):
        pairs = (line.split("=", 1) for line in Path(path).read_text(encoding="utf-8").splitlines() if "=" in line)
        settings = {name: value.strip('"') for name, value in pairs}
        found[Path(path).stem] = {**settings, "VOLUMES": settings.get("VOLUMES", "").split()}
    return found


def exports(group):
    """The rows of a group's table: volume, protocol, name, device, admitted (a list). None when there is none."""
    table = text_of(f"/etc/kvm-mirror/{group}.exports")
    if table is None:
        return None
    rows = []
    for line in table.splitlines()[1:]:
        volume, protocol, place, device, admitted = line.split()
        name = place.split("/", 1)[1]
        addresses = [] if admitted == "-" else admitted.split(",")
        rows.append({"volume": volume, "protocol": protocol, "name": name, "device": device, "admitted": addresses})
    return rows


def moment(path):
    """Seconds since 1970, as the first word of a file; None where it is not there."""
    text = text_of(path)
    return int(text.split()[0]) if text and text.split() else None


def verified(volume):
    """When a comparison of the volume last ended, and how many bytes it found: a record of metrics.sh."""
    words = (text_of(f"/var/lib/kvm-mirror/{volume}.verified") or "0 0").split()
    return int(words[0]), int(words[1])


def mark(volume, minor):
    """Since when the volume has gone on alone (lib/marks.sh); None: it has not. OSError: the disk cannot be read.

    Read past the page cache, as it is written; O_DIRECT wants memory that is aligned.
    """
    disk = os.open(MARKS, os.O_RDONLY | os.O_DIRECT)
    try:
        block = mmap.mmap(-1, BLOCK)
        os.preadv(disk, [block], (minor + 1) * BLOCK)
    finally:
        os.close(disk)
    words = block[:].rstrip(b"\0").decode("ascii", "replace").split()
    return int(words[2]) if len(words) == 3 and words[:2] == ["alone", volume] else None


def device_bytes(minor):
    sectors = text_of(f"/sys/block/drbd{minor}/size")
    return int(sectors) * 512 if sectors else None


def device_times(minor):
    """Reads, seconds of them, writes, seconds of them (Documentation/block/stat.rst); None when it is down."""
    fields = (text_of(f"/sys/block/drbd{minor}/stat") or "").split()
    if len(fields) < 8:
        return None
    return int(fields[0]), int(fields[3]) / 1000, int(fields[4]), int(fields[7]) / 1000
