import { afterAll, beforeAll } from "vitest";
import { type Export, groupDocument, mainGroup } from "./groupDocument.ts";
import { Machine } from "./machine.ts";

export const iqn = "iqn.2026-11.net.example:r1";
export const byNbd: Omit<Export, "admitted"> = {
  volume: "r0",
  protocol: "nbd",
  name: "r0",
  device: "/dev/drbd0",
  settings: "sync = true\nflush = true\nfua = true\ntrim = false\n",
};
export const byIscsi: Omit<Export, "admitted"> = {
  volume: "r1",
  protocol: "iscsi",
  name: iqn,
  device: "/dev/drbd1",
  settings: "        scsi_id kvm-mirror-r1\n        scsi_sn r1sn0001\n",
};
/** The group's files as they are rendered: r0 by NBD, r1 by iSCSI, open to the named addresses. */
export const group = (nbd: readonly string[], iscsi: readonly string[]) => ({
  ...mainGroup,
  exports: [
    { ...byNbd, admitted: nbd },
    { ...byIscsi, admitted: iscsi },
  ],
});
export const document = (admitted: string, extra = "") => groupDocument(group([admitted], [admitted])) + extra;

/**
 * A mirror that serves the group main to the namespaces c1 (192.0.2.21) and c2 (192.0.2.22), its clients, for the tests
 * of a file. Both volumes are connected and UpToDate, nothing is configured yet.
 */
export function playedGroup() {
  let machine: Machine;
  beforeAll(async () => {
    machine = await Machine.start();
    machine.ok("ip link add storage0 type bridge && ip link set storage0 up && ip addr add 192.0.2.11/24 dev storage0");
    for (const n of [1, 2]) {
      machine.ok(`ip netns add c${n} && ip link add v${n} type veth peer name eth0 netns c${n}
        ip link set v${n} master storage0 up
        ip -n c${n} addr add 192.0.2.2${n}/24 dev eth0 && ip -n c${n} link set eth0 up && ip -n c${n} link set lo up`);
    }
    machine.volume("r0", 0);
    machine.volume("r1", 1);
    both("Connected Secondary Secondary UpToDate UpToDate");
  });
  afterAll(() => machine?.stop());

  const both = (state: string) => machine.ok(`drbdadm state r0 ${state} && drbdadm state r1 ${state}`);
  const start = () => machine.guest("group-start.sh", ["main"]);
  const stop = () => machine.guest("group-stop.sh", ["main"]);
  /** `asked`: KVM hosts that said that nothing there has a volume open. */
  const configure = (text: string, ...asked: string[]) => machine.guest("group-configure.sh", ["main", ...asked], text);
  const check = (text: string, ...asked: string[]) =>
    machine.guest("group-configure.sh", ["main", "--check", ...asked], text);
  /** The servers of a group that does not run here: they listen, and nobody reaches them without the VIP. */
  const ready = ["127.0.0.1:3260", "192.0.2.10:10809"];
  const hasVip = () => machine.ok("ip -4 -o address show to 192.0.2.10/32") !== "";
  const listeners = () => machine.ok("ss -Hltn | awk '{ print $4 }' | sort").split("\n").filter(Boolean);
  const state = () => JSON.parse(machine.guest("state.sh").stdout);
  /** Opens the exports from a client's network namespace with QEMU, as a KVM host does. */
  const openNbd = (client: string) =>
    machine.sh(
      `ip netns exec ${client} timeout 60 qemu-io -f raw ` +
        "nbd://192.0.2.10:10809/r0 -c 'write -f -P 7 0 4k' -c 'read -P 7 0 4k'",
    );
  const iscsiDisk = (initiator: string) =>
    `'json:{"driver":"raw","file":{"driver":"iscsi","transport":"tcp","portal":"192.0.2.10:3260",` +
    `"target":"${iqn}","lun":1,"initiator-name":"iqn.2026-11.net.example:${initiator}"}}'`;
  const openIscsi = (client: string, initiator = "app-1") =>
    machine.sh(
      `ip netns exec ${client} timeout 60 qemu-io ${iscsiDisk(initiator)} -c 'write -P 7 0 4k' -c 'read -P 7 0 4k'`,
    );
  /** Opens both volumes from a client and keeps them open, with no request under way. */
  const keepOpen = (client: string): void => {
    machine.ok(
      `rm -f /run/open-*; for disk in nbd://192.0.2.10:10809/r0 ${iscsiDisk("app-1")}; do n=$((n + 1)); ` +
        `setsid ip netns exec ${client} stdbuf -oL qemu-io "$disk" -c 'read 0 4k' -c 'sleep 600000' ` +
        ">/run/open-$n 2>&1 </dev/null & done",
    );
    machine.ok(
      "for i in $(seq 600); do [ $(cat /run/open-* | grep -c '^read 4096') = 2 ] && exit; sleep 0.1; done; " +
        "cat /run/open-* >&2; exit 1",
    );
  };

  return {
    get machine() {
      return machine;
    },
    both,
    start,
    stop,
    configure,
    check,
    listeners,
    ready,
    hasVip,
    state,
    openNbd,
    iscsiDisk,
    openIscsi,
    keepOpen,
  };
}
