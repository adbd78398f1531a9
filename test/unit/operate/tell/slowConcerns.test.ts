import { expect, it } from "vitest";
import type { MirrorState } from "../../../../src/operate/observe/states.ts";
import type { WriteTimes } from "../../../../src/operate/observe/stuckWrites.ts";
import type { Volume } from "../volumeState.ts";
import { concerns, observation, primaryState, secondaryState } from "./statusSample.ts";

const each = (ms: number): WriteTimes => ({ seconds: 60, writes: 100, ms: 100 * ms, stuck: 0 });
const stuckFor = (stuck: number): WriteTimes => ({ seconds: 60, writes: 0, ms: 0, stuck });
interface Sight {
  readonly volume: WriteTimes;
  readonly own: WriteTimes;
  readonly other?: WriteTimes;
  readonly change?: Partial<Volume>;
  readonly peer?: Partial<Volume>;
}
const told = ({ volume, own, other, change, peer }: Sight): string => {
  const second = secondaryState({ ...(other && { writes: { volume: null, disk: other } }), ...peer });
  return concerns(
    observation({ state: primaryState({ writes: { volume, disk: own }, ...change }) }, { state: second }),
  );
};

it("names the standby's disk, and both choices", () => {
  expect(told({ volume: each(490), own: each(1.2), other: each(480) })).toMatchInlineSnapshot(`
    "Needs attention
      ! volume r0: a write takes 490 ms: the data disk of mirror-b, the standby, takes 480 ms. Mend that disk. Until then, choose: slow clients and two copies (leave it so), or fast clients and one copy (on mirror-b: sudo drbdadm disconnect r0); docs/runbooks/slow-writes.md
    "
  `);
});

it("names the primary's disk, and has the other mirror serve where it can", () => {
  expect(told({ volume: each(490), own: each(480), other: each(1) })).toMatchInlineSnapshot(`
    "Needs attention
      ! volume r0: a write takes 490 ms: the data disk of mirror-a, the primary, takes 480 ms. Have mirror-b serve: kvm-mirror switch r0 --to mirror-b. Then mend that disk (docs/runbooks/slow-writes.md)
    "
  `);
  const alone = { connection: "WFConnection", peerDisk: "Outdated" };
  expect(told({ volume: each(490), own: each(480), change: alone })).toContain(
    "Mend that disk: no other mirror can serve r0 now (docs/runbooks/slow-writes.md)",
  );
});

it("has a primary whose disk hangs turned off: no switch gets past that", () => {
  expect(told({ volume: stuckFor(40), own: stuckFor(39), other: each(1) })).toMatchInlineSnapshot(`
    "Needs attention
      ! volume r0: clients have waited for 40 s: the data disk of mirror-a, the primary, has finished none for 39 s. No switch gets past that. mirror-b has every write that was answered: turn mirror-a off (on its KVM host: virsh destroy mirror-a), then kvm-mirror failover all; a cluster does both by itself after failover.diskTimeout (docs/runbooks/slow-writes.md)
    "
  `);
  const alone = { connection: "WFConnection", peerDisk: "Outdated" };
  expect(told({ volume: stuckFor(40), own: stuckFor(39), change: alone })).toContain(
    "Mend that disk: no other mirror can serve r0 now (docs/runbooks/slow-writes.md)",
  );
});

it("names both disks, and no way by which nothing would be won", () => {
  expect(told({ volume: each(490), own: each(480), other: each(300) })).toMatchInlineSnapshot(`
    "Needs attention
      ! volume r0: a write takes 490 ms: both data disks are slow (that of mirror-a takes 480 ms, that of mirror-b takes 300 ms). See what else uses them on both KVM hosts (docs/runbooks/slow-writes.md)
    "
  `);
});

it("names the network where no disk is slow", () => {
  expect(told({ volume: each(12_000), own: each(1.2), other: each(30) })).toMatchInlineSnapshot(`
    "Needs attention
      ! volume r0: a write takes 12 s, and no data disk is to blame (that of mirror-a takes 1.2 ms, that of mirror-b takes 30 ms): it is the replication network; kvm-mirror check tries it. Mend the network. Until then, choose: slow clients and two copies (leave it so), or fast clients and one copy (on mirror-b: sudo drbdadm disconnect r0); docs/runbooks/slow-writes.md
    "
  `);
});

it("says what it does not know where the standby does not tell", () => {
  expect(told({ volume: each(490), own: each(1.2) })).toMatchInlineSnapshot(`
    "Needs attention
      ! volume r0: a write takes 490 ms: it is the data disk of mirror-b, which does not say how long its writes take, or the replication network (that of mirror-a takes 1.2 ms). Mend it. Until then, choose: slow clients and two copies (leave it so), or fast clients and one copy (on mirror-b: sudo drbdadm disconnect r0); docs/runbooks/slow-writes.md
    "
  `);
});

it("says for how long none has ended", () => {
  expect(told({ volume: stuckFor(40), own: each(1), other: stuckFor(30) })).toMatchInlineSnapshot(`
    "Needs attention
      ! volume r0: clients have waited for 40 s: the data disk of mirror-b, the standby, has finished none for 30 s. Mend that disk. Until then, choose: slow clients and two copies (leave it so), or fast clients and one copy (on mirror-b: sudo drbdadm disconnect r0); docs/runbooks/slow-writes.md
    "
  `);
});

it("says that it is a synchronisation, or a comparison, and what makes it take less", () => {
  const [change, peer] = [
    { connection: "SyncSource", peerDisk: "Inconsistent", syncPercent: 40 },
    { connection: "SyncTarget", disk: "Inconsistent", syncPercent: 40 },
  ];
  const synchronised = told({ volume: each(490), own: each(400), other: each(400), change, peer });
  expect(synchronised.split("\n").filter((line) => line.includes("a write takes"))).toMatchInlineSnapshot(`
    [
      "  ! volume r0: a write takes 490 ms, while r0 is synchronised: that takes its share of disks and network, and ends by itself. To leave clients more, lower replication.resyncRate of r0 in the stack file: pulumi up",
    ]
  `);
  expect(told({ volume: each(490), own: each(1), change: { connection: "VerifyS" } })).toMatchInlineSnapshot(`
    "Needs attention
      ! volume r0: a write takes 490 ms, while the copies of r0 are compared (drbdadm verify): that takes its share of disks and network, and ends by itself. kvm-mirror:verify sets when it runs
    "
  `);
});

it("never has a primary without a copy of its own disconnected from the other one", () => {
  const said = told({ volume: each(490), own: each(1), other: each(480), change: { disk: "Diskless" } });
  expect(said).toContain("Do not disconnect mirror-b: mirror-a has no good copy of its own");
  expect(said).not.toContain("drbdadm disconnect");
});

it("says where nobody looks, and nothing of mirrors that do not have the service", () => {
  const of = (writesWatched: MirrorState["writesWatched"]) =>
    concerns(observation({ state: { ...primaryState(), writesWatched } }, { state: secondaryState() }));
  expect(of(false)).toMatchInlineSnapshot(`
    "Needs attention
      ! mirror-a: nobody looks how long writes take there, so slow ones stay unseen. There: sudo systemctl restart kvm-mirror-watch-writes; why: journalctl -u kvm-mirror-watch-writes
    "
  `);
  expect(of(true)).toContain("All is as it should be");
  expect(of(null)).toContain("All is as it should be");
});
