"""How long writes took over the last minute (watch-writes.sh), and which of them are slow.

read(text, now): by volume, {"volume": as its clients have them, "disk": on the disk below it here}, each None where it
is not known, else a dictionary: seconds that it covers, writes, ms that they took, all added up, and stuck: seconds for
which writes have waited, and none has ended, or reads. text: of the file; now: seconds of the clock that began with the
boot.
src/operate/tell/slowWrites.ts decides by the same figures, and test/scripts/slowWrites.test.ts holds them together.
"""
import time

import mirror_files as files

PATH = "/run/kvm-mirror/writes"
# Older than that, in seconds, it says nothing of now: write-times.sh has the same.
STALE = 60
# Milliseconds a write from which it is slow; writes, or else milliseconds for all of them, that it takes to say so;
# seconds without one that ends. Why these: slowWrites.ts.
SLOW, FEWEST, LONGEST, STUCK = 100, 10, 10_000, 20
# A disk without one that ends for so long is what writes wait for.
DISK_STUCK = 10
UNKNOWN = {"volume": None, "disk": None}


def read(text, now):
    lines = (text or "").splitlines()
    if not lines or not lines[0].isdigit() or now - int(lines[0]) > STALE:
        return {}
    found = {}
    for words in (line.split() for line in lines[1:]):
        if len(words) == 6:
            span, writes, ms, stuck = map(int, words[2:])
            found.setdefault(words[0], dict(UNKNOWN))[words[1]] = {
                "seconds": span // 1000, "writes": writes, "ms": ms, "stuck": stuck // 1000}
    return found


def now():
    return read(files.text_of(PATH), time.clock_gettime(time.CLOCK_BOOTTIME))


def is_slow(one, than=SLOW):
    """Whether writes are; `one`: None where it is not known."""
    if one is None:
        return False
    enough = one["writes"] >= FEWEST or one["ms"] >= LONGEST
    return one["stuck"] >= STUCK or (enough and one["ms"] > than * one["writes"])


def wait(one):
    """Milliseconds a write; of writes that are stuck, how long they are."""
    return one["stuck"] * 1000 if one["stuck"] >= DISK_STUCK else one["ms"] / max(1, one["writes"])


def bears(disk, waited, part):
    """Whether this disk took so great a part of the `waited` ms of a write."""
    return disk is not None and (disk["stuck"] >= DISK_STUCK or (disk["ms"] > 0 and wait(disk) >= waited * part))


def words(one):
    """How long a write takes, for people."""
    if one["stuck"] >= DISK_STUCK:
        return f"nothing has been answered for {one['stuck']} s"
    ms = wait(one)
    return f"a write takes {f'{ms:.1f} ms' if ms < 10 else f'{ms:.0f} ms' if ms < 10_000 else f'{ms / 1000:.0f} s'}"
