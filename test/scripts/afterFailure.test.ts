/** What a group needs to start on the mirror that is left, and to be taken over. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { guestScript, type Machine } from "./machine.ts";
import { playedPeer } from "./playedPeer.ts";

const peer = playedPeer();
const { scripts, alone, mark, state, disk, group, peerAnswers, peerIsSilent, configure, blankMarks } = peer;
let machine: Machine;
beforeAll(() => {
  machine = peer.machine;
  machine.ok("mkdir -p /home/storage/.ssh");
  expect(configure()).toMatchObject({ status: 0 });
});

describe("group-start.sh after a failure", () => {
  const stop = () => expect(machine.guest("group-stop.sh", ["main"])).toMatchObject({ status: 0 });
  test("without its peer's word it refuses", () => {
    state(alone);
    expect(group()).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("the peer of volume r0 cannot be asked whether it is Primary"),
    });
  });

  test("serves when the peer was fenced, and forgets that afterwards", () => {
    peerIsSilent();
    state(alone);
    expect(group("--peer-fenced", "the-peer")).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("group main serves on 192.0.2.10"),
    });
    expect(group("--peer-fenced", "the-peer")).toMatchObject({ status: 0 });
    expect(machine.ok("ls /run/kvm-mirror/fenced")).toBe("");
    // From now on this copy is the newer one.
    expect(machine.ok(mark)).toMatch(/^\d{10}$/);
    stop();
  });

  test("does not wait for drbd.service, which its unit wants, and which waits for the peer that is gone", () => {
    peerIsSilent();
    state(alone);
    machine.ok(": >/run/units/commands");
    expect(group("--peer-fenced", "the-peer")).toMatchObject({ status: 0 });
    expect(machine.ok("grep -E ' kvm-mirror-group@' /run/units/commands").split("\n")).toEqual([
      "start --no-block kvm-mirror-group@main.service",
    ]);
    stop();
  });

  describe("of a peer that DRBD still counts as connected", () => {
    const connected = "Connected Secondary Primary UpToDate UpToDate";
    const asked = () => machine.ok("grep -E '^(dis)?connect ' /run/drbd/commands || true");
    const peerIsAt = (address: string) => machine.ok(`echo ${address} >/etc/kvm-mirror/peer/addresses`);
    beforeEach(() => void machine.ok(": >/run/drbd/commands"));
    afterAll(() => void peerIsAt("127.0.0.1"));

    test("ends the connection when it is off, and waits for the peer again", () => {
      peerIsAt("192.0.2.99");
      state(connected);
      expect(group("--peer-fenced", "the-peer")).toMatchObject({ status: 0 });
      expect(asked()).toBe("disconnect --force r0\nconnect r0");
      expect(machine.ok("cat /run/drbd/r0.state; ls /run/kvm-mirror/hung-up")).toBe(
        "WFConnection Primary Unknown UpToDate Outdated",
      );
      stop();
    });

    test("waits for the peer again after a run that was killed in between", () => {
      state("StandAlone Secondary Unknown UpToDate DUnknown");
      machine.ok("touch /run/kvm-mirror/hung-up/r0");
      expect(group("--peer-fenced", "the-peer")).toMatchObject({ status: 0 });
      expect(asked()).toBe("connect r0");
      stop();
    });

    test("leaves StandAlone what somebody else has disconnected", () => {
      state("StandAlone Secondary Unknown UpToDate DUnknown");
      expect(group("--peer-fenced", "the-peer")).toMatchObject({ status: 0 });
      expect(asked()).toBe("");
      stop();
    });

    test("does not touch a connection to a peer that answers a ping, or by an operator's confirmation alone", () => {
      peerIsAt("127.0.0.1");
      state(connected);
      machine.ok(`(sleep 3; drbdadm state r0 ${alone}) >/dev/null 2>&1 &`);
      expect(group("--peer-fenced", "the-peer")).toMatchObject({
        status: 0,
        stderr: expect.stringContaining("the peer answers a ping: waiting until DRBD loses it by itself"),
      });
      stop();
      peerIsAt("192.0.2.99");
      state(connected);
      machine.ok(`(sleep 3; drbdadm state r0 ${alone}) >/dev/null 2>&1 &`);
      expect(group("--peer-said-off", "the-peer")).toMatchObject({ status: 0 });
      expect(asked()).toBe("");
      stop();
    });
  });

  test("waits until each volume has noticed that the peer is gone: they do so one after the other", () => {
    peerIsSilent();
    machine.volume("r1", 1);
    machine.ok(
      `sed -i '1a handlers { fence-peer "/usr/local/lib/kvm-mirror/fence-peer.sh"; }' /etc/drbd.d/r1.res; ` +
        `sed -i 's/^VOLUMES=.*/VOLUMES="r0 r1"/' /etc/kvm-mirror/main.env`,
    );
    state(alone);
    machine.ok(
      "drbdadm state r1 Connected Secondary Primary UpToDate UpToDate; (sleep 2; drbdadm state r1 " +
        "WFConnection Secondary Unknown UpToDate DUnknown) >/dev/null 2>&1 &",
    );
    try {
      expect(group("--peer-fenced", "the-peer")).toMatchObject({
        status: 0,
        stderr: expect.stringContaining("group main serves on 192.0.2.10"),
      });
      stop();
    } finally {
      machine.ok(
        `sed -i 's/^VOLUMES=.*/VOLUMES="r0"/' /etc/kvm-mirror/main.env; drbdadm forget r1; rm /etc/drbd.d/r1.res`,
      );
    }
  });

  test("with the operator's confirmation alone: not when the peer answers that it is Primary", () => {
    peerAnswers(6);
    state(alone);
    expect(group("--peer-said-off", "the-peer")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("volume r0 did not become Primary"),
    });
    expect(disk()).toBe("Outdated");
    expect(machine.ok("ip -4 -o address show to 192.0.2.10/32")).toBe("");
    peerIsSilent();
    state(alone);
    expect(group("--peer-said-off", "the-peer")).toMatchObject({ status: 0 });
    stop();
  });

  test.each(["Outdated", "Inconsistent", "Consistent"])("refuses a disk that is %s", (words) => {
    state(`WFConnection Secondary Unknown ${words} DUnknown`);
    expect(group("--peer-fenced", "the-peer")).toMatchObject({
      status: 3,
      stderr: expect.stringContaining(
        "volume r0 is not known to be UpToDate here, so acknowledged writes may be missing",
      ),
    });
  });

  test("takes a disk that is Consistent when the operator confirmed that it is the last copy, and no other", () => {
    peerIsSilent();
    state("WFConnection Secondary Unknown Consistent DUnknown");
    expect(group("--last-copy", "the-peer")).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("group main serves on 192.0.2.10"),
    });
    expect(machine.ok("ls /run/kvm-mirror/fenced")).toBe("");
    stop();
    for (const words of ["Outdated", "Inconsistent"]) {
      state(`WFConnection Secondary Unknown ${words} DUnknown`);
      expect(group("--last-copy", "the-peer")).toMatchObject({
        status: 3,
        stderr: expect.stringContaining("volume r0 is not known to be UpToDate here"),
      });
    }
    // Not lost at all: it answers that it is Primary.
    peerAnswers(6);
    state("WFConnection Secondary Unknown Consistent DUnknown");
    expect(group("--last-copy", "the-peer")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("volume r0 did not become Primary"),
    });
  });

  test("takes a disk that is Outdated as the operator confirms that its peer's writes are given up, by force", () => {
    peerIsSilent();
    state("WFConnection Secondary Unknown Outdated DUnknown");
    expect(group("--stale-copy", "the-peer")).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(
        /an outdated copy is promoted; what the-peer wrote without it is given up(.|\n)*serves on 192\.0\.2\.10/,
      ),
    });
    expect(machine.ok("grep primary /run/drbd/commands | tail -n 1")).toBe("primary --force r0");
    expect(machine.ok(mark)).not.toBe("");
    stop();
    // One that is not outdated needs no force, and one in the middle of a synchronisation is not taken.
    state("WFConnection Secondary Unknown Consistent DUnknown");
    expect(group("--stale-copy", "the-peer")).toMatchObject({ status: 0 });
    expect(machine.ok("grep primary /run/drbd/commands | tail -n 1")).toBe("primary r0");
    stop();
    state("WFConnection Secondary Unknown Inconsistent DUnknown");
    expect(group("--stale-copy", "the-peer")).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("volume r0 is not known to be UpToDate here"),
    });
    // Not lost at all: DRBD would not mind, so it is asked before.
    peerAnswers(6);
    state("WFConnection Secondary Unknown Outdated DUnknown");
    expect(group("--stale-copy", "the-peer")).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("volume r0: the-peer answers (6), so its copy is not lost: bring it back"),
    });
    expect(disk()).toBe("Outdated");
  });

  test("refuses while the peer answers as Primary", () => {
    state("Connected Secondary Primary UpToDate UpToDate");
    expect(group("--peer-fenced", "the-peer")).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("volume r0 is Primary on the peer"),
    });
  });
});

describe("a copy that DRBD calls UpToDate because its peer has no disk to compare with", () => {
  test("is not promoted while the peer is connected, and may be the newer one", () => {
    state("Connected Secondary Secondary UpToDate Diskless");
    expect(group()).toMatchObject({
      status: 3,
      stderr: expect.stringContaining(
        "the peer of volume r0 has no disk, and what it lost may be newer than the copy here",
      ),
    });
  });

  test("is handed nothing by a primary that went on alone", () => {
    state("Connected Primary Secondary Diskless UpToDate");
    machine.ok(`bash -c '. ${scripts}/lib/base.sh; . ${scripts}/replication/lib/marks.sh; leave_mark r0 0'`);
    expect(machine.guest("group-stop.sh", ["main", "--hand-over"])).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("volume r0 went on alone here, and the peer does not have every write since"),
    });
    blankMarks();
    expect(machine.guest("group-stop.sh", ["main", "--hand-over"])).toMatchObject({ status: 0 });
  });
});

describe("group-start.sh --take-over", () => {
  test("gets ready, waits, and goes on when the peer lets go", () => {
    state("Connected Secondary Primary UpToDate UpToDate");
    machine.ok(`mkfifo /tmp/hold && (sleep 600 </dev/null >/tmp/hold 2>/dev/null & echo $! >/tmp/holder)
      setsid bash ${guestScript("group-start.sh")} main --take-over </tmp/hold >/tmp/taking 2>&1 &
      for i in $(seq 100); do grep -q waiting /tmp/taking && exit; sleep 0.1; done; cat /tmp/taking; exit 1`);
    expect(machine.ok("ss -Hltn src 192.0.2.10 | awk '{ print $4 }'; ip -4 -o addr show to 192.0.2.10")).toBe(
      "192.0.2.10:10809",
    );
    state("Connected Secondary Secondary UpToDate UpToDate");
    expect(
      machine.ok(
        "for i in $(seq 100); do grep -q serves /tmp/taking && break; sleep " +
          "0.1; done; kill $(cat /tmp/holder); cat /tmp/taking",
      ),
    ).toBe("waiting\nends connections\ngroup-start.sh: group main serves on 192.0.2.10: r0");
    expect(machine.guest("group-stop.sh", ["main"])).toMatchObject({ status: 0 });
  });

  test("leaves its servers listening, without the VIP, when it is called off", () => {
    state("Connected Secondary Primary UpToDate UpToDate");
    expect(group("--take-over")).toMatchObject({
      status: 3,
      stdout: "waiting\nends connections\n",
      stderr: expect.stringContaining("group main does not move: the switch was called off"),
    });
    expect(machine.ok("ss -Hltn src 192.0.2.10 | awk '{ print $4 }'")).toBe("192.0.2.10:10809");
    expect(machine.ok("ip -4 -o address show to 192.0.2.10/32")).toBe("");
  });

  test("is refused unless both sides are UpToDate", () => {
    state("SyncTarget Secondary Primary Inconsistent UpToDate");
    expect(group("--take-over")).toMatchObject({
      status: 3,
      stdout: "",
      stderr: expect.stringContaining("volume r0 is not UpToDate on both mirrors"),
    });
  });
});
