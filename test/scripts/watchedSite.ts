/** A site as Prometheus sees it: two mirrors of stack lab, group main with volume r0, served by mirror-a. */

/** Series by selector; values as promtool writes them (`1x40`: 1, and 40 times more). */
export type Series = Readonly<Record<string, string>>;

const mirrors = ["mirror-a", "mirror-b"] as const;
const volume = 'group="main",volume="r0"';

/** The selector of a series. @param labels beside stack and mirror, `a="b"` with commas between */
export const on = (mirror: string, name: string, labels = ""): string =>
  `kvm_mirror_${name}{stack="lab",mirror="${mirror}"${labels === "" ? "" : `,${labels}`}}`;
export const ofVolume = (mirror: string, name: string): string => on(mirror, `volume_${name}`, volume);
export const inState = (mirror: string, name: string, state: string): string =>
  on(mirror, `volume_${name}`, `${volume},state="${state}"`);
/** Of the figures of writes. @param of `volume` or `disk` */
export const ofWrites = (mirror: string, of: string): string =>
  on(mirror, "volume_writes_slow", `${volume},of="${of}"`);
export const ofGroup = (mirror: string, name: string): string => on(mirror, `group_${name}`, 'group="main"');
const client = 'group="main",volume="r0",protocol="nbd",address="10.20.0.2"';
export const ofClient = (mirror: string): string => on(mirror, "client_connections", client);
export const ofNode = (mirror: string, name: string, node: string): string =>
  on(mirror, `cluster_${name}`, `node="${node}"`);

/** Samples of a series: as few as will do, because promtool reckons with each. */
const long = 130;
const always = (value: number): string => `${value}+0x${long}`;

/** All is well, for half an hour at a sample each 15 s. */
export const healthy: Series = Object.fromEntries(
  mirrors.flatMap((mirror) => {
    const serves = Number(mirror === "mirror-a");
    return [
      [on(mirror, "written_timestamp_seconds"), `0+15x${long}`],
      [on(mirror, "source_readable", 'source="drbd"'), always(1)],
      [ofVolume(mirror, "good_copies"), always(2)],
      [ofVolume(mirror, "out_of_sync_bytes"), always(0)],
      [ofVolume(mirror, "suspended"), always(0)],
      [ofVolume(mirror, "frozen"), always(0)],
      [ofVolume(mirror, "verified_timestamp_seconds"), always(1)],
      [ofWrites(mirror, "volume"), always(0)],
      [ofWrites(mirror, "disk"), always(0)],
      ...states(mirror, "role", ["Primary", "Secondary"], serves ? "Primary" : "Secondary"),
      ...states(mirror, "disk_state", ["UpToDate", "Outdated", "Inconsistent", "Diskless"], "UpToDate"),
      ...states(
        mirror,
        "connection_state",
        ["Connected", "WFConnection", "StandAlone", "SyncSource", "SyncTarget", "PausedSyncT", "VerifyS"],
        "Connected",
      ),
      [ofGroup(mirror, "serving"), always(serves)],
      [ofGroup(mirror, "vip_present"), always(serves)],
      [ofGroup(mirror, "takeover_ready"), always(1 - serves)],
      [ofClient(mirror), always(serves)],
    ];
  }),
);

function states(mirror: string, name: string, all: readonly string[], now: string): [string, string][] {
  return all.map((state) => [inState(mirror, name, state), always(Number(state === now))]);
}

/** The same in automatic failover, with a third vote. */
export const clustered: Series = {
  ...healthy,
  ...Object.fromEntries(
    mirrors.flatMap((mirror) => [
      [on(mirror, "cluster_answers"), always(1)],
      [on(mirror, "cluster_quorum"), always(1)],
      [on(mirror, "cluster_paused"), always(0)],
      [on(mirror, "cluster_third_vote"), always(1)],
      ...mirrors.flatMap((node) => [
        [ofNode(mirror, "node_online", node), always(1)],
        [ofNode(mirror, "node_standby", node), always(0)],
        [ofNode(mirror, "fencing_ready", node), always(1)],
        [ofNode(mirror, "fencing_failed", node), always(0)],
      ]),
    ]),
  ),
};

/** From the 20th sample on (5 minutes) for so many samples one value, then what was before. */
export const meanwhile = (value: number, samples: number, before: number): string =>
  `${before}+0x19 ${value}+0x${samples - 1} ${before}+0x${long - 20 - samples}`;
/** From the 20th sample on another value. */
export const since = (value: number, before: number): string => `${before}+0x19 ${value}+0x${long - 20}`;
/** From the 20th sample on there is none. */
export const gone = (before: string): string => `${before}x19 stale`;

/** The moments at which both mirrors' metrics are written, with a sample each so many seconds. */
export const sampledEach = (seconds: number): Series =>
  Object.fromEntries(mirrors.map((mirror) => [on(mirror, "written_timestamp_seconds"), `0+${seconds}x970`]));

/** Where the states of a volume on a mirror change from `before` to `after` at the 20th sample. */
export const turns = (mirror: string, name: string, before: string, after: string): Series => ({
  [inState(mirror, name, before)]: since(0, 1),
  [inState(mirror, name, after)]: since(1, 0),
});

/** A mirror that Prometheus reaches no more from the 20th sample on. */
export const unreached = (mirror: string, site: Series = healthy): Series =>
  Object.fromEntries(
    Object.entries(site)
      .filter(([selector]) => selector.includes(`mirror="${mirror}"`))
      .map(([selector, values]) => [selector, gone(values.replace(/x\d+$/, ""))]),
  );
