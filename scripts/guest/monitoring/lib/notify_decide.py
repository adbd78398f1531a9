"""What people are told of a mirror's volumes, and when. Pure: no file, no clock, no network.

decide(before, seen, now, settled): (after, message)
  before   {} at first, then what decide returned as `after`: plain values that the caller keeps
  seen     volumes by name: group, connection, role, disk, peer_disk, suspended (drbd_proc.py), frozen: its Primary
           could neither tell its peer nor leave a mark, first_sync: it has never been whole, and is being filled,
           differing: KiB that are known to differ between the copies, writes: how long they took (write_times.py)
  now      seconds, of a clock that nobody sets
  settled  seconds that a change has to last before anybody is told; clients that nothing lets go on are told at once
  message  None, or {"kind": why it is sent, "troubles": [{"volume", "trouble", "since"}]}. It says all that is wrong,
           not only what is new, so the newest one is enough. Of kind "whole-again" it says what was wrong

One message tells of all volumes that changed together. Of a volume that is down here nothing is known: what was told of
it stays as it was.
"""
from write_times import bears, is_slow, SLOW as SLOW_FROM, wait

# Trouble of a volume, the worst first.
STILL, DIFFER, FAILOVER, ONE_COPY = "clients-stand-still", "copies-differ", "failover", "one-copy-left"
SLOW = "slow-writes"
WORST_FIRST = [STILL, DIFFER, FAILOVER, ONE_COPY, SLOW]
GO_ON, WHOLE = "clients-go-on", "whole-again"
# So many times `settled` slow writes have to last, and to be gone: a minute. A disk may be slow by fits, and figures
# then go up and down.
LASTING = 15

# DRBD 8.4's words for a connection without a peer (drbd_strings.c).
APART = {"StandAlone", "Disconnecting", "Unconnected", "Timeout", "BrokenPipe", "NetworkFailure", "ProtocolError",
         "TearDown", "WFConnection", "WFReportParams"}


def is_down(volume):
    return volume["connection"] == "Unconfigured"


def is_whole(volume):
    return volume["connection"] not in APART and volume["disk"] == volume["peer_disk"] == "UpToDate"


def is_slowed(volume, known):
    """Whether clients wait long for writes, as far as this mirror can tell; once it is so, until it is clearly over."""
    than = SLOW_FROM / 2 if SLOW in known else SLOW_FROM
    of_volume, disk = volume["writes"]["volume"], volume["writes"]["disk"]
    if volume["role"] == "Primary":
        # One that stands still is worse. What was slow before the peer was lost is over, unless it is the disk here.
        return not volume["suspended"] and not volume["frozen"] and is_slow(of_volume, than) and (
            volume["connection"] not in APART or bears(disk, wait(of_volume), 1 / 4))
    # A write waits for the disk of the standby. While that is being filled, the writes are not its clients'.
    return is_whole(volume) and volume["peer_role"] == "Primary" and is_slow(disk, than)


def troubles(volume, role_before, known):
    """What is wrong in one look. role_before: of the look before, None at the first. known: troubles of it till now."""
    found = set()
    primary = volume["role"] == "Primary"
    if primary and (volume["suspended"] or volume["frozen"]):
        found.add(STILL)
    if primary and volume["connection"] in APART and (FAILOVER in known or role_before not in (None, "Primary")):
        found.add(FAILOVER)
    if not is_whole(volume) and not volume["first_sync"]:
        found.add(ONE_COPY)
    # While a comparison runs, its findings are not all there.
    if is_whole(volume) and volume["connection"] == "Connected" and volume["differing"] > 0:
        found.add(DIFFER)
    if is_slowed(volume, known):
        found.add(SLOW)
    return found


def patience(trouble, volume, settled):
    """A Primary that has just lost its peer stands still while that is asked, or fenced. Nothing ends the others."""
    if trouble == SLOW:
        return LASTING * settled
    waits = trouble == STILL and (volume["frozen"] or volume["disk"] != "UpToDate")
    return 0 if waits else settled


def is_over(trouble, record, now, settled):
    """Gone for long enough."""
    return record["gone"] is not None and now - record["gone"] >= (LASTING * settled if trouble == SLOW else settled)


def looked(records, roles, seen, now, settled):
    """The records after a look: of each trouble since when it is there, whether it was told, since when it is gone."""
    after = {}
    for name, volume in seen.items():
        known = dict(records.get(name, {}))
        if is_down(volume):
            after[name] = {one: record for one, record in known.items() if record["told"]}
            continue
        present = troubles(volume, roles.get(name), {one for one, record in known.items() if record["gone"] is None})
        for trouble in present:
            record = known.get(trouble)
            # One that has come back after it was gone for long is a new one.
            if record is None or is_over(trouble, record, now, settled):
                known[trouble] = {"since": now, "told": False, "gone": None}
            else:
                known[trouble] = {**record, "gone": None}
        for trouble in set(known) - present:
            if not known[trouble]["told"]:
                del known[trouble]
            elif known[trouble]["gone"] is None:
                known[trouble] = {**known[trouble], "gone": now}
        after[name] = known
    return after


def due(rows, owed, seen, now, settled):
    """Why somebody is told now, and of what; None: nobody is."""
    present = [row for row in rows if row[2]["gone"] is None]
    new = [row for row in present if not row[2]["told"]]
    told = [row for row in rows if row[2]["told"]]
    over = [row for row in told if is_over(row[1], row[2], now, settled)]
    stills = [row for row in told if row[1] == STILL]
    if any(now - record["since"] >= patience(trouble, seen[name], settled) for name, trouble, record in new):
        return min((trouble for _, trouble, _ in new), key=WORST_FIRST.index), present
    if owed and not new and over == told:
        return WHOLE, owed
    if stills and present and all(row in over for row in stills):
        return GO_ON, present
    return None


def rows_of(records, names):
    """Of these volumes, the worst trouble first."""
    found = [(name, trouble, record) for name in sorted(records) for trouble, record in records[name].items()]
    return sorted((row for row in found if row[0] in names), key=lambda row: WORST_FIRST.index(row[1]))


def records_of(rows):
    found = {}
    for name, trouble, record in rows:
        found.setdefault(name, {})[trouble] = record
    return found


def decide(before, seen, now, settled):
    """`records` is what the reader of the last message knows, and what may become news; `owed`, all that was told since
    all was whole.
    """
    rows = rows_of(looked(before.get("records", {}), before.get("roles", {}), seen, now, settled), seen)
    owed = rows_of(before.get("owed", {}), seen)
    why, what = due(rows, owed, seen, now, settled) or (None, [])
    if why == WHOLE:
        rows, owed = [], []
    elif why:
        # What has just gone is not in the message: should it come back, it is new.
        rows = [(name, trouble, {**record, "told": True}) for name, trouble, record in what]
        known = {(name, trouble) for name, trouble, _ in owed}
        owed = owed + [row for row in rows if row[:2] not in known]
    after = {"records": records_of(rows), "owed": records_of(owed),
             "roles": {name: volume["role"] for name, volume in seen.items()}}
    said = [{"volume": name, "trouble": trouble, "since": record["since"]} for name, trouble, record in what]
    return after, {"kind": why, "troubles": said} if why else None
