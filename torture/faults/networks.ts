import { mirrorNamed } from "../../src/operate/stack/named.ts";
import type { System } from "../../harness/system.ts";
import { sleep } from "../../harness/until.ts";
import type { Fault } from "./fault.ts";
import { bothBack } from "./machines.ts";

/**
 * Cables between the simulated hosts (lab/hosts.sh). Guests see no carrier
 * go: as with a switch that dies between two real hosts.
 */
type Cable = "cable-repl" | "cable-stor";

export async function cable(system: System, host: string, name: Cable, state: "down" | "up"): Promise<void> {
  await system.onHost(host, `ip link set ${name} ${state}`);
}

/** Cuts cables, and after `seconds` joins them again, whatever happens. */
export async function cut(system: System, host: string, names: readonly Cable[], seconds: number): Promise<void> {
  for (const name of names) await cable(system, host, name, "down");
  try {
    await sleep(seconds);
  } finally {
    for (const name of names) await cable(system, host, name, "up");
  }
}

/** The mirrors lose each other; the primary goes on alone. Long enough that DRBD notices. */
export const cutReplication: Fault = {
  kind: "cut-replication",
  weight: 10,
  recovery: "none",
  possible: () => true,
  target: () => "replication network",
  strike: (system, { standbyHost }, random) => cut(system, standbyHost, ["cable-repl"], 15 + 15 * random.next()),
  mend: bothBack,
};

/** The mirrors lose each other, and clients on the other host lose the VIP; the management network stays. */
export const cutBoth: Fault = {
  kind: "cut-both",
  weight: 5,
  recovery: "none",
  possible: () => true,
  target: () => "replication and storage networks",
  strike: (system, { standbyHost }, random) =>
    cut(system, standbyHost, ["cable-repl", "cable-stor"], 15 + 15 * random.next()),
  mend: bothBack,
};

/**
 * The mirrors hear each other on no network, while both hear everybody else: hosts that can
 * turn the other one off, clients, and the third vote. The standby drops
 * what it sends to the primary, and takes that back by itself; so does its end, when it is fenced.
 */
export const partMirrors: Fault = {
  kind: "part-mirrors",
  weight: 5,
  recovery: "none",
  possible: () => true,
  target: () => "every network between the mirrors",
  async strike(system, { primary, standby }, random) {
    const { replicationAddress, storageAddress, managementAddress } = mirrorNamed(system.inventory, primary);
    const seconds = Math.round(20 + 30 * random.next());
    const routes = (change: "add" | "del"): string =>
      [replicationAddress, storageAddress, managementAddress]
        .map((address) => `ip route ${change} blackhole ${address}`)
        .join("; ");
    await system.onMirror(
      standby,
      `(${routes("add")}; sleep ${seconds}; ${routes("del")}) >/dev/null 2>&1 </dev/null &`,
    );
    await sleep(seconds);
  },
  mend: bothBack,
};

/** The client loses the VIP: there is a cable between them only when they are on different hosts. */
export const cutClient: Fault = {
  kind: "cut-client",
  weight: 5,
  recovery: "none",
  possible: ({ client, primaryHost }) => client.host !== primaryHost,
  target: () => "storage network",
  strike: (system, { standbyHost }, random) => cut(system, standbyHost, ["cable-stor"], 3 + 17 * random.next()),
  mend: bothBack,
};
