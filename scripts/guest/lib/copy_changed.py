"""copy_changed.py DISK TARGET: copies the blocks that DRBD's bitmap marks from a mirror's data disk to TARGET.img.

stdin: `drbdadm dump-md` of the volume. TARGET.img is sparse, every block at its own offset; TARGET.extents lists them
as "OFFSET LENGTH" (bytes). Both appear whole, by rename. stdout: {"file", "bytes", "extents"}. Exit status 3, with
nothing written, when they do not fit.
"""
import json
import os
import re
import sys

BLOCK = 4096  # what a bit stands for, in every version of DRBD
RESERVE = 256 << 20  # bytes that stay free: the mirror lives on that file system
CHUNK = 4 << 20


def fail(status, words):
    sys.stderr.write(f"copy_changed.py: {words}\n")
    sys.exit(status)


def add(runs, block, count):
    """Appends to a list of runs, or to its last run."""
    if runs and sum(runs[-1]) == block:
        runs[-1] = (runs[-1][0], runs[-1][1] + count)
    else:
        runs.append((block, count))


def marked(dump):
    """Runs (first block, count) of marked blocks in order, and how many blocks they are.

    The dump's own count of bits must agree."""
    body = re.search(r"^bm \{$(.*?)^\}$", dump, re.M | re.S)
    if not body:
        fail(1, "the metadata has no bitmap")
    declared = re.search(r"^# bits-set (\d+);$", dump, re.M)
    runs, block = [], 0
    text = re.sub(r"#.*", "", body.group(1))
    for times, word in re.findall(r"(?:(\d+) times )?0x([0-9A-Fa-f]{16});", text):
        count, value = int(times or 1), int(word, 16)
        if value == 0:
            block += 64 * count
            continue
        if value == 2**64 - 1:
            add(runs, block, 64 * count)
            block += 64 * count
            continue
        for _ in range(count):
            for bit in range(64):
                if value >> bit & 1:
                    add(runs, block + bit, 1)
            block += 64
    total = sum(length for _, length in runs)
    if declared and int(declared.group(1)) != total:
        fail(1, f"the metadata says that {declared.group(1)} blocks are marked, but its bitmap has {total}")
    return runs, total


def main(disk, target):
    dump = sys.stdin.read()
    runs, total = marked(dump)
    sectors = re.search(r"^la-size-sect (\d+);", dump, re.M)
    if not sectors:
        fail(1, "the metadata does not tell the volume's size")
    size = int(sectors.group(1)) * 512
    folder = os.path.dirname(target)
    space = os.statvfs(folder)
    free = space.f_bavail * space.f_frsize
    if total * BLOCK + RESERVE > free:
        fail(
            3,
            f"{total * BLOCK >> 20} MiB are marked, and {folder} has {free >> 20} MiB free, "
            f"of which {RESERVE >> 20} MiB stay free",
        )
    extents = []
    with open(disk, "rb", buffering=0) as source, open(f"{target}.img.new", "wb") as copy:
        for first, count in runs:
            offset, end = first * BLOCK, min((first + count) * BLOCK, size)
            extents.append(f"{offset} {end - offset}\n")
            while offset < end:
                data = os.pread(source.fileno(), min(CHUNK, end - offset), offset)
                if not data:
                    fail(1, f"{disk} ends at {offset}, before byte {end}")
                os.pwrite(copy.fileno(), data, offset)
                offset += len(data)
        os.ftruncate(copy.fileno(), size)
        os.fsync(copy.fileno())
    with open(f"{target}.extents.new", "w") as listing:
        listing.writelines(extents)
        listing.flush()
        os.fsync(listing.fileno())
    for kind in ("extents", "img"):
        os.replace(f"{target}.{kind}.new", f"{target}.{kind}")
    directory = os.open(folder, os.O_RDONLY)
    os.fsync(directory)
    print(json.dumps({"file": f"{target}.img", "bytes": total * BLOCK, "extents": len(extents)}))


main(*sys.argv[1:])
