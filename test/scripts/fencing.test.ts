import { beforeAll, describe, expect, test } from "vitest";
import { guestScript, type Machine } from "./machine.ts";
import { playedPeer } from "./playedPeer.ts";

const peer = playedPeer();
const { scripts, alone, mark, state, disk, promote, peerAnswers, peerIsSilent, configure, blankMarks, watch } = peer;
let machine: Machine;
let hostKey: string;
beforeAll(() => {
  machine = peer.machine;
  hostKey = peer.hostKey;
});

describe("peer-configure.sh", () => {
  test("lets the peer run outdate.sh and nothing else, and keeps other people's keys", () => {
    machine.ok("mkdir -p /home/storage/.ssh && echo 'ssh-ed25519 AAAA operator' >/home/storage/.ssh/authorized_keys");
    expect(configure()).toEqual({ status: 0, stdout: "", stderr: "" });
    const once = machine.ok("cat /home/storage/.ssh/authorized_keys");
    expect(once.split("\n")).toEqual([
      "ssh-ed25519 AAAA operator",
      expect.stringMatching(
        new RegExp(
          '^restrict,from="127\\.0\\.0\\.1",command="sudo -n /usr/local/lib/kvm-mirror/outdate\\.sh ' +
            '\\\\"\\$SSH_ORIGINAL_COMMAND\\\\"" ssh-ed25519 \\S+ kvm-mirror-peer$',
        ),
      ),
    ]);
    expect(configure()).toMatchObject({ status: 0 });
    expect(machine.ok("cat /home/storage/.ssh/authorized_keys")).toBe(once);
    expect(machine.ok("stat -c '%a %U' /etc/kvm-mirror/peer/key /home/storage/.ssh/authorized_keys")).toBe(
      "600 root\n600 storage",
    );
  });

  test("refuses what is no key", () => {
    expect(
      machine.guest("peer-configure.sh", ["storage", "the-peer", hostKey, "127.0.0.1"], "nonsense\n"),
    ).toMatchObject({ status: 3, stderr: expect.stringContaining("stdin was no private OpenSSH key") });
    expect(machine.guest("peer-configure.sh", ["nobody-here", "the-peer", hostKey, "127.0.0.1"], "x\n")).toMatchObject({
      status: 3,
    });
    expect(configure()).toMatchObject({ status: 0 });
  });
});

describe("outdate.sh", () => {
  const outdate = () => machine.guest("outdate.sh", ["r0"]);
  test.each([
    ["a Primary stays what it is", "WFConnection Primary Unknown UpToDate DUnknown", 6, "UpToDate"],
    ["a Primary without a disk says so", "WFConnection Primary Unknown Diskless DUnknown", 10, "Diskless"],
    ["an Inconsistent disk needs no mark", "WFConnection Secondary Unknown Inconsistent DUnknown", 3, "Inconsistent"],
    ["a disconnected disk is outdated", alone, 4, "Outdated"],
    ["twice does no harm", "WFConnection Secondary Unknown Outdated DUnknown", 4, "Outdated"],
  ])("%s", (_, words, status, after) => {
    state(words);
    expect(outdate()).toMatchObject({ status });
    expect(disk()).toBe(after);
  });

  test("a connected disk is not outdated", () => {
    state("Connected Secondary Primary UpToDate UpToDate");
    expect(outdate()).toMatchObject({ status: 1, stderr: expect.stringContaining("volume r0 is connected") });
    expect(disk()).toBe("UpToDate");
  });
});

describe("fence-peer.sh", () => {
  const handler = () => machine.sh(`DRBD_RESOURCE=r0 DRBD_PEER=the-peer bash ${guestScript("fence-peer.sh")}`).status;
  test.each([3, 4, 6])("gives the peer's answer %i to DRBD", (code) => {
    peerAnswers(code);
    state(alone);
    expect(handler()).toBe(code);
    expect(machine.ok("cat /tmp/peer/asked")).toBe("r0");
  });

  /** What group-start.sh has told the handler of the peer, so many seconds ago. */
  const recorded = (word: string, seconds: number) =>
    machine.ok(`mkdir -p /run/kvm-mirror/fenced && read -r now _ </proc/uptime &&
      echo ${word} $((\${now%.*} - ${seconds})) >/run/kvm-mirror/fenced/the-peer`);
  test.each([
    ["confirmed", 0, 7],
    ["by-word", 0, 7],
    ["confirmed", 121, 1],
    ["by-word", 121, 1],
  ])("that a silent peer is off, %s %i s ago, gives DRBD %i", (word, seconds, code) => {
    peerIsSilent();
    state(alone);
    recorded(word, seconds);
    expect(handler()).toBe(code);
    machine.ok("rm /run/kvm-mirror/fenced/the-peer");
    blankMarks();
  });

  test("is told by the peer's second address where the first one does not answer", () => {
    peerAnswers(4);
    state(alone);
    const addresses = "/etc/kvm-mirror/peer/addresses";
    machine.ok(`cp ${addresses} /tmp/addresses && printf '127.0.0.9\\n127.0.0.1\\n' >${addresses}`);
    expect(handler()).toBe(4);
    machine.ok(`cp /tmp/addresses ${addresses}`);
  });

  test("a Secondary is neither promoted nor outdated beside a Primary that has no disk", () => {
    peerAnswers(10);
    state(alone);
    expect(handler()).toBe(1);
    recorded("by-word", 0);
    expect(handler()).toBe(1);
    machine.ok("rm /run/kvm-mirror/fenced/the-peer");
  });

  test(
    "a Primary goes on without a peer that cannot be reached, and has " +
      "left its mark before; a Secondary is not promoted",
    () => {
      peerIsSilent();
      expect(machine.ok(mark)).toBe("");
      state("WFConnection Primary Unknown UpToDate DUnknown");
      const before = Number(machine.ok("date +%s"));
      expect(handler()).toBe(5);
      const since = machine.ok(mark);
      expect(Number(since)).toBeGreaterThanOrEqual(before);
      // The time of the first loss stays.
      machine.ok(
        `sed 's/^alone r0 .*/alone r0 1700000000/' <<<'alone r0 ${since}' | dd ` +
          "of=/dev/disk/by-id/virtio-kvm-mirror.marks bs=4096 seek=1 conv=sync,notrunc status=none",
      );
      expect(handler()).toBe(5);
      expect(machine.ok(mark)).toBe("1700000000");
      state(alone);
      expect(handler()).toBe(1);
      blankMarks();
    },
  );

  test("a Primary that can leave no mark stands still, until watch-peer.sh could tell its peer or leave one", () => {
    peerIsSilent();
    machine.ok("mv /dev/disk/by-id/virtio-kvm-mirror.marks /dev/disk/by-id/away; : >/run/drbd/commands");
    state("WFConnection Primary Unknown UpToDate DUnknown");
    try {
      expect(handler()).toBe(1);
      expect(watch()).toMatchObject({ status: 0 });
      expect(machine.ok("cat /run/drbd/commands")).not.toContain("resume-io");
      expect(machine.ok("cat /run/kvm-mirror/frozen/r0")).toBe("the-peer");
    } finally {
      machine.ok("mv /dev/disk/by-id/away /dev/disk/by-id/virtio-kvm-mirror.marks");
    }
    expect(watch()).toMatchObject({ status: 0, stderr: expect.stringContaining("Going on alone; the mark is left") });
    expect(machine.ok("cat /run/drbd/commands; ls /run/kvm-mirror/frozen")).toContain("resume-io r0");
    expect(machine.ok(mark)).toMatch(/^\d{10}$/);
    blankMarks();
    machine.ok("mkdir -p /run/kvm-mirror/frozen && echo the-peer >/run/kvm-mirror/frozen/r0 && : >/run/drbd/commands");
    peerAnswers(4);
    expect(watch()).toMatchObject({ status: 0, stderr: expect.stringContaining("the-peer answers 4") });
    expect(machine.ok("cat /run/drbd/commands; ls /run/kvm-mirror/frozen")).toContain("resume-io r0");
    expect(machine.ok(mark)).toMatch(/^\d{10}$/);
    blankMarks();
  });

  // A disk that fails later would make DRBD call the outdated copy UpToDate, once they are connected again.
  test("a Primary whose peer knows that its copy is old leaves its mark all the same, where it can", () => {
    state("WFConnection Primary Unknown UpToDate DUnknown");
    for (const code of [3, 4]) {
      peerAnswers(code);
      expect(handler()).toBe(code);
      expect(machine.ok(mark)).toMatch(/^\d{10}$/);
      blankMarks();
      machine.ok("mv /dev/disk/by-id/virtio-kvm-mirror.marks /dev/disk/by-id/away");
      expect(handler()).toBe(code);
      machine.ok("mv /dev/disk/by-id/away /dev/disk/by-id/virtio-kvm-mirror.marks");
    }
    peerAnswers(6);
    expect(handler()).toBe(6);
    expect(machine.ok(mark)).toBe("");
  });

  test("a Primary that stands still and has lost its disk meanwhile is not resumed: what waits would fail", () => {
    peerAnswers(4);
    machine.ok("mkdir -p /run/kvm-mirror/frozen && echo the-peer >/run/kvm-mirror/frozen/r0 && : >/run/drbd/commands");
    state("WFConnection Primary Unknown Diskless DUnknown");
    expect(watch()).toMatchObject({ status: 0 });
    expect(machine.ok("cat /run/drbd/commands")).not.toContain("resume-io");
    expect(machine.sh("cat /tmp/peer/asked").status).toBe(1);
    machine.ok("rm /run/kvm-mirror/frozen/r0");
  });

  test.each(["Diskless", "Inconsistent", "Failed"])(
    "a Primary whose own disk is %s stands still: its peer has the only good copy, and must not be told that it is old",
    (words) => {
      peerAnswers(4);
      state(`WFConnection Primary Unknown ${words} DUnknown`);
      expect(handler()).toBe(1);
      expect(machine.sh("cat /tmp/peer/asked").status).toBe(1);
      expect(machine.ok(mark)).toBe("");
      expect(machine.sh("ls /run/kvm-mirror/frozen/r0").status).not.toBe(0);
      peerIsSilent();
      expect(handler()).toBe(1);
      expect(machine.ok(mark)).toBe("");
    },
  );

  test("a marks disk that was never prepared, or holds something else, takes no mark", () => {
    peerIsSilent();
    machine.ok(
      "cp --sparse=never /dev/disk/by-id/virtio-kvm-mirror.marks /tmp/marks && dd if=/dev/zero " +
        "of=/dev/disk/by-id/virtio-kvm-mirror.marks bs=4096 count=1 conv=notrunc,fsync status=none",
    );
    state("WFConnection Primary Unknown UpToDate DUnknown");
    expect(handler()).toBe(1);
    machine.ok(
      "printf 'somebody elses data' | dd of=/dev/disk/by-id/virtio-kvm-mirror.marks conv=notrunc,fsync status=none",
    );
    expect(handler()).toBe(1);
    expect(configure()).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("carries something that is not a mark: somebody elses data. Nothing was written"),
    });
    machine.ok(
      "dd if=/tmp/marks of=/dev/disk/by-id/virtio-kvm-mirror.marks " +
        "conv=notrunc,fsync status=none; rm -f /run/kvm-mirror/frozen/r0",
    );
  });

  test("an answer that is none of DRBD's is no answer", () => {
    peerAnswers(0);
    state(alone);
    expect(handler()).toBe(1);
  });

  test("a Secondary whose peer is Primary learns that its own data is old", () => {
    peerAnswers(6);
    state(alone);
    expect(promote()).toMatchObject({ status: 17 });
    expect(disk()).toBe("Outdated");
  });

  test("without its peer's word nothing is promoted", () => {
    peerIsSilent();
    state(alone);
    expect(promote()).toMatchObject({ status: 11 });
    expect(disk()).toBe("UpToDate");
  });
});

describe("watch-peer.sh", () => {
  const leaveMark = () =>
    machine.ok(`bash -c '. ${scripts}/lib/base.sh; . ${scripts}/replication/lib/marks.sh; leave_mark r0 0'`);
  test("remembers since when the peer has not been heard", () => {
    peerIsSilent();
    state(alone);
    expect(watch()).toMatchObject({ status: 0 });
    const since = machine.ok("cat /run/kvm-mirror/lost/r0");
    expect(since).toMatch(/^\d{10}$/);
    machine.ok("echo 1700000000 >/run/kvm-mirror/lost/r0");
    watch();
    expect(machine.ok("cat /run/kvm-mirror/lost/r0")).toBe("1700000000");
    state("SyncTarget Secondary Primary Inconsistent UpToDate");
    watch();
    expect(machine.ok("ls /run/kvm-mirror/lost")).toBe("");
  });

  test("has a peer that could not be reached outdate its disk as soon as it can be", () => {
    state("WFConnection Primary Unknown UpToDate Outdated");
    leaveMark();
    peerAnswers(4);
    expect(watch()).toMatchObject({ status: 0, stderr: expect.stringContaining("volume r0: the peer answers 4") });
    expect(machine.ok("cat /tmp/peer/asked")).toBe("r0");
    expect(machine.ok(mark)).toMatch(/^\d{10}$/);
    // A Secondary tells nobody.
    machine.ok("rm /tmp/peer/asked");
    state(alone);
    watch();
    expect(machine.sh("cat /tmp/peer/asked").status).toBe(1);
  });

  test.each([
    ["while the copies are synchronised", "SyncSource Primary Secondary UpToDate Inconsistent", true],
    ["while the peer is lost", "WFConnection Primary Unknown UpToDate Outdated", true],
    ["when both are whole again", "Connected Primary Secondary UpToDate UpToDate", false],
  ])("%s, the mark stays: %s, %s", (_, words, stays) => {
    peerIsSilent();
    leaveMark();
    state(words);
    expect(watch()).toMatchObject({ status: 0 });
    expect(machine.ok(mark) !== "").toBe(stays);
  });

  test("leaves the mark of a volume that is lost again while it settles: the handler has the lock", () => {
    leaveMark();
    state("Connected Primary Secondary UpToDate UpToDate");
    machine.ok(`(flock 8; sleep 2; drbdadm state r0 WFConnection Primary Unknown UpToDate DUnknown) \\
        8>>/run/kvm-mirror/lock/alone-r0 >/dev/null 2>&1 &
      for i in $(seq 100); do flock -n /run/kvm-mirror/lock/alone-r0 true || exit 0; sleep 0.05; done; exit 1`);
    expect(watch()).toMatchObject({ status: 0 });
    expect(machine.ok(mark)).toMatch(/^\d{10}$/);
    blankMarks();
  });
});
