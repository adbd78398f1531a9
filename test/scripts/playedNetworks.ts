import { afterAll, beforeAll } from "vitest";
import { Machine } from "./machine.ts";

/** Who is where, by namespace: the network, and the address there. */
const places = {
  "r-peer": ["replication", "10.10.0.12/24"],
  "r-stranger": ["replication", "10.10.0.66/24"],
  "s-peer": ["storage", "10.20.0.12/24"],
  "s-client": ["storage", "10.20.0.2/24"],
  "s-host": ["storage", "10.20.0.3/24"],
  "s-gone": ["storage", "10.20.0.5/24"],
  "s-stranger": ["storage", "10.20.0.66/24"],
  "m-peer": ["management", "10.30.0.12/24"],
  "m-operator": ["management", "10.30.0.50/24"],
  "m-elsewhere": ["management", "10.99.0.7/24"],
} as const;
export type Place = keyof typeof places;
export type Answer = "answered" | "refused" | "silent";

const programs = "python3 $GUEST_SCRIPTS/../../test/scripts/machine";

/** What mirror-a has listening, whoever may reach it: the VIP's ports as the servers have them, one nobody knows of. */
const listening = ["22", "7788", "7789", "9100"].map((port) => `tcp:0.0.0.0:${port}`);
const services = [
  ...listening,
  "tcp:10.20.0.10:10809",
  "tcp:10.20.0.10:3260",
  ...["5405", "5406", "9101"].map((port) => `udp:0.0.0.0:${port}`),
];

/**
 * mirror-a of the sample configuration with its three networks, real packets, and everybody who may be in them, for the
 * tests of a file. Behind m-elsewhere is a network that the management network's gateway leads to.
 */
export function playedNetworks() {
  let machine: Machine;
  beforeAll(async () => {
    machine = await Machine.start();
    machine.installGuest();
    for (const [network, address] of [
      ["replication", "10.10.0.11/24"],
      ["storage", "10.20.0.11/24"],
      ["management", "10.30.0.11/24"],
    ])
      machine.ok(`ip link add ${network}0 type bridge && ip link set ${network}0 up
        ip addr add ${address} dev ${network}0`);
    Object.entries(places).forEach(([place, [network, address]], index) =>
      machine.ok(`ip netns add ${place} && ip link add v${index} type veth peer name eth0 netns ${place}
        ip link set v${index} master ${network}0 up; ip -n ${place} addr add ${address} dev eth0
        ip -n ${place} link set eth0 up; ip -n ${place} link set lo up`),
    );
    machine.ok(`ip addr add 10.20.0.10/24 dev storage0
      ip route add 10.99.0.0/24 dev management0; ip -n m-elsewhere route add 10.30.0.0/24 dev eth0`);
    answers(undefined, services);
  });
  afterAll(() => machine?.stop());

  /** Has somebody answer whoever comes; undefined: the mirror. */
  const answers = (place: Place | undefined, doors: readonly string[]) =>
    machine.ok(
      `${place ? `ip netns exec ${place} ` : ""}setsid ${programs}/answers.py ${doors.join(" ")} </dev/null ` +
        `>/tmp/answers.${place ?? "mirror"} 2>&1 &
        for i in $(seq 200); do grep -q ready /tmp/answers.${place ?? "mirror"} && exit; sleep 0.05; done; exit 1`,
    );
  /** What each place gets at its doors (`tcp:ADDRESS:PORT`), "PLACE DOOR" by "PLACE DOOR"; all at the same time. */
  const knocks = (doors: readonly (readonly [Place, string])[]): ReadonlyMap<string, Answer> => {
    const by = Map.groupBy(doors, ([place]) => place);
    const runs = [...by].map(
      ([place, of]) =>
        `ip netns exec ${place} ${programs}/knocks.py ${of.map(([, door]) => door).join(" ")} | sed 's/^/${place} /' &`,
    );
    const lines = machine.ok(`${runs.join("\n")}\nwait`).split("\n");
    return new Map(
      lines.map((line) => {
        const [place, door, answer] = line.split(" ");
        return [`${place} ${door}`, answer as Answer] as const;
      }),
    );
  };
  /** The same for the mirror itself, which knocks at somebody else's. */
  const knocksFromMirror = (...doors: readonly string[]) =>
    machine.ok(`${programs}/knocks.py ${doors.join(" ")}`).split("\n");
  /** A connection that stays open, from a place. */
  const holds = (place: Place, address: string, port: number) => {
    const name = `/tmp/hold.${place}.${address}.${port}`;
    const said = () => machine.ok(`cat ${name}.out`).split("\n").filter(Boolean);
    machine.ok(`rm -f ${name}.*; mkfifo ${name}.in
      ip netns exec ${place} setsid ${programs}/holds.py ${address} ${port} <>${name}.in >${name}.out 2>&1 &
      for i in $(seq 200); do grep -q ^open ${name}.out && exit; sleep 0.05; done; cat ${name}.out; exit 1`);
    let words = 1;
    return {
      port: Number(said()[0]?.split(" ")[1]),
      say: (word: string) => machine.ok(`printf '%s\\n' ${word} >${name}.in`),
      /** The next thing that is heard. */
      heard: () => {
        words++;
        machine.ok(`for i in $(seq 400); do [ $(wc -l <${name}.out) -ge ${words} ] && exit; sleep 0.05; done; exit 1`);
        return said()[words - 1];
      },
    };
  };
  return {
    get machine() {
      return machine;
    },
    answers,
    knocks,
    knocksFromMirror,
    holds,
    tickle: (port: number, to: string, toPort: number) =>
      machine.ok(`${programs}/tickle.py 10.20.0.10 ${port} ${to} ${toPort}`),
  };
}
