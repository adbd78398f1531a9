import { describe, expect, test } from "vitest";
import { playedHost } from "./playedHost.ts";

const host = playedHost();
const disk = (source: string) => `<domain>
  <name>mirror-a</name>
  <devices>
    <disk type='volume' device='disk'>
      <source pool='default' volume='lab.mirror-a.r0.raw'/>
      <target dev='vdb' bus='virtio'/>
      <serial>r0</serial>
    </disk>
    ${source}
  </devices>
</domain>
`;
const marks = (source: string) =>
  disk(`<disk type='volume' device='disk'>
      <source ${source}/>
      <target dev='vdzz' bus='virtio'/>
      <serial>kvm-mirror.marks</serial>
    </disk>`);
const inPool = marks("pool='default' volume='lab.mirror-a.marks'");

/** A mirror with this definition, and what libvirt reads from its marks disk: blocks of 4 KiB. */
function mirror(xml: string, blocks: readonly string[] = []): void {
  host.machine.ok("mkdir -p /run/virsh/mirror-a && cat >/run/virsh/mirror-a/persistent.xml", xml);
  host.machine.ok(`rm -f /run/virsh/marks; truncate -s 2M /run/virsh/marks`);
  blocks.forEach((text, index) =>
    host.machine.ok(`dd of=/run/virsh/marks bs=4096 seek=${index} conv=sync,notrunc status=none`, text),
  );
}
const asked = () => host.script("mirror-evidence.sh", "mirror-a");
const answer = () => JSON.parse(asked().stdout);
const header = "kvm-mirror marks 1\n";

describe("mirror-evidence.sh", () => {
  test("shows what a mirror wrote before it went on alone, by volume, while it is off", () => {
    mirror(inPool, [header, "alone r0 1764162131\n", "", "alone big-disk_2 1764162140\n"]);
    expect(asked()).toMatchObject({ status: 0, stderr: "" });
    expect(answer()).toEqual({ domain: "off", marks: { r0: 1764162131, "big-disk_2": 1764162140 } });
    expect(host.machine.ok("cat /run/virsh/downloads")).toContain("--pool default lab.mirror-a.marks");
  });

  test("shows when it last wrote a sign of life", () => {
    mirror(inPool, [header, "alone r0 1764162131\n"]);
    host.machine.ok("dd of=/run/virsh/marks bs=4096 seek=511 conv=sync,notrunc status=none", "alive 1764162135\n");
    expect(answer()).toEqual({ domain: "off", marks: { r0: 1764162131 }, alive: 1764162135 });
  });

  test("and while it runs, in whatever state", () => {
    mirror(inPool, [header]);
    for (const state of ["running", "paused", "in shutdown", "crashed"]) {
      host.machine.ok(`echo '${state}' >/run/virsh/mirror-a/state`);
      expect(answer()).toEqual({ domain: "running", marks: {} });
    }
  });

  test("finds the disk by its path as well", () => {
    mirror(marks("file='/pool/lab.mirror-a.marks'"), [header, "alone r0 1764162131\n"]);
    expect(answer()).toEqual({ domain: "off", marks: { r0: 1764162131 } });
    expect(host.machine.ok("tail -n 1 /run/virsh/downloads")).toBe("/pool/lab.mirror-a.marks");
  });

  test.each<[string, string, readonly string[], string]>([
    ["a mirror without such a disk", disk(""), [], "mirror-a has no marks disk"],
    ["a blank disk", inPool, [], "its marks disk was never prepared"],
    ["a disk of something else", inPool, ["alone r0 1764162131\n"], "its marks disk was never prepared"],
  ])("says that nobody knows of %s", (_, xml, blocks, why) => {
    mirror(xml, blocks);
    expect(answer()).toEqual({ domain: "off", marks: null, why });
  });

  test("says that nobody knows when libvirt cannot read it", () => {
    mirror(inPool, [header]);
    host.machine.ok("rm /run/virsh/marks");
    expect(answer()).toEqual({
      domain: "off",
      marks: null,
      why: expect.stringContaining("its marks disk cannot be read: error: Storage volume not found"),
    });
  });

  test("fails where there is no such domain", () => {
    expect(host.script("mirror-evidence.sh", "mirror-c")).toMatchObject({
      status: 1,
      stdout: "",
      stderr: expect.stringContaining("libvirt does not say whether mirror-c is on"),
    });
  });
});
