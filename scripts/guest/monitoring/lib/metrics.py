"""metrics.py WORK NOW: everything that is known of this mirror, as metrics on stdout. For metrics.sh.

WORK has what programs said (metrics.sh says which): addresses, targets, cluster, third-vote, pool, settings. A file
that is not there could not be had. NOW: seconds since 1970.
"""
import json
import os
import sys

import clients
import drbd_proc
import mirror_files as files
import write_times
from metric_page import Page

ROLES = ["Primary", "Secondary", "Unknown", "Unconfigured"]
DISKS = ["UpToDate", "Consistent", "Outdated", "Inconsistent", "Negotiating", "Attaching", "Detaching", "Failed",
         "Diskless", "DUnknown", "Unconfigured"]
CONNECTIONS = ["Connected", "WFConnection", "StandAlone", "SyncSource", "SyncTarget", "PausedSyncS", "PausedSyncT",
               "VerifyS", "VerifyT", "WFBitMapS", "WFBitMapT", "Unconfigured"]
TOTALS = {"ns": "sent", "nr": "received", "dw": "disk_written", "dr": "disk_read"}
COUNTS = {"al": "activity_log_writes_total", "bm": "bitmap_writes_total"}
PENDING = {"lo": "disk", "pe": "peer", "ua": "answer", "ap": "application"}


def add_sync(page, sync, labels):
    page.add("volume_sync_done_ratio", sync["done"], **labels)
    page.add("volume_sync_remaining_seconds", sync["seconds"], **labels)
    page.add("volume_sync_bytes_per_second", None if sync["speed"] is None else sync["speed"] * 1024, **labels)
    page.add("volume_sync_stalled", sync["stalled"], **labels)


def add_writes(page, writes, labels):
    """of: `volume`, as its clients have them, or `disk`, the one below it here. Idle ones take no time."""
    for of, one in writes.items():
        if one is not None:
            page.add("volume_writes_slow", write_times.is_slow(one), **labels, of=of)
            if one["ms"] > 0 or one["writes"] > 0 or one["stuck"] > 0:
                page.add("volume_write_latency_seconds", write_times.wait(one) / 1000, **labels, of=of)


def add_volume(page, name, minor, seen, labels):
    good = [seen["disk"], seen["peer_disk"]].count("UpToDate")
    page.add("volume_size_bytes", files.device_bytes(minor), **labels)
    page.add_one_of("volume_role", seen["role"], ROLES, **labels)
    page.add_one_of("volume_disk_state", seen["disk"], DISKS, **labels)
    page.add_one_of("volume_peer_disk_state", seen["peer_disk"], DISKS, **labels)
    page.add_one_of("volume_connection_state", seen["connection"], CONNECTIONS, **labels)
    page.add("volume_good_copies", good, **labels)
    page.add("volume_suspended", seen["suspended"], **labels)
    page.add("volume_frozen", os.path.exists(f"/run/kvm-mirror/frozen/{name}"), **labels)
    page.add("volume_lost_since_timestamp_seconds", files.moment(f"/run/kvm-mirror/lost/{name}"), **labels)
    ended, found = files.verified(name)
    page.add("volume_verified_timestamp_seconds", ended, **labels)
    page.add("volume_verify_found_bytes", found, **labels)
    numbers = seen["numbers"]
    if "oos" in numbers:
        page.add("volume_out_of_sync_bytes", numbers["oos"] * 1024, **labels)
    for short, what in TOTALS.items():
        if short in numbers:
            page.add(f"volume_{what}_bytes_total", numbers[short] * 1024, **labels)
    for short, what in COUNTS.items():
        page.add(f"volume_{what}", numbers.get(short), **labels)
    for short, what in PENDING.items():
        page.add("volume_pending_requests", numbers.get(short), **labels, kind=what)
    if seen["sync"]:
        add_sync(page, seen["sync"], labels)
    times = files.device_times(minor)
    if times:
        for what, value in zip(("reads", "read_seconds", "writes", "write_seconds"), times):
            page.add(f"volume_{what}_total", value, **labels)


def add_mark(page, name, minor, seen, labels):
    """Whether it has gone on alone. The mark of a volume that is whole again is old."""
    whole = seen["connection"] == "Connected" and seen["disk"] == seen["peer_disk"] == "UpToDate"
    since = files.mark(name, minor)
    if whole:
        since = None
    page.add("volume_alone", since is not None, **labels)
    page.add("volume_alone_since_timestamp_seconds", since, **labels)


def add_group(page, name, settings, states, table, addresses, free):
    """`free`: whether a cluster, where there is one, would let this mirror take a group over."""
    vip, labels = settings.get("VIP"), {"group": name}
    primary = [state["role"] == "Primary" for state in states]
    reachable = True
    if vip:
        present = f" {vip}/" in addresses
        page.add("group_vip_present", present, **labels)
        reachable = present
        for protocol in ("nbd", "iscsi"):
            if settings.get(protocol.upper()) == "yes":
                listening = clients.listens(table, vip, int(settings[f"{protocol.upper()}_PORT"]))
                page.add("group_listening", listening, **labels, protocol=protocol)
                reachable = reachable and listening
    page.add("group_serving", bool(primary) and all(primary) and reachable, **labels)
    good = bool(states) and all(state["disk"] == "UpToDate" for state in states)
    page.add("group_takeover_ready", good and not any(primary) and free, **labels)


def add_clients(page, name, settings, rows, table, devices, sessions):
    counted = {(row["volume"], row["protocol"], address): 0 for row in rows for address in row["admitted"]}
    by_nbd = clients.nbd_connections(table, settings.get("VIP"), int(settings.get("NBD_PORT", 0)), devices)
    for row in rows:
        found = [peer for device, peer in by_nbd if row["protocol"] == "nbd" and device == row["device"]]
        found += [peer for target, peer in sessions if row["protocol"] == "iscsi" and target == row["name"]]
        for peer in found:
            key = (row["volume"], row["protocol"], peer)
            counted[key] = counted.get(key, 0) + 1
    for (volume, protocol, address), connections in sorted(counted.items()):
        page.add("client_connections", connections, group=name, volume=volume, protocol=protocol, address=address)


def add_cluster(page, lines, third_vote, mirror):
    """@returns whether this mirror might take a group over."""
    page.add("cluster_answers", bool(lines))
    known = [line.split() for line in lines]
    true = {(kind, name, word) for kind, name, *words in known for word in words}
    if not known:
        return False
    page.add("cluster_quorum", ("cluster", "-", "quorum=true") in true)
    page.add("cluster_paused", ("cluster", "-", "maintenance=true") in true)
    for kind, name, *_ in known:
        if kind == "node":
            for word in ("online", "standby", "unclean"):
                page.add(f"cluster_node_{word}", ("node", name, f"{word}=true") in true, node=name)
    fences = {name[len("fence-"):] for kind, name, *_ in known if kind == "resource" and name.startswith("fence-")}
    ready = {name for name in fences if ("resource", f"fence-{name}", "steady=true") in true}
    for name in sorted(fences):
        page.add("cluster_fencing_ready", name in ready, node=name)
        page.add("cluster_fencing_failed", ("fencing", name, "status=failed") in true, node=name)
    if third_vote in ("true", "false"):
        page.add("cluster_third_vote", third_vote == "true")
    return (
        ("cluster", "-", "quorum=true") in true
        and ("cluster", "-", "maintenance=true") not in true
        and ("node", mirror, "standby=true") not in true
        and fences - {mirror} <= ready
    )


def add_pool(page, pool):
    """`pool`: what state.sh says of it."""
    page.add("source_readable", pool["state"] != "silent", source="zfs")
    if pool["state"] != "silent":
        page.add("zfs_pool_online", pool["state"] == "ONLINE")
        page.add("zfs_damaged_blocks", pool["errors"])
        page.add("zfs_disk_faults", pool["faults"])
        page.add("zfs_scrubbed_timestamp_seconds", pool["scrubbed"])
        if pool["unsafe"] is not None:
            page.add("zfs_unsafe_datasets", len(pool["unsafe"]))


def main(work, now):
    mirror = os.uname().nodename
    settings = dict(line.split(None, 1) for line in (files.text_of(f"{work}/settings") or "").splitlines())
    said = {name: files.text_of(f"{work}/{name}") for name in ("addresses", "targets", "cluster", "third-vote")}
    page = Page(stack=settings.get("stack", ""), mirror=mirror)
    clustered = os.path.exists("/etc/kvm-mirror/cluster")
    proc = files.text_of(os.environ.get("PROC_DRBD", "/proc/drbd"))
    page.add("info", 1, drbd=drbd_proc.version(proc or ""), scripts=os.path.basename(settings.get("scripts", "")),
             failover="automatic" if clustered else "manual")
    page.add("written_timestamp_seconds", now)
    page.add("source_readable", proc is not None, source="drbd")
    page.add("source_readable", said["addresses"] is not None, source="addresses")
    free = add_cluster(page, (said["cluster"] or "").splitlines(), (said["third-vote"] or "").strip(), mirror) \
        if clustered else True
    volumes, states, groups = files.volumes(), drbd_proc.read(proc or ""), files.groups()
    group_of = {volume: group for group, known in groups.items() for volume in known["VOLUMES"]}
    marks, writes = True, write_times.now()
    for name, minor in volumes.items():
        labels = {"volume": name, "group": group_of.get(name, "")}
        seen = states.get(minor, drbd_proc.DOWN)
        add_volume(page, name, minor, seen, labels)
        add_writes(page, writes.get(name, write_times.UNKNOWN), labels)
        if not clustered:
            try:
                add_mark(page, name, minor, seen, labels)
            except OSError:
                marks = False
    if not clustered:
        page.add("source_readable", marks, source="marks")
    table, devices = clients.sockets(), clients.nbd_devices()
    sessions = clients.iscsi_connections(said["targets"] or "")
    tables = True
    for name, known in groups.items():
        here = [states.get(volumes.get(volume), drbd_proc.DOWN) for volume in known["VOLUMES"]]
        add_group(page, name, known, here, table, said["addresses"] or "", free)
        try:
            rows = files.exports(name)
        except ValueError:
            rows, tables = [], False
        add_clients(page, name, known, rows or [], table, devices, sessions)
    page.add("source_readable", tables, source="exports")
    pool = json.loads(files.text_of(f"{work}/pool") or "null")
    if pool:
        add_pool(page, pool)
    if any(known.get("ISCSI") == "yes" for known in groups.values()):
        page.add("source_readable", said["targets"] is not None, source="tgtd")
    sys.stdout.write(page.text())


main(sys.argv[1], int(sys.argv[2]))
