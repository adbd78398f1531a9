"""Metrics as Prometheus reads them: the text format, one HELP and TYPE a name, samples in a fixed order.

METRICS says what there is: name, type, meaning. docs/monitoring.md lists the same.
"""
METRICS = [
    ("info", "gauge", "Always 1; labels: stack, DRBD, scripts, manual or automatic failover."),
    ("written_timestamp_seconds", "gauge", "When these figures were written. An old moment: they are stale."),
    ("source_readable", "gauge", "0: this source could not be read, and what it says is missing."),
    ("volume_size_bytes", "gauge", "Size of the volume, as clients see it."),
    ("volume_role", "gauge", "DRBD's role here: 1 for the role it has, 0 for the others."),
    ("volume_disk_state", "gauge", "DRBD's state of the copy here: 1 for the state it has, 0 for the others."),
    ("volume_peer_disk_state", "gauge", "The same of the peer's copy, as it is known here."),
    ("volume_connection_state", "gauge", "DRBD's connection: 1 for the state it has, 0 for the others."),
    ("volume_good_copies", "gauge", "Copies that are UpToDate, as this mirror knows: 2, 1 or 0."),
    ("volume_out_of_sync_bytes", "gauge", "Bytes that differ between the copies, or may."),
    ("volume_suspended", "gauge", "1: reads and writes wait, none is answered."),
    ("volume_frozen", "gauge", "1: the Primary stands still: it could neither tell its peer nor leave a mark."),
    ("volume_alone", "gauge", "1: this mirror has gone on without its peer: its mark. Manual failover only."),
    ("volume_alone_since_timestamp_seconds", "gauge", "Since when it has; only while it is so."),
    ("volume_lost_since_timestamp_seconds", "gauge", "Since when the peer has not been heard; only while it is so."),
    ("volume_sync_done_ratio", "gauge", "Part of a running synchronisation or comparison that is done, 0 to 1."),
    ("volume_sync_remaining_seconds", "gauge", "Time left of it, as the kernel reckons."),
    ("volume_sync_bytes_per_second", "gauge", "Its speed of late."),
    ("volume_sync_stalled", "gauge", "1: it has not moved for minutes, as the kernel says."),
    ("volume_verified_timestamp_seconds", "gauge", "When drbdadm verify last ended here; 0: not on record."),
    ("volume_verify_found_bytes", "gauge", "What that comparison found to differ."),
    ("volume_sent_bytes_total", "counter", "Bytes sent to the peer, since the connection began."),
    ("volume_received_bytes_total", "counter", "Bytes received from the peer, since the connection began."),
    ("volume_disk_written_bytes_total", "counter", "Bytes written to the data disk here."),
    ("volume_disk_read_bytes_total", "counter", "Bytes read from the data disk here."),
    ("volume_activity_log_writes_total", "counter", "Updates of the activity log in DRBD's metadata."),
    ("volume_bitmap_writes_total", "counter", "Updates of the bitmap in DRBD's metadata."),
    ("volume_pending_requests", "gauge", "Requests that wait for disk, peer, this mirror's answer, application."),
    ("volume_reads_total", "counter", "Reads of the volume that were answered, by its servers here."),
    ("volume_writes_total", "counter", "Writes to the volume that were answered."),
    ("volume_read_seconds_total", "counter", "Time that all reads took, one beside the other counted for each."),
    ("volume_write_seconds_total", "counter", "The same of writes: both copies and the network are in it."),
    ("volume_write_latency_seconds", "gauge", "Time of a write over the last minute; none ended: for how long."),
    ("volume_writes_slow", "gauge", "1: writes took more than 100 ms over the last minute, or none ended for 20 s."),
    ("group_serving", "gauge", "1: the group is served here: all its volumes Primary, VIP and servers there."),
    ("group_vip_present", "gauge", "Whether this mirror has the group's VIP."),
    ("group_listening", "gauge", "Whether the group's server of this protocol listens at the VIP's address."),
    ("group_takeover_ready", "gauge", "1: not served here, and this mirror could take it over now with all data."),
    ("client_connections", "gauge", "Connections of a KVM host to an export here; 0: admitted, not there."),
    ("zfs_pool_online", "gauge", "1: the mirror's ZFS pool is there and ONLINE. Missing where it has none."),
    ("zfs_damaged_blocks", "gauge", "Blocks in the ZFS pool that cannot be read as they were written."),
    ("zfs_disk_faults", "gauge", "Reads, writes and checksums of the ZFS disk that went wrong since the mirror booted."),
    ("zfs_unsafe_datasets", "gauge", "Pool and zvols with sync=disabled, where ZFS acknowledges what no disk has."),
    ("zfs_scrubbed_timestamp_seconds", "gauge", "When the ZFS pool was last read through; only where it was."),
    ("cluster_answers", "gauge", "Whether Pacemaker answers here. Automatic failover only."),
    ("cluster_quorum", "gauge", "Whether this mirror's side has quorum."),
    ("cluster_paused", "gauge", "1: maintenance mode, in which nothing fails over."),
    ("cluster_node_online", "gauge", "Whether a mirror is a member of the cluster."),
    ("cluster_node_standby", "gauge", "1: the mirror is in standby, and takes no group over."),
    ("cluster_node_unclean", "gauge", "1: the mirror has to be fenced, and is not yet."),
    ("cluster_third_vote", "gauge", "Whether the third vote is there; missing where none is configured."),
    ("cluster_fencing_ready", "gauge", "Whether the cluster's last look said that this mirror can be turned off."),
    ("cluster_fencing_failed", "gauge", "1: the last attempt to turn this mirror off has failed."),
]


def number(value):
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, int):
        return str(value)
    return f"{value:.10g}"


def label(value):
    return str(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


class Page:
    """Collects samples. `common`: labels that all of them have."""

    def __init__(self, **common):
        self.common = common
        self.samples = {}

    def add(self, name, value, **labels):
        """A sample; none where the value is None."""
        if value is None:
            return
        pairs = ",".join(f'{key}="{label(word)}"' for key, word in {**self.common, **labels}.items())
        self.samples.setdefault(name, []).append(f"kvm_mirror_{name}{{{pairs}}} {number(value)}")

    def add_one_of(self, name, value, words, **labels):
        """1 for the word that holds, 0 for the others. One that nobody expects is said all the same."""
        for word in [*words, *([] if value in words else [value])]:
            self.add(name, word == value, **labels, state=word)

    def text(self):
        unknown = self.samples.keys() - {name for name, _, _ in METRICS}
        if unknown:
            raise KeyError(f"metric_page.py: METRICS does not have {sorted(unknown)}")
        lines = []
        for name, kind, meaning in METRICS:
            if name in self.samples:
                lines += [f"# HELP kvm_mirror_{name} {meaning}", f"# TYPE kvm_mirror_{name} {kind}"]
                lines += self.samples[name]
        return "\n".join(lines) + "\n"
