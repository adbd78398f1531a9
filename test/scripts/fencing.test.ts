import { hostname } from "node:os";
import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { groupDocument, mainGroup, r0ByNbd } from "./groupDocument.ts";
import { Machine, resourceFile, guestScript } from "./machine.ts";

const scripts = resolve(import.meta.dirname, "../../scripts/guest");
let machine: Machine;
let hostKey: string;
/** Connection, roles and disks of volume r0 here. */
const state = (words: string) => machine.ok(`drbdadm state r0 ${words}`);
const disk = () => machine.ok("cut -d' ' -f4 /run/drbd/r0.state");
const promote = () => machine.sh("drbdadm primary r0");
const group = (...args: string[]) => machine.guest("group-start.sh", ["main", ...args]);
const alone = "WFConnection Secondary Unknown UpToDate DUnknown";

/**
 * One machine plays both mirrors: a real sshd takes the handler's question, and
 * the forced command that peer-configure.sh wrote answers it,
 * from a second volume's state, which stands for the peer's view of r0.
 */
beforeAll(async () => {
  machine = await Machine.start();
  machine.volume("r0", 0);
  machine.marksDisk();
  machine.installGuest();
  machine.ok(`useradd --create-home storage && usermod -p '*' storage
    printf '#!/bin/sh\\n[ "$1" = -n ] && shift\\nexec "$@"\\n' >/usr/local/bin/sudo && chmod 755 /usr/local/bin/sudo
    mkdir -p /run/sshd && for name in host both; do ssh-keygen -q -t ed25519 -N '' -C '' -f /tmp/$name </dev/null; done
    printf '%s\\n' 'HostKey /tmp/host' 'ListenAddress 127.0.0.1' 'PidFile /run/peer-sshd.pid' 'StrictModes no' \\
      >/tmp/sshd_config`);
  hostKey = machine.ok("cut -d' ' -f1,2 /tmp/host.pub");
  const volume = resourceFile(hostname(), "r0", 0, machine.ok("drbdadm sh-ll-dev r0")).replace(
    "resource r0 {",
    `resource r0 { handlers { fence-peer "/usr/local/lib/kvm-mirror/fence-peer.sh"; }`,
  );
  expect(machine.guest("drbd-configure.sh", ["r0"], volume)).toMatchObject({ status: 0 });
  machine.ok("ip link add storage0 type bridge && ip link set storage0 up && ip addr add 192.0.2.11/24 dev storage0");
  const document = groupDocument({ ...mainGroup, exports: [r0ByNbd("192.0.2.21")] });
  expect(machine.guest("group-configure.sh", ["main"], document)).toMatchObject({ status: 0 });
});
afterAll(() => machine?.stop());

/** The peer's sshd; its outdate.sh sees the state that `answers` names. */
function peerAnswers(code: number): void {
  machine.ok(`mkdir -p /tmp/peer
    printf '#!/bin/sh\\necho "$1" >/tmp/peer/asked\\nexit ${code}\\n' >/tmp/peer/outdate.sh
    chmod 777 /tmp/peer /tmp/peer/outdate.sh && rm -f /tmp/peer/asked
    sed -i 's|/usr/local/lib/kvm-mirror/outdate.sh|/tmp/peer/outdate.sh|' /home/storage/.ssh/authorized_keys
    [ -e /run/peer-sshd.pid ] || /usr/sbin/sshd -f /tmp/sshd_config -E /tmp/sshd.log
    for i in $(seq 100); do ssh-keyscan -t ed25519 127.0.0.1 2>/dev/null | grep -q ed25519 && exit
    sleep 0.1; done; exit 1`);
}
const peerIsSilent = () =>
  machine.ok(
    "[ -e /run/peer-sshd.pid ] || exit 0; kill $(cat /run/peer-sshd.pid); for i in $(seq 100); do ss -Hltn " +
      "sport = :22 | grep -q . || { rm -f /run/peer-sshd.pid; exit; }; sleep 0.1; done; exit 1",
  );
const configure = () =>
  machine.guest("peer-configure.sh", ["storage", "the-peer", hostKey, "127.0.0.1"], machine.ok("cat /tmp/both") + "\n");

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

const mark = `bash -c '. ${scripts}/lib/base.sh; . ${scripts}/replication/lib/marks.sh; mark_of r0 0'`;
const blankMarks = () =>
  machine.ok(
    "dd if=/dev/zero of=/dev/disk/by-id/virtio-kvm-mirror.marks bs=4096 seek=1 count=9 conv=notrunc,fsync status=none",
  );
const watch = () => machine.guest("watch-peer.sh", ["--once"]);

describe("fence-peer.sh", () => {
  const handler = () => machine.sh(`DRBD_RESOURCE=r0 DRBD_PEER=the-peer bash ${guestScript("fence-peer.sh")}`).status;
  test.each([3, 4, 6])("gives the peer's answer %i to DRBD", (code) => {
    peerAnswers(code);
    state(alone);
    expect(handler()).toBe(code);
    expect(machine.ok("cat /tmp/peer/asked")).toBe("r0");
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
    machine.ok("mkdir -p /run/kvm-mirror/fenced && echo by-word >/run/kvm-mirror/fenced/the-peer");
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
    expect(machine.ok("ss -Hltn src 192.0.2.10")).toBe("");
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
        /volume r0: an outdated copy is promoted; what the-peer wrote without it is given up.*serves on 192\.0\.2\.10/s,
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
    ).toBe("waiting\ngroup-start.sh: group main serves on 192.0.2.10: r0");
    expect(machine.guest("group-stop.sh", ["main"])).toMatchObject({ status: 0 });
  });

  test("ends its servers again when it is called off", () => {
    state("Connected Secondary Primary UpToDate UpToDate");
    expect(group("--take-over")).toMatchObject({
      status: 3,
      stdout: "waiting\n",
      stderr: expect.stringContaining("group main does not move: the switch was called off"),
    });
    expect(machine.ok("ss -Hltn src 192.0.2.10")).toBe("");
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
