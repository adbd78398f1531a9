/**
 * How many processes the path starts in which clients stand still: each costs time, most of all in a small mirror. The
 * ceilings are what was counted, and three more at least: on a busy machine some things are looked at twice.
 */
import { hostname } from "node:os";
import { beforeAll, describe, expect, test } from "vitest";
import { groupDocument } from "./groupDocument.ts";
import { type Machine, resourceFile } from "./machine.ts";
import { processesOf, type Started } from "./processes.ts";
import { byIscsi, byNbd, group, playedGroup } from "./playedGroup.ts";

const played = playedGroup();
const client = "192.0.2.21";
let machine: Machine;

const numbers = (number: number) => Array.from({ length: number }, (_, one) => one);
const volumes = (number: number) =>
  numbers(number)
    .map((one) => `r${one}`)
    .join(",");
const state = (number: number, words: string) => machine.ok(`drbdadm state ${volumes(number)} ${words}`);
const whole = "Connected Secondary Secondary UpToDate UpToDate";
/** Half of the volumes by NBD, half by iSCSI. */
const document = (number: number) => {
  const exports = numbers(number).map((one) => ({
    ...(one % 2 === 0 ? byNbd : byIscsi),
    volume: `r${one}`,
    device: `/dev/drbd${one}`,
    name: one < 2 ? [byNbd, byIscsi][one]!.name : `${byIscsi.name.replace(/r1$/, "")}r${one}`,
    admitted: [client],
  }));
  return groupDocument({ ...group([client], [client]), exports });
};
/** In the background: when group-start.sh --take-over says that it waits. */
const peerLetsGo = (number: number) =>
  machine.ok(
    `( until grep -q waiting /run/said; do [ -e /run/holder ] || exit; sleep 0.1; done
      drbdadm state ${volumes(number)} ${whole} ) >/dev/null 2>&1 &`,
  );
const script = (name: string, ...args: string[]) => ["/usr/local/lib/kvm-mirror/" + name, ...args].join(" ");
const mark = (command: string) =>
  machine.ok(`bash -c '. $GUEST_SCRIPTS/lib/base.sh; . $GUEST_SCRIPTS/replication/lib/marks.sh; ${command}'`);
const atMost = (ceiling: number, what: string, { outcome, total, by }: Started) => {
  expect(outcome, outcome.stderr).toMatchObject({ status: 0 });
  expect(total, `${what}: ${JSON.stringify(by)}`).toBeLessThanOrEqual(ceiling);
};

beforeAll(() => {
  machine = played.machine;
  // One disk stands in for all the devices.
  const loop = machine.disk("shared", 64);
  for (const one of numbers(10).slice(2)) {
    machine.drbdDevice(one, loop);
    machine.ok(`cat >/etc/drbd.d/r${one}.res`, resourceFile(hostname(), `r${one}`, one, loop));
  }
  machine.ok("drbdadm create-md --force r2 </dev/null");
  machine.marksDisk();
  mark("prepare_marks");
  // As install-tools.sh leaves them: everybody calls a script by its name alone.
  machine.ok(`cp -r $GUEST_SCRIPTS /usr/local/lib/kvm-mirror-1 && cd /usr/local/lib/kvm-mirror-1 &&
    for script in */*.sh; do [[ $script == lib/* ]] || ln -s $script .; done && ln -sn $PWD /usr/local/lib/kvm-mirror`);
  machine.ok(`mkdir -p /etc/kvm-mirror/peer && cd /etc/kvm-mirror/peer && echo the-peer >name && echo root >user &&
    echo 192.0.2.99 >addresses`);
});

test("starts no process to look whether volumes may be promoted, however often it has to", async () => {
  state(1, whole);
  machine.ok(
    "cat >/run/look",
    `. $GUEST_SCRIPTS/lib/base.sh
      for library in replication/lib/drbd-state placement/lib/promotion; do . $GUEST_SCRIPTS/$library.sh; done
      VOLUMES='r0 r1' minors=([r0]=0 [r1]=1)
      for mode in --with-peer --boot --take-over --peer-fenced --last-copy; do all_promotable $mode || true; done
      synchronised || true; none_connected || true; all_primary || true\n`,
  );
  for (const seen of [
    whole,
    "Connected Secondary Primary UpToDate UpToDate",
    "Connected Primary Secondary Diskless Inconsistent",
    "Connected Secondary Secondary UpToDate Diskless",
    "SyncTarget Secondary Secondary Inconsistent UpToDate",
    "WFConnection Secondary Unknown UpToDate DUnknown",
    "WFConnection Secondary Unknown Consistent DUnknown",
  ]) {
    machine.ok(`drbdadm state r1 ${seen}`);
    const { outcome, by } = await processesOf(machine, "bash /run/look");
    expect(outcome, outcome.stderr).toMatchObject({ status: 0 });
    expect([seen, by]).toEqual([seen, {}]);
  }
});

describe.each([2, 10])("a group of %i volumes, half by NBD and half by iSCSI", (number) => {
  /** What each further volume costs: DRBD takes them one by one, drbdadm eight in a call, and tgtd target by target. */
  const withMore = (two: number, aVolume: number, aTarget: number) =>
    two + Math.ceil((number - 2) * (aVolume + (aVolume > 0 ? 1 / 8 : 0)) + (number / 2 - 1) * aTarget);
  const most = {
    // drbdsetup; a target, its unit, the unit's parameters and who is admitted.
    takeOver: withMore(27, 1, 4),
    handOver: withMore(24, 1, 1),
    // Its connection is ended, it is promoted by a drbdadm of its own, for its handler, and it listens again.
    byHand: withMore(46, 4, 4),
    look: 58,
    vipStart: 17,
    exportsStart: withMore(26, 0, 4),
    monitor: 2,
    exportsStop: withMore(14, 0, 1),
    vipStop: 5,
  };
  beforeAll(() => {
    state(number, whole);
    expect(played.configure(document(number))).toMatchObject({ status: 0 });
    expect(played.stop()).toMatchObject({ status: 0 });
  });

  test("starts few processes on the mirror that takes it over", async () => {
    state(number, "Connected Secondary Primary UpToDate UpToDate");
    machine.ok(`rm -f /run/hold /run/said; mkfifo /run/hold; : >/run/said
      setsid sh -c 'exec 3<>/run/hold; echo $$ >/run/holder; exec sleep 600' >/dev/null 2>&1 </dev/null &
      until [ -s /run/holder ]; do sleep 0.1; done`);
    peerLetsGo(number);
    const take = `bash -c 'exec ${script("group-start.sh", "main", "--take-over")} </run/hold >/run/said'`;
    try {
      atMost(most.takeOver, "take-over", await processesOf(machine, take));
    } finally {
      machine.ok("kill $(cat /run/holder); rm /run/holder");
    }
    expect(played.listeners()).toContain("192.0.2.10:3260");
  });

  test("starts few processes on the mirror that hands it over, while clients have volumes open", async () => {
    played.keepOpen("c1");
    atMost(most.handOver, "hand-over", await processesOf(machine, script("group-stop.sh", "main", "--hand-over")));
    expect([played.listeners(), played.hasVip()]).toEqual([played.ready, false]);
    machine.ok("pkill qemu-io || true");
  });

  test("starts few processes in a failover by hand", async () => {
    state(number, "Connected Secondary Primary UpToDate UpToDate");
    const start = script("group-start.sh", "main", "--peer-fenced", "the-peer");
    atMost(most.byHand, "by hand", await processesOf(machine, start));
    expect(machine.ok("cat /run/drbd/r1.state")).toBe("WFConnection Primary Unknown UpToDate DUnknown");
    expect(played.stop()).toMatchObject({ status: 0 });
  });

  test.each([
    ["that serves it", "Connected Primary Secondary UpToDate UpToDate", 0],
    // A mark of each is read at once, and DRBD's identifiers, of which drbdadm has a drbdmeta say those of each.
    ["that has lost its peer", "WFConnection Primary Unknown UpToDate DUnknown", 3],
  ])("starts few processes for a look at the mirror %s", async (_, seen, parted) => {
    state(number, whole);
    expect(machine.guest("group-start.sh", ["main"])).toMatchObject({ status: 0 });
    played.keepOpen("c1");
    state(number, seen);
    mark("leave_mark r1 1");
    const look = await processesOf(machine, script("state.sh"));
    atMost(most.look + parted, "a look", look);
    const { volumes: said, ...rest } = JSON.parse(look.outcome.stdout);
    const known = parted === 0 ? null : expect.stringMatching(/^[0-9A-F]{16}:/);
    const alone = (one: number) => (parted > 0 && one === 1 ? expect.any(Number) : null);
    expect(said.slice(0, number)).toMatchObject(
      numbers(number).map((one) => ({ name: `r${one}`, generation: known, alone: alone(one) })),
    );
    expect(rest).toMatchObject({ groups: [{ name: "main", vip: true }], attached: [{}, {}], outgrown: [] });
    machine.ok("pkill qemu-io || true");
    mark("clear_mark r1 1");
    state(number, whole);
    expect(played.stop()).toMatchObject({ status: 0 });
  });

  test("starts few processes by the agents of a cluster", async () => {
    state(number, "Connected Primary Secondary UpToDate UpToDate");
    const agent = async (name: string, action: string, ceiling: number) => {
      const run = `env OCF_RESKEY_group=main /usr/local/lib/kvm-mirror/ocf/${name} ${action}`;
      atMost(ceiling, `${name} ${action}`, await processesOf(machine, run));
    };
    await agent("vip", "start", most.vipStart);
    await agent("exports", "start", most.exportsStart);
    await agent("exports", "monitor", most.monitor);
    await agent("exports", "stop", most.exportsStop);
    await agent("vip", "stop", most.vipStop);
    expect([played.listeners(), played.hasVip()]).toEqual([played.ready, false]);
  });
});

test("DRBD's fence handler starts few processes on a Secondary whose peer was fenced", async () => {
  machine.ok("drbdadm state r0 WFConnection Secondary Unknown UpToDate DUnknown");
  const library = "$GUEST_SCRIPTS/replication/lib/fenced.sh";
  machine.ok(`bash -c '. $GUEST_SCRIPTS/lib/base.sh; . ${library}; record_fenced the-peer confirmed'`);
  const handler = await processesOf(
    machine,
    `env DRBD_RESOURCE=r0 DRBD_PEER=the-peer DRBD_MINOR=0 ${script("fence-peer.sh")}`,
  );
  expect(handler.outcome).toMatchObject({ status: 7 });
  expect(handler.total, JSON.stringify(handler.by)).toBeLessThanOrEqual(7);
});
