"""The words of a message: what is, since when, and the command to look. Pure."""
import re
import time

from notify_decide import APART, DIFFER, FAILOVER, GO_ON, is_down, ONE_COPY, SLOW, STILL, WHOLE
from write_times import bears, wait, words

TEST = "test"
# Reads and writes beside those of clients, in DRBD 8.4's words (drbd_strings.c).
BUSY = re.compile(r"(Sync(Source|Target)|Verify[ST])$")
HEADLINES = {
    STILL: "clients stand still",
    DIFFER: "the copies differ",
    FAILOVER: "it is Primary, and its peer is not connected",
    ONE_COPY: "one copy left",
    SLOW: "writes are slow",
    GO_ON: "clients go on",
    WHOLE: "whole again",
    TEST: "this is a test",
}
# Characters of what is said of volumes: messages are kept in memory, and chats take no books. All are in `troubles`.
LONGEST = 3000


def moment(seconds):
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(seconds))


def copies(volume):
    said = []
    if volume["connection"] in APART:
        said.append(f"the peer is not connected ({volume['connection']})")
    if volume["disk"] != "UpToDate":
        said.append(f"the copy here is {volume['disk']}")
    if volume["connection"] not in APART and volume["peer_disk"] != "UpToDate":
        said.append(f"the peer's copy is {volume['peer_disk']}")
    none = "UpToDate" not in (volume["disk"], volume["peer_disk"])
    return ("no good copy in reach: " if none else "") + ", ".join(said)


def still(volume):
    if volume["disk"] != "UpToDate":
        return "reads and writes wait: no good copy can be reached"
    if volume["frozen"]:
        return "reads and writes wait: it could neither tell its peer nor leave a mark"
    return "reads and writes wait until the peer is marked as outdated, or fenced"


def slow(volume):
    """How slow, and whose fault it is as far as this mirror knows."""
    of_volume, disk = volume["writes"]["volume"], volume["writes"]["disk"]
    if volume["role"] != "Primary":
        return f"the data disk here is slow, and clients of the peer wait for it: {words(disk)}"
    if BUSY.match(volume["connection"]):
        return f"{words(of_volume)}, while the copies are synchronised or compared"
    # With less, the peer's disk may take more: this mirror does not know.
    if bears(disk, wait(of_volume), 1 / 2):
        return f"{words(of_volume)}; it is the data disk here: {words(disk)}"
    if disk is None:
        return words(of_volume)
    return f"{words(of_volume)}; on the data disk here {words(disk)}: see the peer's, and the replication network"


def detail(trouble, volume):
    if is_down(volume):
        return "it is down here by now"
    if trouble == FAILOVER:
        return "Primary here, without its peer"
    if trouble == DIFFER:
        return f"{volume['differing']} KiB differ between the mirrors, as drbdadm verify found: kvm-mirror recover"
    if trouble == SLOW:
        return slow(volume)
    return still(volume) if trouble == STILL else copies(volume)


def lines(kind, troubles, seen, moment_of):
    """One line for all volumes of a group of which the same is to be said."""
    found = {}
    for one in troubles:
        volume = seen[one["volume"]]
        what = f"it was: {HEADLINES[one['trouble']]}" if kind == WHOLE else detail(one["trouble"], volume)
        found.setdefault((volume["group"], what), []).append(one)
    for (group, what), those in found.items():
        names = ", ".join(one["volume"] for one in those)
        since = moment(min(moment_of(one["since"]) for one in those))
        yield f"{names}{f' (group {group})' if group else ''}: {what}; since {since}"


def compose(place, said, seen, moment_of, now):
    """The message as it is sent. place: stack and mirror. moment_of: seconds since 1970 of a moment of `said`."""
    kinds = list(dict.fromkeys([said["kind"], *(one["trouble"] for one in said["troubles"])]))
    headline = "; ".join(HEADLINES[kind] for kind in (kinds if said["kind"] != WHOLE else [WHOLE]))
    body = "\n".join(lines(said["kind"], said["troubles"], seen, moment_of))
    text = "\n".join([
        f"[{place['stack']}] {place['mirror']}: {headline}",
        *([body if len(body) <= LONGEST else f"{body[:LONGEST]}…"] if body else []),
        f"Look: kvm-mirror status --stack {place['stack']}",
    ])
    return {
        "text": text,
        **place,
        "kind": said["kind"],
        "headline": headline,
        "moment": int(now),
        "troubles": [{**one, "group": seen[one["volume"]]["group"], "since": int(moment_of(one["since"]))}
                     for one in said["troubles"]],
    }


def test_message(place, now):
    said = {"kind": TEST, "troubles": []}
    return compose(place, said, {}, float, now)


def joined(waiting, dropped):
    """What is sent of messages that wait: the newest, which says all that is so now, and that there were others."""
    newest, earlier = waiting[-1], waiting[:-1]
    if not earlier and not dropped:
        return newest
    said = [f"{moment(one['moment'])} {one['headline']}" for one in earlier]
    if dropped:
        said.insert(0, f"{dropped} more")
    text = "\n".join([newest["text"], "Not delivered before:", *said])
    return {**newest, "text": text, "earlier": [{key: one[key] for key in ("moment", "kind")} for one in earlier]}
