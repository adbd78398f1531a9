import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { groupDocument, mainGroup, r0ByNbd, r1ByIscsi } from "./groupDocument.ts";
import { Machine } from "./machine.ts";

const MiB = 1024 ** 2;
const iqn = "iqn.2026-11.net.example:r1";
const document = groupDocument({
  ...mainGroup,
  exports: [r0ByNbd("192.0.2.21"), r1ByIscsi(iqn, "192.0.2.21")],
});
const nbdDisk = `'json:{"driver":"nbd","host":"192.0.2.10","port":"10809","export":"r0","reconnect-delay":300}'`;
const iscsiDisk =
  `'json:{"driver":"iscsi","transport":"tcp","portal":"192.0.2.10:3260","target":"${iqn}","lun":1,` +
  `"initiator-name":"iqn.2026-11.net.example:app-1"}'`;

let machine: Machine;
const disks: string[] = [];
/** MiB that both data disks of a volume have; never less than before. */
let size = 64;
/** The KVM hosts have made both data disks of a volume larger. */
function growDisk(minor: number): number {
  size += 32;
  machine.ok(`truncate -s ${size}M /tmp/r${minor}.img && losetup --set-capacity ${disks[minor]}`);
  return size * MiB;
}
const grow = (minor: number, bytes: number) => machine.guest("drbd-grow.sh", [`r${minor}`, String(bytes)]);
const seen = () => (JSON.parse(machine.guest("state.sh").stdout) as { outgrown: unknown[] }).outgrown;
const outgrown = (volume: string, protocol: string, address: string | null) => ({ volume, protocol, address });

/** A client's QEMU, which stays: qemu-io, which reads commands from a pipe. */
function client(disk: string): void {
  machine.ok(`rm -f /tmp/commands /tmp/said && mkfifo /tmp/commands && : >/tmp/said
    setsid ip netns exec c1 stdbuf -oL qemu-io -t none ${disk} <>/tmp/commands >>/tmp/said 2>&1 &
    echo $! >/run/client.pid
    for i in $(seq 100); do grep -q 'qemu-io> ' /tmp/said && exit; sleep 0.1; done; cat /tmp/said >&2; exit 1`);
}
/** What QEMU says to a command, up to its next prompt. */
function ask(command: string): string {
  return machine.ok(`: >/tmp/said; echo '${command}' >/tmp/commands
    for i in $(seq 300); do grep -q '^.' /tmp/said && [ "$(tail -c 9 /tmp/said)" = 'qemu-io> ' ] && exec cat /tmp/said
    sleep 0.1; done
    cat /tmp/said >&2; exit 1`);
}
/** The size that it sees; it asks nobody. */
const length = () => /[0-9.]+ [MG]iB/.exec(ask("length"))?.[0];
/** The size after it has read: it has connected anew by then. */
function read(): string | undefined {
  expect(ask("read 0 4k")).toContain("read 4096/4096");
  return length();
}
/** What `virsh blockresize` has QEMU do. */
const resize = (bytes: number) => ask(`truncate ${bytes}`);
/** A planned switch there and back: every target is made anew, every client connects anew. */
function move(): void {
  expect(machine.guest("group-stop.sh", ["main"])).toMatchObject({ status: 0 });
  expect(machine.guest("group-start.sh", ["main"])).toMatchObject({ status: 0 });
}

beforeAll(async () => {
  machine = await Machine.start();
  machine.ok(`ip link add storage0 type bridge && ip link set storage0 up && ip addr add 192.0.2.11/24 dev storage0
    ip netns add c1 && ip link add v1 type veth peer name eth0 netns c1 && ip link set v1 master storage0 up
    ip -n c1 addr add 192.0.2.21/24 dev eth0 && ip -n c1 link set eth0 up`);
  for (const minor of [0, 1]) {
    disks.push(machine.volume(`r${minor}`, minor));
    machine.ok(`drbdadm state r${minor} Connected Secondary Secondary UpToDate UpToDate`);
  }
  // DRBD's own devices are not there: what the kernel says of them is laid out.
  machine.ok(`mount -t tmpfs none /sys/block && mkdir /sys/block/drbd0 /sys/block/drbd1
    for minor in 0 1; do echo $((${size} * 2048)) >/sys/block/drbd$minor/size; done`);
  expect(machine.guest("group-configure.sh", ["main"], document)).toMatchObject({ status: 0 });
  expect(machine.guest("group-start.sh", ["main"])).toMatchObject({ status: 0 });
});
afterAll(() => machine?.stop());
afterEach(() => {
  machine.ok(`[ ! -e /run/client.pid ] || kill $(cat /run/client.pid); rm -f /run/client.pid
    for i in $(seq 100); do [ -z "$(ss -Htn state established src 192.0.2.10)" ] && exit; sleep 0.1; done; exit 1`);
});

describe("a volume that grows while nobody has it open", () => {
  test("is served with its new size at once by tgtd, which had the old one", () => {
    const bytes = growDisk(1);
    const { status, stderr } = grow(1, bytes);
    expect({ status, stderr }).toMatchObject({
      status: 0,
      stderr: expect.stringContaining(`target ${iqn} serves 67 MB, and /dev/drbd1 has grown: making it again`),
    });
    client(iscsiDisk);
    expect(read()).toBe(`${size} MiB`);
    expect(seen()).toEqual([]);
    expect(grow(1, bytes)).toEqual({ status: 0, stdout: "", stderr: "" });
  });

  test("is served with its new size at once by nbd-server", () => {
    const bytes = growDisk(0);
    expect(grow(0, bytes)).toMatchObject({ status: 0, stderr: expect.not.stringContaining("kvm-mirror switch") });
    client(nbdDisk);
    expect(read()).toBe(`${size} MiB`);
    expect(seen()).toEqual([]);
  });
});

describe.each([
  ["iscsi", 1, iscsiDisk, "Cannot grow iSCSI devices"],
  ["nbd", 0, nbdDisk, "Cannot grow NBD nodes"],
] as const)("a volume that grows while a client has it open by %s", (protocol, minor, disk, refusal) => {
  test("goes on with the old size, is named, and has the new one after a switch and a resize, without an error", () => {
    client(disk);
    const before = read();
    const bytes = growDisk(minor);
    const said = grow(minor, bytes);
    expect(said).toMatchObject({
      status: 0,
      stderr: expect.stringContaining(
        `volume r${minor}: the client at 192.0.2.21 has it open by ${protocol}, and still sees the old size. ` +
          `To give it the new size without an error: kvm-mirror switch r${minor} --to <the other mirror>, so that ` +
          `its KVM host connects anew; then virsh blockresize there, with ${bytes}B (docs/clients.md, "A volume that ` +
          'has grown")\n',
      ),
    });
    expect(seen()).toEqual([outgrown(`r${minor}`, protocol, "192.0.2.21")]);
    expect(resize(bytes)).toContain(refusal);
    move();
    expect(read()).toBe(before);
    expect(seen()).toEqual([]);
    expect(resize(bytes)).not.toContain("Cannot");
    expect(length()).toBe(`${size} MiB`);
    expect(ask(`read ${size - 1}M 4k`)).toContain("read 4096/4096");
  });
});

describe("a target that was open when its volume grew", () => {
  test("serves the old size to whoever comes, which is told, until it is made again", () => {
    client(iscsiDisk);
    const before = read();
    expect(grow(1, growDisk(1))).toMatchObject({ status: 0 });
    machine.ok(`kill $(cat /run/client.pid)
      for i in $(seq 100); do [ -z "$(ss -Htn state established src 192.0.2.10)" ] && break; sleep 0.1; done`);
    client(iscsiDisk);
    expect(read()).toBe(before);
    machine.ok(`kill $(cat /run/client.pid); rm /run/client.pid
      for i in $(seq 100); do [ -z "$(ss -Htn state established src 192.0.2.10)" ] && exit; sleep 0.1; done; exit 1`);
    expect(seen()).toEqual([outgrown("r1", "iscsi", null)]);
    expect(machine.guest("iscsi-serve.sh", ["main"])).toMatchObject({ status: 0 });
    expect(seen()).toEqual([]);
    client(iscsiDisk);
    expect(read()).toBe(`${size} MiB`);
  });
});

describe("drbd-grow.sh", () => {
  beforeEach(() => void machine.ok("drbdadm state r0 Connected Primary Secondary UpToDate UpToDate"));
  test("refuses while a data disk is too small still", () => {
    machine.ok("touch /run/drbd/r0.small");
    expect(grow(0, growDisk(0))).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("The data disk of one mirror is still too small"),
    });
    machine.ok("rm /run/drbd/r0.small");
    expect(grow(0, size * MiB)).toMatchObject({ status: 0 });
  });

  test("leaves the servers alone where the volume is not Primary", () => {
    machine.ok("drbdadm state r0 Connected Secondary Primary UpToDate UpToDate");
    const { status, stderr } = grow(0, growDisk(0));
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: `drbd-grow.sh: volume r0 has grown from ${(size - 32) * MiB} to ${size * MiB} bytes\n`,
    });
  });
});
