/** The comparison of copies, by its timer and by hand, with the real drbdadm's configuration and a played module. */
import { hostname } from "node:os";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { Machine } from "./machine.ts";

let machine: Machine;
beforeAll(async () => {
  machine = await Machine.start();
  machine.play("journalctl", "cat /run/journal 2>/dev/null || true");
  ["r0", "r1", "r2"].forEach((name, minor) => machine.volume(name, minor));
});
afterAll(() => machine?.stop());
const whole = "Connected Secondary Primary UpToDate UpToDate";
beforeEach(() => {
  machine.ok("rm -f /run/journal /run/drbd/*.differs /run/drbd/*.parts /run/kvm-mirror/verified-until");
  machine.ok(`rm -f /var/lib/kvm-mirror/*.verified; drbdadm state r0,r1,r2 ${whole}; : >/run/drbd/commands`);
});

const state = (volume: string, words: string) => machine.ok(`drbdadm state ${volume} ${words}`);
/** @param last by volume, what is on record: "MOMENT BYTES" */
const onRecord = (last: Readonly<Record<string, string>>) => {
  for (const [volume, words] of Object.entries(last))
    machine.ok(`mkdir -p /var/lib/kvm-mirror && echo '${words}' >/var/lib/kvm-mirror/${volume}.verified`);
};
function verify(...volumes: readonly string[]) {
  const { status, stdout, stderr } = machine.sh(
    `KVM_MIRROR_VERIFY_POLL=0.05 bash $GUEST_SCRIPTS/replication/verify.sh ${volumes.join(" ")}`,
  );
  const said = stderr.replace(/after \d+ s/g, "after N s").replace(/^verify\.sh: /gm, "");
  return { status, stdout, said: said.trimEnd().split("\n") };
}
const begun = () => machine.ok("grep '^verify' /run/drbd/commands || true").split("\n").filter(Boolean);

test("one after the other, the one that was compared longest ago first", () => {
  onRecord({ r0: "1764200300 0", r1: "1764200100 0", r2: "1764200200 0" });
  const { status, stdout, said } = verify();
  expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
  expect(said).toEqual(
    ["r1", "r2", "r0"].flatMap((name) => [
      `volume ${name}: comparing its copies`,
      `volume ${name}: its copies are equal, after N s`,
    ]),
  );
  expect(begun()).toEqual(["verify r1", "verify r2", "verify r0"]);
});

test("what was never compared comes first, and all of it is on record afterwards", () => {
  onRecord({ r0: "1764200300 4096", r1: "1764200100 0" });
  expect(verify().status).toBe(0);
  expect(begun()).toEqual(["verify r2", "verify r1", "verify r0"]);
  const records = machine.ok("cat /var/lib/kvm-mirror/r{0,1,2}.verified").split("\n");
  expect(records.map((record) => record.split(" ")[1])).toEqual(["0", "0", "0"]);
  for (const record of records) expect(Number(record.split(" ")[0])).toBeGreaterThan(1764200300);
});

test("where copies differ it says how much, goes on with the others, and fails", () => {
  machine.ok("echo 3 >/run/drbd/r0.differs");
  const { status, said } = verify();
  expect(status).toBe(1);
  expect(said).toContain("volume r0: 12288 bytes differ between the copies. See kvm-mirror recover r0");
  expect(said).toContain("volume r2: its copies are equal, after N s");
  expect(machine.ok("cat /var/lib/kvm-mirror/r0.verified")).toMatch(/^\d{10} 12288$/);
});

test("a comparison that the peer does not live to see is no comparison", () => {
  onRecord({ r0: "1764200300 0" });
  machine.ok("touch /run/drbd/r0.parts");
  const { status, said } = verify("r0");
  expect(status).toBe(1);
  expect(said.at(-1)).toBe(
    "volume r0: the comparison did not come to its end (connection WFConnection, roles Secondary/Unknown, disks " +
      "UpToDate/DUnknown). The next one begins anew",
  );
  expect(machine.ok("cat /var/lib/kvm-mirror/r0.verified")).toBe("1764200300 0");
});

test("what ended meanwhile of a volume that the peer had compared is on record as well", () => {
  state("r1", "Connected Primary Secondary UpToDate UpToDate");
  machine.ok("printf '%s\\n' '1764200500.1 m kernel: block drbd1: Online verify done (total 1 sec)' >/run/journal");
  expect(verify("r0").status).toBe(0);
  expect(machine.ok("cat /var/lib/kvm-mirror/r1.verified")).toBe("1764200500 0");
});

test("each mirror begins its own: where the volume is Secondary", () => {
  state("r1", "Connected Primary Secondary UpToDate UpToDate");
  expect(verify().status).toBe(0);
  expect(begun()).toEqual(["verify r0", "verify r2"]);
});

test("Secondary on both: the mirror that the resource names first", () => {
  state("r0", "Connected Secondary Secondary UpToDate UpToDate");
  state("r1", "Connected Secondary Secondary UpToDate UpToDate");
  state("r2", "Connected Primary Secondary UpToDate UpToDate");
  machine.ok(`f=/etc/drbd.d/r1.res; sed -i 's/on ${hostname()} {/on HERE {/; s/on the-peer {/on ${hostname()} {/
    s/on HERE {/on the-peer {/' $f`);
  expect(verify().status).toBe(0);
  expect(begun()).toEqual(["verify r0"]);
  machine.ok(`f=/etc/drbd.d/r1.res; sed -i 's/on the-peer {/on HERE {/; s/on ${hostname()} {/on the-peer {/
    s/on HERE {/on ${hostname()} {/' $f`);
});

test("by hand it begins on either, and what is not whole is left out", () => {
  state("r0", "Connected Primary Secondary UpToDate UpToDate");
  state("r1", "SyncTarget Secondary Primary Inconsistent UpToDate");
  const { status, said } = verify("r1", "r0");
  expect(status).toBe(0);
  expect(said).toEqual([
    "volume r1 is left out: connection SyncTarget, roles Secondary/Primary, disks Inconsistent/UpToDate",
    "volume r0: comparing its copies",
    "volume r0: its copies are equal, after N s",
  ]);
  expect(begun()).toEqual(["verify r0"]);
});

test("two runs do not compare at the same time, and what is not configured is refused", () => {
  const second = machine.sh(
    "exec 9>>/run/kvm-mirror/lock/verify; flock 9; bash $GUEST_SCRIPTS/replication/verify.sh 9>&-",
  );
  expect(second).toMatchObject({ status: 1, stderr: expect.stringContaining("another script has been working on") });
  expect(verify("r9")).toMatchObject({
    status: 3,
    said: ["refused: volume r9 is not configured on this mirror (/etc/drbd.d)"],
  });
  expect(verify("--no").status).toBe(2);
  expect(begun()).toEqual([]);
});

test("state.sh says how long ago, where a time is set for it", () => {
  const comparedAgo = () =>
    (
      JSON.parse(machine.ok("bash $GUEST_SCRIPTS/machines/state.sh")) as { volumes: { comparedAgo: unknown }[] }
    ).volumes.map((volume) => volume.comparedAgo);
  onRecord({ r0: `${Math.floor(Date.now() / 1000) - 86_400} 0`, r1: "torn" });
  expect(comparedAgo()).toEqual([null, null, null]);
  machine.ok(
    "cd /etc/systemd/system && mkdir kvm-mirror-verify.timer.d && touch kvm-mirror-verify.timer.d/schedule.conf",
  );
  const [r0, ...others] = comparedAgo();
  expect(r0).toBeGreaterThanOrEqual(86_400);
  expect(r0).toBeLessThan(86_400 + 600);
  expect(others).toEqual([null, null]);
});
