/** A run of group-configure.sh that ends in the middle: the next one still knows whom it would take an export from. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { groupDocument, mainGroup, r0ByNbd, r1ByIscsi } from "./groupDocument.ts";
import { Machine } from "./machine.ts";

const [a, b] = ["192.0.2.21", "192.0.2.22"];
const r1 = r1ByIscsi("iqn.2026-11.net.example:r1", a);
const r2 = { ...r0ByNbd(a), volume: "r2", name: "r2", device: "/dev/drbd2" };
/** a has both volumes. */
const before = groupDocument({ ...mainGroup, exports: [r0ByNbd(a), r1] });
/** r0 is b's, nobody's is r1's target, which is gone, and a has r2. */
const after = groupDocument({ ...mainGroup, exports: [r0ByNbd(b), r2], volumes: "r0 r1 r2" });
/** r0 is another device. */
const moved = groupDocument({
  ...mainGroup,
  exports: [{ ...r0ByNbd(a), device: "/dev/drbd2" }, r1],
  volumes: "r0 r1 r2",
});

let machine: Machine;
const configure = (text: string, ...args: string[]) => machine.guest("group-configure.sh", ["main", ...args], text);
const losing = (text: string) => configure(text, "--losing").stdout.split("\n").filter(Boolean).sort();
/** Ends when a file is to take its place: those before it are there, it and those after it are not. */
function interrupt(text: string, path: string): void {
  machine.ok(`printf '%s' ${path} >/run/interrupted-at`);
  const { status, stderr } = configure(text, a, b);
  machine.ok("rm /run/interrupted-at");
  expect({ status, stderr }).toMatchObject({ status: 1, stderr: expect.stringContaining("failed") });
}
/** In the order in which they are installed. */
const places = [
  "/etc/nbd-server/kvm-mirror-main-r0.allow",
  "/etc/nbd-server/kvm-mirror-main.conf",
  "/etc/kvm-mirror/main.exports",
  "/etc/kvm-mirror/main.env",
];

beforeAll(async () => {
  machine = await Machine.start();
  machine.play(
    "mv",
    `[[ ! -e /run/interrupted-at || "\${*: -1}" != "$(cat /run/interrupted-at)" ]] && exec /bin/mv "$@"`,
  );
});
afterAll(() => machine?.stop());
beforeEach(() => {
  machine.ok(
    "rm -rf /etc/kvm-mirror /etc/nbd-server/* /etc/tgt/kvm-mirror /var/lib/kvm-mirror/groups /run/kvm-mirror/active",
  );
  expect(configure(before)).toMatchObject({ status: 0 });
});

describe("an interrupted run of group-configure.sh", () => {
  test.each(places)("before %s: whoever was admitted before or may be now is asked", (path) => {
    interrupt(after, path);
    // On: r0 to b and r2 to a are granted, or not; r0 and r1 to a still, or no more.
    expect(losing(after)).toEqual([`${a} iscsi:192.0.2.10:3260/${r1.name}`, `${a} nbd:192.0.2.10:10809/r0`]);
    // Back.
    expect(losing(before)).toEqual([`${a} nbd:192.0.2.10:10809/r2`, `${b} nbd:192.0.2.10:10809/r0`]);
    expect(configure(after, a)).toMatchObject({ status: 0 });
    expect(losing(after)).toEqual([]);
  });

  test.each(places.slice(1))("before %s: a group that runs keeps the device behind each name", (path) => {
    interrupt(moved, path);
    machine.ok("mkdir -p /run/kvm-mirror/active && touch /run/kvm-mirror/active/main");
    for (const [text, words] of [
      [moved, "r0 from /dev/drbd0 to /dev/drbd2"],
      [before, "r0 from /dev/drbd2 to /dev/drbd0"],
    ] as const)
      expect(configure(text, "--check", a)).toMatchObject({ status: 3, stderr: expect.stringContaining(words) });
    machine.ok("rm /run/kvm-mirror/active/main");
    expect(configure(before, a)).toMatchObject({ status: 0 });
  });
});

test("a table that is damaged is refused, with what to do, and nothing is changed", () => {
  machine.ok("echo 'r9 nbd' >>/etc/kvm-mirror/main.exports");
  const files = () =>
    machine.ok("cat $(find /etc/kvm-mirror /etc/nbd-server /etc/tgt /var/lib/kvm-mirror -type f | sort)");
  const seen = files();
  for (const args of [["--losing"], ["--check"], [a, b]])
    expect(configure(after, ...args)).toMatchObject({
      status: 3,
      stderr: expect.stringMatching(
        /line 4 of \S+\/main\.exports is no export: r9 nbd\n.*damaged.*The other mirror has the same file: copy it/s,
      ),
    });
  expect(files()).toBe(seen);
});
