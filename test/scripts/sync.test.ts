import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Machine } from "./machine.ts";

let machine: Machine;
beforeAll(async () => {
  machine = await Machine.start();
});
afterAll(() => machine?.stop());

let minor = 0;
/** A volume in the given state "CONNECTION ROLE PEER_ROLE DISK PEER_DISK". */
function volume(name: string, state: string): void {
  machine.volume(name, minor++);
  machine.ok(`drbdadm state ${name} ${state}`);
}
const firstSync = (name: string, wait = "no", deadline = "2", generation = "1") =>
  machine.guest("drbd-first-sync.sh", [name, wait, deadline, generation]);
const history = (name: string, ...note: string[]) => machine.guest("volume-history.sh", [name, ...note]);
/** The volume's disks are new and empty on both mirrors; this one keeps its OS disk. */
function loseBothDisks(name: string): void {
  machine.ok(`drbdadm state ${name} Connected Secondary Secondary Inconsistent Inconsistent`);
  machine.ok(
    `drbdmeta $(drbdadm sh-minor ${name}) v08 $(drbdadm sh-ll-dev ${name}) internal ` +
      "set-gi --force 0000000000000004:0:0:0:0:0:0:0:0:0:0 </dev/null",
  );
}
const forced = (name: string) => machine.sh(`grep -c '^primary --force ${name}$' /run/drbd/commands`).stdout.trim();
const isNew = (name: string) => machine.sh(`test -e /var/lib/kvm-mirror/${name}.new`).status === 0;

describe("drbd-first-sync.sh", () => {
  test("forces once where both sides are new, and records that", () => {
    volume("both-new", "Connected Secondary Secondary Inconsistent Inconsistent");
    expect(firstSync("both-new")).toMatchObject({ status: 0 });
    expect(isNew("both-new")).toBe(true);
    expect(firstSync("both-new")).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("is being synchronised already"),
    });
    expect(forced("both-new")).toBe("1");
  });

  test("never forces a second time, where both disks are new again; with the operator's confirmation once more", () => {
    volume("lost", "Connected Secondary Secondary Inconsistent Inconsistent");
    expect(firstSync("lost")).toMatchObject({ status: 0 });
    machine.ok(
      "echo sha256:0 >/var/lib/kvm-mirror/lost.preloaded; touch " +
        "/var/lib/kvm-mirror/lost.exported; rm /var/lib/kvm-mirror/lost.new",
    );
    loseBothDisks("lost");
    const refused = firstSync("lost");
    expect(refused).toMatchObject({
      status: 3,
      stderr: expect.stringContaining(
        "volume lost had its first synchronisation before, and now the disks of both mirrors are new and empty",
      ),
    });
    expect(refused.stderr).toContain("kvm-mirror:volumes.lost.generation: 2");
    expect(forced("lost")).toBe("1");
    expect(firstSync("lost", "no", "2", "2")).toMatchObject({ status: 0 });
    expect(forced("lost")).toBe("2");
    // What was known of the data before is not true of the new volume.
    expect(history("lost").stdout).toBe("first-sync 2\nnew\n");
    loseBothDisks("lost");
    expect(firstSync("lost", "no", "2", "2")).toMatchObject({ status: 3 });
    expect(forced("lost")).toBe("2");
  });

  test("never forces a second time on a mirror that was told by the peer's record or the operator's state", () => {
    volume("told", "Connected Secondary Secondary Inconsistent Inconsistent");
    expect(history("told", "first-sync", "1")).toMatchObject({ status: 0 });
    expect(firstSync("told")).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("had its first synchronisation before"),
    });
    expect(forced("told")).toBe("0");
  });

  test("knows a volume of before these records by its exports", () => {
    volume("older", "Connected Secondary Secondary Inconsistent Inconsistent");
    machine.ok("touch /var/lib/kvm-mirror/older.exported");
    expect(firstSync("older")).toMatchObject({ status: 3 });
    expect(forced("older")).toBe("0");
  });

  test("forces after an interruption between its mark and the force, and has it on record only then", () => {
    volume("cut-sync", "Connected Secondary Secondary Inconsistent Inconsistent");
    machine.ok("echo new >/var/lib/kvm-mirror/cut-sync.new");
    expect(firstSync("cut-sync")).toMatchObject({ status: 0 });
    expect(forced("cut-sync")).toBe("1");
  });

  test("a generation that was counted up without need is used up, and nothing begins anew", () => {
    volume("whole", "Connected Secondary Secondary UpToDate UpToDate");
    machine.ok("touch /var/lib/kvm-mirror/whole.exported; echo new >/var/lib/kvm-mirror/whole.new");
    expect(firstSync("whole", "no", "2", "2")).toMatchObject({ status: 0 });
    expect(history("whole").stdout).toBe("first-sync 2\nexported\n");
    loseBothDisks("whole");
    expect(firstSync("whole", "no", "2", "2")).toMatchObject({ status: 3 });
  });

  test("waits for the end and says how far it is when the deadline passes", () => {
    volume("slow", "SyncSource Primary Secondary UpToDate Inconsistent");
    expect(firstSync("slow", "yes")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("volume slow is not synchronised after 2 s: connection SyncSource"),
    });
    machine.ok("drbdadm state slow Connected Primary Secondary UpToDate UpToDate");
    expect(firstSync("slow", "yes")).toMatchObject({ status: 0 });
    expect(forced("slow")).toBe("0");
  });

  test.each([
    ["synchronised", "Connected Secondary Secondary UpToDate UpToDate"],
    ["being synchronised from here", "SyncSource Secondary Secondary UpToDate Inconsistent"],
    [
      "being synchronised from the peer, as after a new data disk",
      "SyncTarget Secondary Primary Inconsistent UpToDate",
    ],
  ])("does nothing to a volume that is %s", (_, state) => {
    const name = `v${minor}`;
    volume(name, state);
    expect(firstSync(name)).toMatchObject({ status: 0 });
    expect([forced(name), isNew(name)]).toEqual(["0", false]);
  });

  test.each([
    ["a peer that does not talk", "StandAlone Secondary Unknown UpToDate DUnknown", 3, "does not talk to its peer"],
    [
      "an outdated disk",
      "Connected Secondary Primary Outdated UpToDate",
      3,
      "neither new on both mirrors nor synchronised",
    ],
    [
      "one new side beside a Diskless one",
      "Connected Secondary Secondary Inconsistent Diskless",
      3,
      "neither new on both mirrors nor synchronised",
    ],
    [
      "a peer that is not there",
      "WFConnection Secondary Unknown Inconsistent DUnknown",
      1,
      "did not connect to its peer within 2 s: connection WFConnection",
    ],
  ])("never forces with %s", (_, state, status, words) => {
    const name = `v${minor}`;
    volume(name, state);
    expect(firstSync(name)).toMatchObject({ status, stderr: expect.stringContaining(words) });
    expect([forced(name), isNew(name)]).toEqual(["0", false]);
  });

  test("never forces two Inconsistent sides that are not new", () => {
    const name = `v${minor}`;
    volume(name, "Connected Secondary Secondary Inconsistent Inconsistent");
    machine.ok(
      `drbdmeta ${minor - 1} v08 $(drbdadm sh-ll-dev ${name}) internal set-gi ` +
        "--force A5A5A5A5A5A5A5A4:0:0:0:0:0:0:0:0:0:0 </dev/null",
    );
    expect(firstSync(name)).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("a synchronisation was interrupted, and its source is gone"),
    });
    expect(forced(name)).toBe("0");
  });
});

describe("volume-history.sh", () => {
  test("never goes back, and forgets what was before only when the volume has begun anew", () => {
    machine.ok(
      "mkdir -p /var/lib/kvm-mirror; cd /var/lib/kvm-mirror; echo 1 >h.first-sync; touch h.exported h.preloaded",
    );
    expect(history("h", "first-sync", "2")).toMatchObject({ status: 0 });
    expect(history("h", "first-sync", "1")).toMatchObject({ status: 0 });
    expect(history("h").stdout).toBe("first-sync 2\nexported\n");
    expect(history("h", "first-sync", "3", "anew")).toMatchObject({ status: 0 });
    expect(history("h").stdout).toBe("first-sync 3\n");
    machine.ok("touch /var/lib/kvm-mirror/h.exported");
    expect(history("h", "first-sync", "3", "anew")).toMatchObject({ status: 0 });
    expect(history("h").stdout).toBe("first-sync 3\nexported\n");
  });

  test("keeps the image that is on record", () => {
    const [image, another] = ["a", "b"].map((digit) => `sha256:${digit.repeat(64)}`) as [string, string];
    expect(history("i", "preloaded", image)).toMatchObject({ status: 0 });
    expect(history("i", "preloaded", another)).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("by the other one's"),
    });
    expect(history("i").stdout).toBe(`first-sync 1\npreloaded ${image}\n`);
    expect(history("i", "first-sync").status).toBe(2);
  });
});

describe("preload.sh", () => {
  const image = (name: string, text = "an image") => {
    machine.ok(`head -c 3000000 /dev/urandom >/tmp/${name} && printf '${text}' >>/tmp/${name}`);
    return `sha256:${machine.ok(`sha256sum </tmp/${name}`).slice(0, 64)}`;
  };
  const preload = (volume: string, file: string, checksum: string, format = "raw") =>
    machine.guest("preload.sh", [volume, file, checksum, format]);
  function newVolume(name: string): string {
    volume(name, "Connected Secondary Secondary Inconsistent Inconsistent");
    expect(firstSync(name)).toMatchObject({ status: 0 });
    // The stand-in's device is the whole data disk, so DRBD's own metadata would show on it.
    const device = machine.ok(`drbdadm sh-dev ${name}`);
    const blank = machine.disk(`${name}-data`, 64);
    machine.ok(`rm ${device}`);
    machine.drbdDevice(minor - 1, blank);
    return device;
  }

  test("writes a raw image once", () => {
    const device = newVolume("raw");
    const checksum = image("raw.img");
    expect(preload("raw", "/tmp/raw.img", checksum)).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("carries the image now"),
    });
    machine.ok(`cmp -n $(stat -c %s /tmp/raw.img) /tmp/raw.img ${device}`);
    machine.ok(`printf changed | dd of=${device} conv=notrunc status=none`);
    expect(preload("raw", "/tmp/raw.img", checksum)).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("is preloaded already"),
    });
    expect(machine.ok(`head -c 7 ${device}`)).toBe("changed");
    expect(machine.ok("ls -A /var/lib/kvm-mirror/preload")).toBe("");
    expect(preload("raw", "/tmp/raw.img", image("raw.img"))).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("A volume is preloaded once"),
    });
  });

  test("writes a qcow2 image, from a URL", () => {
    const device = newVolume("qcow");
    machine.ok(
      "head -c 2000000 /dev/urandom >/tmp/q.raw; truncate -s 8M /tmp/q.raw; " +
        "qemu-img convert -O qcow2 /tmp/q.raw /tmp/q.qcow2",
    );
    machine.ok(
      "cd /tmp; python3 -m http.server --bind 127.0.0.1 8080 >/dev/null 2>&1 & for i in $(seq 50); " +
        "do curl -s -o /dev/null http://127.0.0.1:8080/ && break; sleep 0.1; done",
    );
    const checksum = `sha256:${machine.ok("sha256sum </tmp/q.qcow2").slice(0, 64)}`;
    expect(preload("qcow", "http://127.0.0.1:8080/q.qcow2", checksum, "qcow2")).toMatchObject({ status: 0 });
    machine.ok(`cmp -n 8388608 /tmp/q.raw ${device}`);
  });

  test("starts again after an interruption, over what was written", () => {
    const device = newVolume("cut");
    const checksum = image("cut.img");
    machine.ok(`mkfs.ext4 -q -F ${device} && echo ${checksum} >/var/lib/kvm-mirror/cut.preloading`);
    expect(preload("cut", "/tmp/cut.img", checksum)).toMatchObject({ status: 0 });
    machine.ok(`cmp -n $(stat -c %s /tmp/cut.img) /tmp/cut.img ${device}`);
  });

  test.each([
    ["a volume that was exported", "touch /var/lib/kvm-mirror/VOLUME.exported", {}, "is not new on this mirror"],
    ["a volume without the mark of being new", "rm /var/lib/kvm-mirror/VOLUME.new", {}, "is not new on this mirror"],
    ["a volume with data", "mkfs.ext4 -q -F DEVICE", {}, "carries ext4. Expected: nothing"],
    [
      "a volume in use on the peer",
      "drbdadm state VOLUME Connected Secondary Primary UpToDate UpToDate",
      {},
      "is in use on the peer",
    ],
    ["a wrong checksum", "true", { checksum: `sha256:${"0".repeat(64)}` }, "Nothing was written"],
    ["an image larger than the volume", "truncate -s 65M /tmp/i.img", { resum: true }, "bytes, and volume"],
    ["a file that is no qcow2", "true", { format: "qcow2" }, "is not in format qcow2"],
    [
      "an image with a backing file",
      "cd /tmp && qemu-img create -q -f raw base.img 1M && qemu-img create -q -f qcow2 -F raw -b /tmp/base.img i.img",
      { format: "qcow2", resum: true },
      "depends on another file",
    ],
  ])(
    "refuses %s and writes nothing",
    (_, prepare, given: { checksum?: string; resum?: boolean; format?: string }, words) => {
      const name = `p${minor}`;
      const device = newVolume(name);
      let checksum = image("i.img");
      machine.ok(prepare.replaceAll("VOLUME", name).replaceAll("DEVICE", device));
      if (given.resum) checksum = `sha256:${machine.ok("sha256sum </tmp/i.img").slice(0, 64)}`;
      const before = machine.ok(`sha256sum <${device}`);
      expect(preload(name, "/tmp/i.img", given.checksum ?? checksum, given.format)).toMatchObject({
        status: 3,
        stderr: expect.stringContaining(words),
      });
      expect(machine.ok(`sha256sum <${device}`)).toBe(before);
    },
  );
});
