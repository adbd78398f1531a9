/** Metadata after runs that were interrupted, and on disks that were exchanged or have grown. */
import { beforeAll, describe, expect, test } from "vitest";
import type { Machine } from "./machine.ts";
import { playedVolumes } from "./playedVolumes.ts";

const played = playedVolumes();
const { volume, create } = played;
let machine: Machine;
beforeAll(() => {
  machine = played.machine;
});

describe("drbd-create-metadata.sh, where a run before it has been", () => {
  test("goes on after an interruption between metadata and mark, and only then", () => {
    const disk = volume("cut");
    machine.ok(
      `mkdir -p /var/lib/kvm-mirror && echo 'creating ${disk}' ` +
        ">/var/lib/kvm-mirror/cut.metadata && drbdadm create-md cut </dev/null",
    );
    expect(create("cut")).toMatchObject({ status: 0 });
    expect(machine.ok("cat /var/lib/kvm-mirror/cut.metadata")).toBe(`made ${disk}`);
  });

  test("goes on after an interruption within drbdmeta", () => {
    const disk = volume("torn");
    machine.ok(
      `mkdir -p /var/lib/kvm-mirror && echo 'creating ${disk}' >/var/lib/kvm-mirror/torn.metadata ` +
        `&& printf junk | dd of=${disk} bs=1M seek=63 conv=notrunc status=none`,
    );
    expect(create("torn")).toMatchObject({ status: 0 });
  });

  test("does not make metadata a second time where it has vanished", () => {
    const disk = volume("vanished");
    create("vanished");
    machine.ok(`drbdadm forget vanished; wipefs -qa ${disk}`);
    expect(create("vanished")).toMatchObject({ status: 3, stderr: expect.stringContaining("was made on") });
  });

  test("makes metadata on a new disk in the place of another when told that it is new, and only if empty", () => {
    const disk = volume("exchanged");
    create("exchanged");
    machine.ok(
      `drbdadm forget exchanged; wipefs -qa ${disk}; dd if=/dev/urandom ` +
        `of=${disk} bs=1M count=1 conv=notrunc status=none`,
    );
    const anew = () => machine.guest("drbd-create-metadata.sh", ["exchanged", "--new-disk"]);
    expect(anew()).toMatchObject({ status: 3, stderr: expect.stringContaining("is not blank") });
    machine.ok(`blkdiscard --zeroout ${disk}; mkfs.ext4 -q ${disk}`);
    expect(anew()).toMatchObject({ status: 3, stderr: expect.stringContaining("carries: ext4") });
    machine.ok(`blkdiscard --zeroout ${disk}`);
    expect(anew()).toMatchObject({ status: 0, stderr: expect.stringContaining("creating metadata for exchanged") });
    const generation = machine.ok(
      "drbdmeta $(drbdadm sh-minor exchanged) v08 $(drbdadm sh-md-dev " +
        "exchanged) internal get-gi </dev/null 2>/dev/null",
    );
    // Told twice: what is in use stays as it is.
    expect(anew()).toMatchObject({ status: 0, stderr: expect.stringContaining("is up already") });
    expect(
      machine.ok(
        "drbdmeta $(drbdadm sh-minor exchanged) v08 $(drbdadm sh-md-dev " +
          "exchanged) internal get-gi </dev/null 2>/dev/null",
      ),
    ).toBe(generation);
    expect(machine.guest("drbd-create-metadata.sh", ["exchanged", "--force"]).status).toBe(2);
  });

  test("takes the stack file's word for a new disk once: by a number that is larger than the one on record", () => {
    const disk = volume("numbered");
    const numbered = (number: string) => machine.guest("drbd-create-metadata.sh", ["numbered", "--disk", number]);
    expect(numbered("1")).toMatchObject({ status: 0 });
    const lose = () => machine.ok(`drbdadm forget numbered; blkdiscard --zeroout ${disk}`);
    lose();
    expect(numbered("1")).toMatchObject({ status: 3, stderr: expect.stringContaining("was made on") });
    expect(numbered("2")).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("creating metadata for numbered"),
    });
    lose();
    expect(numbered("2")).toMatchObject({ status: 3, stderr: expect.stringContaining("was made on") });
    // Counted up while the disk is there: it stays, and the word is used up.
    machine.ok("echo 1 >/var/lib/kvm-mirror/numbered.disk");
    expect(numbered("2")).toMatchObject({ status: 0 });
    expect(numbered("3")).toMatchObject({ status: 0, stderr: expect.stringContaining("is up already") });
    lose();
    expect(numbered("3")).toMatchObject({ status: 3, stderr: expect.stringContaining("was made on") });
    expect(numbered("none").status).toBe(2);
  });

  test("finds its metadata again after the disk has grown while the volume was down", () => {
    const disk = volume("grown");
    create("grown");
    machine.ok(
      `drbdmeta $(drbdadm sh-minor grown) v08 ${disk} internal set-gi --force ` +
        "A5A5A5A5A5A5A5A4:0:0:0:1:1:0:0:0:0:0 </dev/null",
    );
    machine.ok(`drbdadm forget grown; truncate -s 96M /tmp/grown.img; losetup --set-capacity ${disk}`);
    expect(machine.sh(`blkid -p ${disk}`).stdout).toBe("");
    expect(create("grown")).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("carries the metadata of grown. It stays as it is"),
    });
    expect(machine.ok(`blkid -p -o value -s TYPE ${disk}; drbdadm get-gi grown </dev/null`)).toMatch(
      /^drbd\nA5A5A5A5A5A5A5A4:/,
    );
  });

  test("does not show the secret that drbdadm's complaint quotes", () => {
    volume("secretive");
    machine.ok("touch /run/drbd/secretive.stuck");
    expect(create("secretive")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("--shared-secret=(hidden) --verify-alg=sha1' terminated with exit code 10"),
    });
    machine.ok("rm /run/drbd/secretive.stuck");
    expect(create("secretive")).toMatchObject({ status: 0 });
  });

  test("puts on record what an interrupted run had finished", () => {
    const disk = volume("unrecorded");
    expect(create("unrecorded")).toMatchObject({ status: 0 });
    machine.ok(`drbdadm forget unrecorded; echo "creating ${disk}" >/var/lib/kvm-mirror/unrecorded.metadata`);
    expect(create("unrecorded")).toMatchObject({ status: 0, stderr: expect.stringContaining("It stays as it is") });
    expect(machine.ok("cat /var/lib/kvm-mirror/unrecorded.metadata")).toBe(`made ${disk}`);
  });

  test("ends the same after being killed at any moment", () => {
    const disk = volume("killed");
    for (let moment = 1; moment <= 12; moment++) {
      machine.sh(
        `timeout --signal KILL 0.${String(moment * 4).padStart(2, "0")} bash ` +
          "$GUEST_SCRIPTS/replication/drbd-create-metadata.sh killed",
      );
    }
    expect(create("killed")).toMatchObject({ status: 0 });
    expect(
      machine.ok(
        `blkid -p -o value -s TYPE ${disk}; cat /var/lib/kvm-mirror/killed.metadata; drbdadm get-gi killed </dev/null`,
      ),
    ).toBe(`drbd\nmade ${disk}\n0000000000000004:0000000000000000:0000000000000000:0000000000000000:0:0:0:0:0:0:0`);
  });
});
