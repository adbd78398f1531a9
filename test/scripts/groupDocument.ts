/** Documents of export groups, as src/render/placement/groupDocument.ts renders them. */

/** One export: a line of the table, and its part of the server's own file. */
export interface Export {
  readonly volume: string;
  readonly protocol: "nbd" | "iscsi";
  /** NBD's export name, iSCSI's target. */
  readonly name: string;
  /** For example `/dev/drbd0`. */
  readonly device: string;
  readonly admitted: readonly string[];
  /** More lines of its section or backing store, each with its end. */
  readonly settings?: string;
}

export interface Group {
  readonly group: string;
  readonly vip: string;
  readonly exports: readonly Export[];
  /** Names, with spaces between. Default: those of the exports. */
  readonly volumes?: string;
}

/** What `main` is called by, unless a test has more than one group. */
export const mainGroup = { group: "main", vip: "192.0.2.10" } as const;

const port = { nbd: 10809, iscsi: 3260 } as const;

/** r0 by NBD, open to one address. */
export const r0ByNbd = (admitted: string): Export => ({
  volume: "r0",
  protocol: "nbd",
  name: "r0",
  device: "/dev/drbd0",
  admitted: [admitted],
});

/** r1 by iSCSI, open to one address. */
export const r1ByIscsi = (iqn: string, admitted: string): Export => ({
  volume: "r1",
  protocol: "iscsi",
  name: iqn,
  device: "/dev/drbd1",
  admitted: [admitted],
});

/** The whole document. */
export const groupDocument = (group: Group): string => groupEnv(group) + exportTable(group) + serverFiles(group);

/** What an older version rendered, which knew no table of exports. */
export const documentWithoutTable = (group: Group): string => groupEnv(group) + serverFiles(group);

function groupEnv({ group, vip, exports, volumes }: Group): string {
  const uses = (protocol: Export["protocol"]) => (exports.some((one) => one.protocol === protocol) ? "yes" : "no");
  const names = volumes ?? [...new Set(exports.map(({ volume }) => volume))].join(" ");
  return (
    `==> /etc/kvm-mirror/${group}.env 0644\nVIP=${vip}\nVIP_PREFIX=24\nVIP_INTERFACE=storage0\nVOLUMES="${names}"\n` +
    `NBD=${uses("nbd")}\nNBD_PORT=${port.nbd}\nISCSI=${uses("iscsi")}\nISCSI_PORT=${port.iscsi}\n`
  );
}

export function exportTable({ group, vip, exports }: Group): string {
  const rows = exports.map(
    ({ volume, protocol, name, device, admitted }) =>
      `${volume} ${protocol} ${vip}:${port[protocol]}/${name} ${device} ${admitted.join(",") || "-"}\n`,
  );
  const columns = "# volume protocol address:port/name device admitted\n";
  return `==> /etc/kvm-mirror/${group}.exports 0644\n${columns}${rows.join("")}`;
}

function serverFiles({ group, vip, exports }: Group): string {
  const nbd = exports.filter(({ protocol }) => protocol === "nbd");
  const iscsi = exports.filter(({ protocol }) => protocol === "iscsi");
  const list = ({ volume }: Export) => `/etc/nbd-server/kvm-mirror-${group}-${volume}.allow`;
  return [
    ...(nbd.length === 0
      ? []
      : [
          `==> /etc/nbd-server/kvm-mirror-${group}.conf 0644\n[generic]\nuser = nbd\ngroup = disk\n` +
            `listenaddr = ${vip}\nport = ${port.nbd}\nallowlist = false\n`,
        ]),
    ...nbd.map(
      (one) => `[${one.name}]\nexportname = ${one.device}\nauthfile = ${list(one)}\n${one.settings ?? "sync = true\n"}`,
    ),
    ...nbd.map((one) => `==> ${list(one)} 0644\n${one.admitted.map((address) => `${address}\n`).join("")}`),
    ...(iscsi.length === 0 ? [] : [`==> /etc/tgt/kvm-mirror/${group}.conf 0600\n`]),
    ...iscsi.map(
      ({ name, device, admitted, settings = "" }) =>
        `<target ${name}>\n    driver iscsi\n    <backing-store ${device}>\n        lun 1\n        bs-type rdwr\n` +
        `        write-cache off\n${settings}    </backing-store>\n` +
        `${(admitted.length > 0 ? admitted : ["127.0.0.1"]).map((at) => `    initiator-address ${at}\n`).join("")}` +
        "</target>\n",
    ),
  ].join("");
}
