/** What the dashboard shows, panel by panel; dashboard.ts makes Grafana's model of it. */

/** Unit of a panel's values, in Grafana's words. */
type Unit = "short" | "bytes" | "binBps" | "s" | "percentunit" | "dateTimeFromNow" | "reqps";

interface Query {
  /** PromQL; `$stack` and `$volume` are the dashboard's variables. */
  readonly expr: string;
  /** What a line is called, with `{{label}}`. */
  readonly legend: string;
}

export interface Panel {
  readonly title: string;
  /** What it shows, and when to look twice. */
  readonly about: string;
  readonly kind: "stat" | "timeseries" | "state-timeline";
  readonly unit: Unit;
  /** Of 24 columns. */
  readonly width: number;
  readonly queries: readonly Query[];
  /** From which value on which colour, where colours say something. */
  readonly colours?: readonly (readonly [from: number | null, colour: "red" | "orange" | "green" | "blue"])[];
}

const stack = 'stack="$stack"';
const volume = `${stack},volume=~"$volume"`;
const good = [
  [null, "red"],
  [1, "orange"],
  [2, "green"],
] as const;
const one = [
  [null, "red"],
  [1, "green"],
] as const;
const none = [
  [null, "green"],
  [1, "red"],
] as const;

const query = (expr: string, legend: string): Query => ({ expr, legend });

/** From left to right, in rows of 24 columns. */
export const panels: readonly Panel[] = [
  {
    title: "Good copies",
    about: "UpToDate copies of each volume. 1: the next failure can lose writes. 0: no good copy is to be seen.",
    kind: "stat",
    unit: "short",
    width: 8,
    queries: [query(`max by (volume) (kvm_mirror_volume_good_copies{${volume}})`, "{{volume}}")],
    colours: good,
  },
  {
    title: "Served by",
    about: "1 on the mirror that serves the group. One of the two, always.",
    kind: "stat",
    unit: "short",
    width: 8,
    queries: [query(`kvm_mirror_group_serving{${stack}}`, "{{group}} on {{mirror}}")],
    colours: [
      [null, "blue"],
      [1, "green"],
    ],
  },
  {
    title: "Could be taken over now",
    about: "Whether some mirror could take the group over with all data, if its primary died now.",
    kind: "stat",
    unit: "short",
    width: 8,
    queries: [query(`max by (group) (kvm_mirror_group_takeover_ready{${stack}})`, "{{group}}")],
    colours: one,
  },
  {
    title: "State of each copy",
    about: "DRBD's state of the disks, over time.",
    kind: "state-timeline",
    unit: "short",
    width: 12,
    queries: [query(`kvm_mirror_volume_disk_state{${volume}} == 1`, "{{volume}} on {{mirror}}: {{state}}")],
  },
  {
    title: "Connection of the mirrors",
    about: "DRBD's connection, over time. WFConnection: it waits for its peer. StandAlone: it does not even try.",
    kind: "state-timeline",
    unit: "short",
    width: 12,
    queries: [query(`kvm_mirror_volume_connection_state{${volume}} == 1`, "{{volume}} on {{mirror}}: {{state}}")],
  },
  {
    title: "Standing still",
    about:
      "Volumes whose reads and writes wait (suspended), or whose primary stands still, and marks of going on alone.",
    kind: "stat",
    unit: "short",
    width: 8,
    queries: [
      query(`max by (volume) (kvm_mirror_volume_suspended{${volume}})`, "{{volume}} suspended"),
      query(`max by (volume) (kvm_mirror_volume_frozen{${volume}})`, "{{volume}} stands still"),
      query(`max by (volume) (kvm_mirror_volume_alone{${volume}})`, "{{volume}} alone"),
    ],
    colours: none,
  },
  {
    title: "Out of sync",
    about: "Bytes that differ, or may. It falls while a synchronisation runs.",
    kind: "timeseries",
    unit: "bytes",
    width: 8,
    queries: [query(`kvm_mirror_volume_out_of_sync_bytes{${volume}}`, "{{volume}} on {{mirror}}")],
  },
  {
    title: "Time left of a synchronisation",
    about: "As the kernel reckons. Nothing: none runs.",
    kind: "timeseries",
    unit: "s",
    width: 8,
    queries: [query(`max by (volume) (kvm_mirror_volume_sync_remaining_seconds{${volume}})`, "{{volume}}")],
  },
  {
    title: "Time of a write",
    about:
      "Of the last minute, as clients have it: both disks and the replication network are in it. And on each data " +
      "disk: one that takes as long is the cause.",
    kind: "timeseries",
    unit: "s",
    width: 12,
    queries: [
      query(`kvm_mirror_volume_write_latency_seconds{${volume},of="volume"}`, "{{volume}} on {{mirror}}"),
      query(`kvm_mirror_volume_write_latency_seconds{${volume},of="disk"}`, "{{volume}}: data disk of {{mirror}}"),
    ],
  },
  {
    title: "Time of a read",
    about: "Average of a read.",
    kind: "timeseries",
    unit: "s",
    width: 12,
    queries: [
      query(
        `rate(kvm_mirror_volume_read_seconds_total{${volume}}[5m])` +
          ` / rate(kvm_mirror_volume_reads_total{${volume}}[5m])`,
        "{{volume}} on {{mirror}}",
      ),
    ],
  },
  {
    title: "Requests a second",
    about: "Reads and writes of clients.",
    kind: "timeseries",
    unit: "reqps",
    width: 12,
    queries: [
      query(`rate(kvm_mirror_volume_reads_total{${volume}}[5m])`, "{{volume}} reads"),
      query(`rate(kvm_mirror_volume_writes_total{${volume}}[5m])`, "{{volume}} writes"),
    ],
  },
  {
    title: "Replication",
    about: "Bytes a second to the peer and from it.",
    kind: "timeseries",
    unit: "binBps",
    width: 12,
    queries: [
      query(`rate(kvm_mirror_volume_sent_bytes_total{${volume}}[5m])`, "{{volume}} from {{mirror}}"),
      query(`rate(kvm_mirror_volume_received_bytes_total{${volume}}[5m])`, "{{volume}} to {{mirror}}"),
    ],
  },
  {
    title: "Data disks",
    about: "Bytes a second that DRBD reads from the data disks and writes to them.",
    kind: "timeseries",
    unit: "binBps",
    width: 12,
    queries: [
      query(`rate(kvm_mirror_volume_disk_read_bytes_total{${volume}}[5m])`, "{{volume}} read on {{mirror}}"),
      query(`rate(kvm_mirror_volume_disk_written_bytes_total{${volume}}[5m])`, "{{volume}} written on {{mirror}}"),
    ],
  },
  {
    title: "Waiting requests",
    about: "What waits for the disk here, for the peer, for this mirror's answer, and what the application waits for.",
    kind: "timeseries",
    unit: "short",
    width: 12,
    queries: [query(`kvm_mirror_volume_pending_requests{${volume}}`, "{{volume}} on {{mirror}}: {{kind}}")],
  },
  {
    title: "Clients",
    about: "Connections of the KVM hosts that are admitted. 0: its client is off, or has lost its disk.",
    kind: "timeseries",
    unit: "short",
    width: 12,
    queries: [
      query(
        `sum by (volume, protocol, address) (kvm_mirror_client_connections{${volume}})`,
        "{{volume}} {{protocol}} {{address}}",
      ),
    ],
  },
  {
    title: "Last comparison of the copies",
    about: "When drbdadm verify last ended. 1970: never.",
    kind: "stat",
    unit: "dateTimeFromNow",
    width: 12,
    queries: [query(`1000 * max by (volume) (kvm_mirror_volume_verified_timestamp_seconds{${volume}})`, "{{volume}}")],
  },
  {
    title: "Cluster",
    about: "Automatic failover alone: all are 1 while it is able to fail over.",
    kind: "stat",
    unit: "short",
    width: 12,
    queries: [
      query(`min(kvm_mirror_cluster_quorum{${stack}})`, "quorum"),
      query(`min(kvm_mirror_cluster_third_vote{${stack}})`, "third vote"),
      query(`min by (node) (kvm_mirror_cluster_fencing_ready{${stack}})`, "{{node}} can be fenced"),
    ],
    colours: one,
  },
  {
    title: "Age of these figures",
    about: "Seconds since a mirror wrote its metrics; 15 and what a scrape takes. More than 120: they are stale.",
    kind: "timeseries",
    unit: "s",
    width: 12,
    queries: [query(`time() - kvm_mirror_written_timestamp_seconds{${stack}}`, "{{mirror}}")],
  },
];
