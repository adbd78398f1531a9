/** Volumes on zvols: what adding, growing and removing one changes. */
import { describe, expect, it } from "vitest";
import { difference, everything, names, ofLibvirt } from "./difference.ts";
import { graph, inProgramsPlace } from "./graph.ts";

inProgramsPlace();

const r0 = { size: "256MiB", minor: 0, group: "main", backing: "zvol", exports: { nbd: {} } };
const stackOf = (volumes: object, zvol: object = { size: "2GiB" }) =>
  graph("lab-zvol", {
    "kvm-mirror:volumes": JSON.stringify(volumes),
    "kvm-mirror:clients": "{}",
    "kvm-mirror:backing": JSON.stringify({ zvol }),
  });

describe("a volume with backing zvol", () => {
  it("comes and goes without a change of a machine, of its disks, or of anything that libvirt has", async () => {
    const [one, two] = [await stackOf({ r0 }), await stackOf({ r0, r1: { ...r0, minor: 1 } })];
    const comes = difference(one, two);
    expect(ofLibvirt(everything(comes))).toEqual([]);
    expect(names(comes.added)).toEqual([
      "r1",
      "r1-first-sync",
      ...["configuration", "metadata", "size", "zvol"].map((what) => `r1-mirror-a-${what}`),
      ...["configuration", "metadata", "size", "zvol"].map((what) => `r1-mirror-b-${what}`),
    ]);
    expect(ofLibvirt(everything(difference(two, one)))).toEqual([]);
  });

  it("grows by its zvol, before DRBD grows into it, and no disk changes", async () => {
    const grows = difference(await stackOf({ r0 }), await stackOf({ r0: { ...r0, size: "512MiB" } }));
    expect(ofLibvirt(everything(grows))).toEqual([]);
    expect(names(grows.changed)).toEqual([
      "inventory",
      ...["mirror-a", "mirror-b"].flatMap((mirror) => [`r0-${mirror}-size`, `r0-${mirror}-zvol`]),
    ]);
  });

  it("has its ZFS disk grow in place, and the pool behind it", async () => {
    const grows = difference(await stackOf({ r0 }), await stackOf({ r0 }, { size: "4GiB" }));
    expect([names(grows.added), names(grows.removed), names(grows.changed)]).toEqual([
      [],
      [],
      ["mirror-a-pool", "mirror-a-zfs-disk", "mirror-b-pool", "mirror-b-zfs-disk"],
    ]);
  });

  it("another compression or time to read it through is the pool's alone", async () => {
    const other = difference(
      await stackOf({ r0 }),
      await stackOf({ r0 }, { size: "2GiB", compression: "zstd", scrub: "Sun 04:00" }),
    );
    expect(names(everything(other))).toEqual(["mirror-a-pool", "mirror-b-pool"]);
  });

  it("is protected as a data disk is, until the stack file says that it leaves", async () => {
    const kept = async (leaves: boolean) =>
      (
        await graph("production", {
          "kvm-mirror:backing": JSON.stringify({ zvol: { size: "8GiB" } }),
          "kvm-mirror:volumes": JSON.stringify({
            orders: { size: "1GiB", minor: 0, backing: "zvol", leaves, exports: { nbd: {} } },
          }),
        })
      )
        .filter(({ name }) => /-(zvol|zfs-disk)$/.test(name))
        .map(({ name, options }) => `${name} ${String(options.protect)} ${String(options.retainOnDelete)}`)
        .sort();
    const disks = ["mirror-a-zfs-disk true true", "mirror-b-zfs-disk true true"];
    const volumes = (protect: boolean) => ["a", "b"].map((mirror) => `orders-mirror-${mirror}-zvol ${protect} true`);
    expect(await kept(false)).toEqual([...disks, ...volumes(true)]);
    // Unprotected, and still never deleted.
    expect(await kept(true)).toEqual([...disks, ...volumes(false)]);
  });
});

it("a stack without ZFS has nothing of it", async () => {
  expect(names(await graph("lab")).filter((name) => /zfs|zvol|-pool/.test(name))).toEqual([]);
});
