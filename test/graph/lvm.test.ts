/** Volumes on logical volumes: what adding, growing and removing one changes. */
import { describe, expect, it } from "vitest";
import { difference, everything, names, ofLibvirt } from "./difference.ts";
import { graph, inProgramsPlace } from "./graph.ts";

inProgramsPlace();

const group = "main";
const r0 = { size: "256MiB", minor: 0, group, backing: "lvm", exports: { nbd: {} } };
const r1 = { size: "256MiB", minor: 1, group, backing: "lvm", exports: { nbd: {} } };
const stackOf = (volumes: object, changes: Record<string, string> = {}) =>
  graph("lab-lvm", { "kvm-mirror:volumes": JSON.stringify(volumes), "kvm-mirror:clients": "{}", ...changes });

describe("a volume with backing lvm", () => {
  it("comes and goes without a change of a machine, of its disks, or of anything that libvirt has", async () => {
    const [one, two] = [await stackOf({ r0 }), await stackOf({ r0, r1 })];
    const comes = difference(one, two);
    expect(ofLibvirt(everything(comes))).toEqual([]);
    expect(names(comes.added)).toEqual([
      "r1",
      "r1-first-sync",
      ...["configuration", "logical-volume", "metadata", "size"].map((what) => `r1-mirror-a-${what}`),
      ...["configuration", "logical-volume", "metadata", "size"].map((what) => `r1-mirror-b-${what}`),
    ]);
    expect(names(comes.changed)).toEqual(["inventory", "main-configuration"]);
    expect(ofLibvirt(everything(difference(two, one)))).toEqual([]);
  });

  it("grows by its logical volume, before DRBD grows into it, and no disk changes", async () => {
    const [before, after] = [await stackOf({ r0 }), await stackOf({ r0: { ...r0, size: "512MiB" } })];
    const grows = difference(before, after);
    expect(ofLibvirt(everything(grows))).toEqual([]);
    expect(names(grows.changed)).toEqual([
      "inventory",
      "r0-mirror-a-logical-volume",
      "r0-mirror-a-size",
      "r0-mirror-b-logical-volume",
      "r0-mirror-b-size",
    ]);
    const needs = (name: string): readonly string[] => {
      const found = (after.find((one) => one.name === name)?.options.dependsOn as string[] | undefined) ?? [];
      return [...found, ...found.flatMap(needs)];
    };
    expect(needs("r0-mirror-a-size")).toEqual(
      expect.arrayContaining(["r0-mirror-a-logical-volume", "r0-mirror-b-logical-volume"]),
    );
  });

  it("has its LVM disk grow in place, and the volume group behind it", async () => {
    const size = (text: string) => ({ "kvm-mirror:backing": JSON.stringify({ lvm: { size: text } }) });
    const grows = difference(await stackOf({ r0 }, size("1GiB")), await stackOf({ r0 }, size("2GiB")));
    expect([names(grows.added), names(grows.removed), names(grows.changed)]).toEqual([
      [],
      [],
      ["mirror-a-lvm-disk", "mirror-a-volume-group", "mirror-b-lvm-disk", "mirror-b-volume-group"],
    ]);
  });

  it("is protected as a data disk is, until the stack file says that it leaves", async () => {
    const kept = async (volume: object, lvm: object = {}) =>
      (
        await graph("production", {
          "kvm-mirror:backing": JSON.stringify({ lvm: { size: "4GiB", ...lvm } }),
          "kvm-mirror:volumes": JSON.stringify({ orders: { size: "1GiB", minor: 0, exports: { nbd: {} }, ...volume } }),
        })
      )
        .filter(({ name }) => /-(logical-volume|lvm-disk)$/.test(name))
        .map(({ name, options }) => `${name} ${String(options.protect)} ${String(options.retainOnDelete)}`)
        .sort();
    const volumes = ["orders-mirror-a-logical-volume", "orders-mirror-b-logical-volume"];
    const disks = ["mirror-a-lvm-disk", "mirror-b-lvm-disk"];
    const said = (of: readonly string[], protect: boolean) => of.map((name) => `${name} ${String(protect)} true`);
    expect(await kept({ backing: "lvm" })).toEqual([...said(disks, true), ...said(volumes, true)]);
    // Unprotected, and still never deleted.
    expect(await kept({ backing: "lvm", leaves: true })).toEqual([...said(disks, true), ...said(volumes, false)]);
    expect(await kept({}, { leaves: true })).toEqual(said(disks, false));
  });
});

it("a stack without LVM has nothing of it", async () => {
  expect(names(await graph("lab")).filter((name) => /lvm|logical-volume|volume-group/.test(name))).toEqual([]);
});
