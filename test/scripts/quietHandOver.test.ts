/** A planned switch of which clients learn only when the other mirror serves: they come back once, and are let in. */
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Machine } from "./machine.ts";
import { document, playedGroup } from "./playedGroup.ts";

const played = playedGroup();
let machine: Machine;

beforeAll(() => {
  machine = played.machine;
  machine.ok("touch /run/tickle-for-real");
  machine.marksDisk();
  machine.prepareMarks();
  expect(played.configure(document("192.0.2.21"))).toMatchObject({ status: 0 });
});

afterEach(() => {
  machine.sh("pkill qemu-io; for i in $(seq 100); do pgrep qemu-io >/dev/null || exit 0; sleep 0.1; done");
  expect(played.stop()).toMatchObject({ status: 0 });
});

const handOver = (how: string) => machine.guest("group-stop.sh", ["main", "--hand-over"], how);
const takeOver = (told: string) => machine.guest("group-start.sh", ["main", "--take-over"], told);
/** The client's own ends of its connections, "ADDRESS:PORT". */
const connections = () =>
  machine
    .ok("ip netns exec c1 ss -Htn state established dst 192.0.2.10 | awk '{ print $3 }' | sort")
    .split("\n")
    .filter(Boolean);
const open = () => {
  expect(played.start()).toMatchObject({ status: 0 });
  played.keepOpen("c1");
  const before = connections();
  expect(before).toHaveLength(2);
  return before;
};
/** Clients may have connected anew. */
const endOf = async (before: readonly string[]) => {
  await expect.poll(() => connections().filter((own) => before.includes(own)), { timeout: 20_000 }).toEqual([]);
};

describe("a hand-over of which the mirror that takes over tells the clients", () => {
  test("leaves their connections as they are, and says which they were", () => {
    const before = open();
    const left = handOver("quietly\n");
    expect(left).toMatchObject({ status: 0 });
    expect([played.hasVip(), played.listeners()]).toEqual([false, played.ready]);
    expect(connections()).toEqual(before);
    const lines = left.stdout.trimEnd().split("\n");
    expect(lines.at(-1)).toBe("all told");
    for (const client of before) expect(left.stdout).toMatch(new RegExp(`^client 192.0.2.10:\\d+ ${client}$`, "m"));
    expect(lines).toHaveLength(3);
  });

  test("the mirror that serves then ends them at once", async () => {
    const before = open();
    const { stdout } = handOver("quietly\n");
    // Another mirror has neither the list nor the sockets.
    machine.ok("rm /run/kvm-mirror/left/main; ss -HKtn state connected src 192.0.2.10 >/dev/null");
    expect(connections()).toEqual(before);
    expect(takeOver(stdout)).toMatchObject({ status: 0, stdout: "waiting\nends connections\n" });
    await endOf(before);
  });

  test("a mirror that serves again after all, because the other one did not, ends them itself", async () => {
    const before = open();
    expect(handOver("quietly\n")).toMatchObject({ status: 0 });
    machine.ok("ss -HKtn state connected src 192.0.2.10 >/dev/null");
    expect(connections()).toEqual(before);
    expect(played.start()).toMatchObject({ status: 0 });
    await endOf(before);
    expect(machine.sh("ls /run/kvm-mirror/left/main").status).not.toBe(0);
  });

  test("so does one that the switch was called off on, when it serves later", () => {
    played.both("Connected Secondary Primary UpToDate UpToDate");
    const client = "192.0.2.10:10809 192.0.2.21:50001";
    expect(takeOver(`client ${client}\nall told\n`)).toMatchObject({ status: 3 });
    played.both("Connected Secondary Secondary UpToDate UpToDate");
    machine.ok("rm -f /run/tickled");
    expect(played.start()).toMatchObject({ status: 0 });
    expect(
      machine.ok("for i in $(seq 100); do [ -s /run/tickled ] && break; sleep 0.1; done; cat /run/tickled"),
    ).toContain(client);
  });

  // Its kernel takes the connection for made; here its last word is missing.
  test("it ends those that were just being made, too", async () => {
    expect(played.start()).toMatchObject({ status: 0 });
    machine.ok(`ip netns exec c1 nft 'add table t; add chain t o { type filter hook output priority 0; };
      add rule t o ip daddr 192.0.2.10 tcp flags & (syn|ack|rst) == ack drop'
      setsid ip netns exec c1 qemu-io -f raw nbd://192.0.2.10:10809/r0 -c 'read 0 4k' >/dev/null 2>&1 </dev/null &
      for i in $(seq 100); do ss -Htn state syn-recv src 192.0.2.10 | grep -q . && exit 0; sleep 0.1; done; exit 1`);
    let stdout: string;
    const [begun] = connections();
    try {
      ({ stdout } = handOver("quietly\n"));
    } finally {
      machine.ok("ip netns exec c1 nft delete table t");
    }
    expect(stdout).toBe(`client 192.0.2.10:10809 ${begun}\nall told\n`);
    expect(takeOver(stdout)).toMatchObject({ status: 0 });
    await endOf([begun!]);
  });

  test("a client writes on over it, without an error", () => {
    expect(played.start()).toMatchObject({ status: 0 });
    machine.ok(
      "setsid ip netns exec c1 qemu-io --image-opts driver=raw,file.driver=nbd,file.host=192.0.2.10,file.port=10809," +
        "file.export=r0,file.reconnect-delay=60 -c 'write -P 1 0 4k' -c 'sleep 3000' -c 'write -P 2 4k 4k' " +
        "-c 'read -P 1 0 4k' -c 'read -P 2 4k 4k' >/run/written 2>&1 &\n" +
        "for i in $(seq 100); do grep -q wrote /run/written && exit 0; sleep 0.1; done; exit 1",
    );
    const { stdout } = handOver("quietly\n");
    expect(takeOver(stdout)).toMatchObject({ status: 0 });
    machine.ok("for i in $(seq 300); do pgrep qemu-io >/dev/null || exit 0; sleep 0.1; done; exit 1");
    expect(machine.ok("grep -cE '^(wrote|read) 4096/4096' /run/written; cat /run/written")).toMatch(/^4\n/);
  });

  test("ends at once when its caller is gone: the group is handed over all the same", () => {
    open();
    expect(
      machine.sh(
        `bash $GUEST_SCRIPTS/placement/group-stop.sh main --hand-over <<<quietly | :; exit "\${PIPESTATUS[0]}"`,
      ),
    ).toMatchObject({ status: 0 });
    expect(played.hasVip()).toBe(false);
  });
});

test.each(["aloud\n", ""])("without that word (%j) the mirror that leaves ends them, while the VIP is up", (how) => {
  open();
  expect(handOver(how)).toMatchObject({ status: 0, stdout: "" });
  expect(connections()).toEqual([]);
  expect(machine.sh("ls /run/kvm-mirror/left/main").status).not.toBe(0);
});

test("a mirror without the program for it does not offer to end connections", () => {
  machine.ok("mkdir -p /run/without && mount --bind /run/without /usr/libexec/heartbeat");
  const { stdout } = machine.sh(
    "PATH=/usr/sbin:/usr/bin:/sbin:/bin bash $GUEST_SCRIPTS/placement/group-start.sh main --take-over </dev/null",
  );
  machine.ok("umount /usr/libexec/heartbeat");
  expect(stdout).toBe("waiting\n");
});
