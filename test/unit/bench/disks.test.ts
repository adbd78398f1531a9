import { describe, expect, it } from "vitest";
import { clientOf, diskRig, regionOf } from "../../../bench/disks.ts";
import { contentOf } from "../../../bench/guard.ts";
import { Refused } from "../../../src/refused.ts";
import { changes, inventory, playedStack } from "./playedStack.ts";

describe("what is made ready for disks", () => {
  it("are Direct disks for each bus, marks on volumes, and every region written once", async () => {
    const { context, commands } = playedStack("--restart-client");
    const { spots, region, takeDown } = await diskRig(context);
    expect(spots.map(({ name, base }) => `${name} ${base}`)).toEqual([
      "nbd-virtio direct-virtio",
      "iscsi-sata direct-sata",
      "direct-virtio null",
      "direct-sata null",
    ]);
    expect(region).toBe(254 * 2 ** 20);
    expect(changes(commands)).toMatchInlineSnapshot(`
      [
        "kvm-a: bench-disks.sh on 600 app-1 268435456 mirror-a nbd-virtio virtio sata",
        "app-1: mark nbd-virtio",
        "app-1: mark iscsi-sata",
        "app-1: fio fill on nbd-virtio",
        "app-1: fio fill on iscsi-sata",
        "app-1: fio fill on bench-direct-virtio",
        "app-1: fio fill on bench-direct-sata",
      ]
    `);
    commands.length = 0;
    await takeDown();
    expect(changes(commands)).toEqual(["kvm-a: bench-disks.sh off 600 app-1"]);
  });

  it("needs no restart where all disks are virtio, nor without Direct", async () => {
    const [app] = inventory.clients;
    const clients = [{ ...app, disks: app?.disks.slice(0, 1) }] as typeof inventory.clients;
    const virtio = playedStack("", { change: { clients } });
    await diskRig(virtio.context);
    expect(changes(virtio.commands)[0]).toBe("kvm-a: bench-disks.sh plug 60 app-1 268435456 mirror-a nbd-virtio");
    const bare = playedStack("--no-direct");
    expect((await diskRig(bare.context)).spots.map(({ base }) => base)).toEqual([null, null]);
    expect(changes(bare.commands).join()).not.toContain("bench-disks.sh");
  });

  it.each([
    ["a volume that is not empty", "content ext4", "volume nbd-virtio is not empty (ext4), and bench would destroy"],
    ["a volume in use", "in-use it is mounted: /srv", "app-1 uses volume nbd-virtio (it is mounted: /srv)"],
    ["a disk of which nothing is known", "lsblk: not a block device", "it is not known what is on the disk"],
  ])("refuses %s before anything is written, and names the way out", async (_, found, words) => {
    const { context, commands } = playedStack("--restart-client", { answers: [["mark=", `${found}\n`]] });
    await expect(diskRig(context)).rejects.toThrow(words);
    expect(changes(commands)).toEqual([]);
  });

  it("takes content that was given up by name, and never a disk in use", async () => {
    const overwrite = "--no-direct --overwrite nbd-virtio --overwrite iscsi-sata";
    const given = playedStack(overwrite, { answers: [["mark=", "content ext4\n"]] });
    await diskRig(given.context);
    expect(changes(given.commands)[0]).toBe("app-1: mark nbd-virtio");
    const used = playedStack(overwrite, { answers: [["mark=", "in-use it is part of md0\n"]] });
    await expect(diskRig(used.context)).rejects.toThrow("unmount it first");
    const one = playedStack("--no-direct --overwrite nbd-virtio", { answers: [["mark=", "content ext4\n"]] });
    await expect(diskRig(one.context)).rejects.toThrow("repeat with --overwrite iscsi-sata");
    expect(changes(one.commands)).toEqual([]);
  });

  it("shuts a client down only when that was allowed", async () => {
    const { context, commands } = playedStack("");
    await expect(diskRig(context)).rejects.toThrow("repeat with --restart-client");
    expect(commands).toEqual([]);
  });

  it("names the command that installs fio", async () => {
    const { context } = playedStack("--no-direct", { answers: [["command -v fio", "none\n"]] });
    await expect(diskRig(context)).rejects.toThrow("ssh storage@app-1 sudo apt-get install --yes fio");
  });

  it("takes Direct disks away when making ready fails", async () => {
    const { context, commands } = playedStack("--restart-client", { answers: [["--name=fill", new Error("gone")]] });
    await expect(diskRig(context)).rejects.toThrow("gone");
    expect(changes(commands).at(-1)).toBe("kvm-a: bench-disks.sh off 600 app-1");
  });
});

describe("what is chosen", () => {
  it("is a client that the stack made", () => {
    expect(clientOf(inventory, undefined).name).toBe("app-1");
    expect(() => clientOf(inventory, "app-2")).toThrow(Refused);
    const { ssh: _, ...existing } = inventory.clients[0] as (typeof inventory.clients)[number];
    expect(() => clientOf({ ...inventory, clients: [existing] }, "app-1")).toThrow("bench cannot log in there");
    expect(() => clientOf({ ...inventory, clients: [] }, undefined)).toThrow("has no client that it made, with a disk");
  });

  it("is a region of whole MiB without the disk's ends", () => {
    expect(regionOf([256 * 2 ** 20, 300 * 2 ** 20 + 512], 2 ** 30)).toBe(254 * 2 ** 20);
    expect(regionOf([2 ** 40], 2 ** 30)).toBe(2 ** 30);
  });

  it("is nothing that an answer does not say", () => {
    expect(contentOf("marked\n")).toEqual({ kind: "marked" });
    for (const answer of ["", "emptyish", "in-use-not\nempty\n"]) expect(() => contentOf(answer)).toThrow("not known");
  });
});
