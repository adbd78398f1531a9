import { awaitWhole } from "../../harness/drbd.ts";
import { sleep, until } from "../../harness/until.ts";
import type { System } from "../../harness/system.ts";
import type { Done } from "../../harness/run.ts";
import type { Situation } from "../situation.ts";
import type { Fault } from "./fault.ts";
import { bothBack, destroy } from "./machines.ts";
import { cut } from "./networks.ts";
import { watchPause } from "./pause.ts";

/** Seconds that a migration may take, with an OS disk and an emulated guest. */
const patience = 900;

/** The other KVM host of the client. */
const otherHost = ({ client }: Situation): string => client.hosts.find((host) => host !== client.host) ?? client.host;
const twoHosts = ({ client }: Situation): boolean => client.managed && client.hosts.length > 1;
const target = (situation: Situation): string => `${situation.client.name}, to ${otherHost(situation)}`;

const migrate = (system: System, { client }: Situation, to: string, seconds = patience): Promise<Done> =>
  system.operate("client", [client.name, "--to", to, "--live", "--copy-storage"], seconds);

/** Until libvirt is at it: memory and disks are on their way. @throws when the command has ended before */
async function underWay(system: System, { client }: Situation, command: Promise<Done>): Promise<void> {
  let ended: Done | undefined;
  void command.then((done) => (ended = done));
  await until(
    `${client.name} is being migrated`,
    patience,
    async () => {
      if (ended) return undefined;
      const job = await system.onHost(client.host, `virsh domjobinfo ${client.name}`);
      return /Operation:\s+Outgoing/.test(job) ? undefined : "not yet";
    },
    0.3,
  );
  if (ended) throw new Error(`the migration ended before anything went wrong: ${(ended as Done).output}`);
}

/** What was begun is ended by the command, from wherever it is; then the client runs on one host. */
async function settle(system: System, situation: Situation): Promise<void> {
  const { client } = situation;
  const other = otherHost(situation);
  let wanted = await migrate(system, situation, other);
  // libvirt goes on with it for as long as it takes until it notices.
  for (let tries = 0; wanted.status !== 0 && /is being migrated away/.test(wanted.output) && tries < 30; tries++) {
    await sleep(3);
    wanted = await migrate(system, situation, other);
  }
  const done = wanted.status === 0 ? wanted : await migrate(system, situation, client.host);
  if (done.status !== 0) throw new Error(`what was begun is not ended: ${wanted.output}; ${done.output}`);
  const states = await Promise.all(
    client.hosts.map(async (host) => `${(await system.onHost(host, `virsh domstate ${client.name}`)).trim()}`),
  );
  if (states.filter((state) => state === "running").length !== 1 || states.some((state) => state === "paused"))
    throw new Error(`${client.name} is ${states.join(" and ")} on ${client.hosts.join(" and ")}`);
}

/** A client that writes goes to its other KVM host, and its storage stays where it is. */
export const migrateLive: Fault = {
  kind: "migrate-live",
  weight: 4,
  recovery: "none",
  possible: twoHosts,
  target,
  async strike(system, situation) {
    const pause = watchPause(system, situation.client);
    const { status, output } = await migrate(system, situation, otherHost(situation));
    const seconds = await pause.end();
    if (status !== 0) throw new Error(`kvm-mirror client --live: exit status ${status}: ${output}`);
    return { beside: Promise.resolve(), phases: [{ name: "guest stood still", seconds }] };
  },
  mend: async () => undefined,
};

/** The primary dies while the client is on its way. */
export const migrateLiveDestroy: Fault = {
  kind: "migrate-live-destroy",
  weight: 4,
  recovery: "failover",
  possible: twoHosts,
  target: (situation) => `${situation.primary}, and ${target(situation)}`,
  async strike(system, situation, random) {
    const command = migrate(system, situation, otherHost(situation));
    await underWay(system, situation, command);
    await sleep(4 * random.next());
    await destroy(system, situation.primary, situation.primaryHost);
    return { beside: command.then(() => undefined) };
  },
  async mend(system, situation, mode) {
    await bothBack(system, situation, mode);
    await awaitWhole(system, patience);
    await settle(system, situation);
  },
};

/** The operator's machine dies, at any moment of it; somebody types the command again. */
export const migrateLiveInterrupt: Fault = {
  kind: "migrate-live-interrupt",
  weight: 4,
  recovery: "none",
  possible: twoHosts,
  target,
  async strike(system, situation, random) {
    const command = migrate(system, situation, otherHost(situation), patience);
    await underWay(system, situation, command);
    await sleep(8 * random.next());
    await system.onOperator("pkill -KILL -f 'launch.js client '");
    await command;
    await settle(system, situation);
  },
  mend: async () => undefined,
};

/** The network that it goes over is cut in the middle, and with it the client's way to its storage, maybe. */
export const migrateLiveCut: Fault = {
  kind: "migrate-live-cut",
  weight: 4,
  recovery: "none",
  possible: twoHosts,
  target: (situation) => `storage network, and ${target(situation)}`,
  async strike(system, situation, random) {
    const command = migrate(system, situation, otherHost(situation));
    await underWay(system, situation, command);
    await sleep(4 * random.next());
    await cut(system, situation.standbyHost, ["cable-stor"], 20 + 10 * random.next());
    await command;
    await settle(system, situation);
  },
  mend: async () => undefined,
};
