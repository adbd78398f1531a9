import { expect, test } from "vitest";
import { contentHash } from "../../../plugins/libvirt/cloudInitDisk.ts";
import { poolAndName } from "../../../plugins/libvirt/names.ts";
import { ownerOf, refusal, sameOwner } from "../../../plugins/libvirt/owner.ts";
import {
  formatMark,
  markLines,
  parseInspection,
  parseMade,
  parseOwner,
} from "../../../plugins/libvirt/pool/poolFile.ts";
import { parsePools } from "../../../plugins/libvirt/pool/pools.ts";
import { volumeRules } from "../../../plugins/libvirt/volumeRules.ts";
import { networkUuid } from "../../../plugins/libvirt/network/network.ts";

const owner = { stack: "kvm-mirror/lab", resource: "mirror-a-r0" };
const mark = "owner=kvm-mirror/lab\nresource=mirror-a-r0\nfile=77 1795227132.5\n";

test("what there is of a file", () => {
  expect(parseInspection("\0")).toBeUndefined();
  expect(parseInspection(`${mark}\0`)).toBeUndefined();
  expect(parseInspection(`${mark}\x001048576 8 77 1795227132.5\n\x0000000000\0`)).toEqual({
    mark: { owner },
    size: 1048576,
    allocation: 4096,
    format: "raw",
    virtualSize: 1048576,
    sha256: undefined,
    identity: "77 1795227132.5",
  });
  // A qcow2 header: magic, version 3, no backing file, cluster bits, size 16 MiB.
  const header = "514649fb 00000003 0000000000000000 00000000 00000010 0000000001000000".replaceAll(" ", "");
  expect(parseInspection(`\x00197120 392 78 1795227132.5\n\0${header}\0abc\n`)).toEqual({
    mark: undefined,
    size: 197120,
    allocation: 200704,
    format: "qcow2",
    virtualSize: 16777216,
    sha256: "abc",
    identity: "78 1795227132.5",
  });
  expect(() => parseInspection("\x00no numbers here x\n\0\0")).toThrow("inspect-file: unexpected numbers");
});

test("a mark about another file of that name is none", () => {
  expect(parseInspection(`${mark}\x001048576 8 77 1800000000.0\n\x00\0`)?.mark).toBeUndefined();
  expect(parseInspection(`${mark}\x001048576 8 79 1795227132.5\n\x00\0`)?.mark).toBeUndefined();
  expect(parseInspection(`owner=kvm-mirror/lab\nfile=77 1\n\x001 8 77 1\n\x00\0`)?.mark).toBeUndefined();
});

test("owners in their three forms", () => {
  expect(
    ownerOf({ owner: "kvm-mirror/lab" }, "urn:pulumi:lab::kvm-mirror::a$b::libvirt:index:Volume::mirror-a-r0"),
  ).toEqual(owner);
  expect(markLines(owner)).toBe("owner=kvm-mirror/lab\nresource=mirror-a-r0\n");
  expect(parseOwner(formatMark(owner))).toEqual(owner);
  expect([
    sameOwner(owner, { ...owner }),
    sameOwner(undefined, owner),
    sameOwner({ ...owner, stack: "x/y" }, owner),
  ]).toEqual([true, false, false]);
});

test("a refusal says what was found and the ways out", () => {
  expect(refusal("volume default/r0 on kvm-a", undefined, "Volume", "default/r0")).toMatchInlineSnapshot(
    `"volume default/r0 on kvm-a exists and carries no mark of this program: left alone. Choose another name, ` +
      `remove it, or, to manage it here: pulumi import libvirt:index:Volume <resource> default/r0"`,
  );
  expect(refusal("volume default/r0 on kvm-a", owner, "Volume", "default/r0")).toMatchInlineSnapshot(
    `"volume default/r0 on kvm-a exists and belongs to resource "mirror-a-r0" of kvm-mirror/lab: left alone. ` +
      `Choose another name, or, if that resource was renamed, give it aliases: [{ name: "mirror-a-r0" }]. Only if ` +
      `no stack knows it any more, to manage it here: pulumi import libvirt:index:Volume <resource> default/r0"`,
  );
});

test("pools as libvirt lists them", () => {
  const output =
    "default             \n\n\0<pool " +
    "type='dir'><name>default</name><target><path>/var/lib/libvirt/images</path></target></pool>\n" +
    "\0<pool type='logical'><name>fast</name><target><path>/dev/fast</path></target></pool>\n";
  expect(parsePools(output)).toEqual([
    { name: "default", dir: "/var/lib/libvirt/images", type: "dir", active: true },
    { name: "fast", dir: "/dev/fast", type: "logical", active: false },
  ]);
  expect(parsePools("\n")).toEqual([]);
});

test.each(["default", "default/", "/x", "a/b/c", "default/../x", "-p/x"])("%s is no import id", (id) => {
  expect(() => poolAndName(id)).toThrow();
});

const data = { pool: "default", name: "r0", capacity: 1024, format: "raw" as const };
const os = { ...data, source: { volume: "base" } };
test.each([
  ["grow", { ...data, capacity: 2048 }, data, []],
  ["first time", data, undefined, []],
  ["unknown yet in a preview", {}, data, []],
  [
    "shrink",
    { ...data, capacity: 512 },
    data,
    [
      "capacity: volume default/r0 has 1024 bytes and cannot shrink to 512: a " +
        "smaller file system needs a new volume and a copy",
    ],
  ],
  [
    "another pool",
    { ...data, pool: "fast" },
    data,
    [
      "pool: a data disk is never replaced: default/r0 (raw) has pool default, not " +
        "fast. Declare a new volume beside it and move the data",
    ],
  ],
  [
    "another format",
    { ...data, format: "qcow2" as const },
    data,
    [
      "format: a data disk is never replaced: default/r0 (raw) has format raw, not " +
        "qcow2. Declare a new volume beside it and move the data",
    ],
  ],
  ["a source", os, data, ["source: a data disk is never replaced: default/r0 exists without a source"]],
  ["an OS disk may be replaced", { ...os, name: "r1", format: "qcow2" as const }, os, []],
  [
    "an OS disk does not shrink either",
    { ...os, capacity: 512 },
    os,
    [
      "capacity: volume default/r0 has 1024 bytes and cannot shrink to 512: a " +
        "smaller file system needs a new volume and a copy",
    ],
  ],
])("a volume: %s", (_what, news, olds, failures) => {
  expect(volumeRules(news, olds).map(({ property, reason }) => `${property}: ${reason}`)).toEqual(failures);
});

test("hashes and UUIDs never change between versions", () => {
  expect(contentHash({ userData: "a", metaData: "b", networkConfig: "" })).toMatchInlineSnapshot(
    `"9bbb72ebfe0dc83f506bcec59cd77f9feb978eb0d8deeaba870fad8317d2aef6"`,
  );
  expect(contentHash({ userData: "a", metaData: "", networkConfig: "b" })).not.toBe(
    contentHash({ userData: "a", metaData: "b", networkConfig: "" }),
  );
  expect(networkUuid("lab-storage")).toMatchInlineSnapshot(`"2b4ce628-cf01-5e74-b0c2-1c6400bf002f"`);
});

test("that a data disk was made is known without the file", () => {
  expect(parseMade(`${mark}made=2\n\0`)).toBe(2);
  expect(parseMade(`${mark}made=1\n\x001048576 8 77 1795227132.5\n\x0000\0`)).toBe(1);
  expect(parseMade(`${mark}\0`)).toBeUndefined();
  // What a guest wrote is no mark.
  expect(parseMade("\x00made=7\n\0")).toBeUndefined();
});

test("the number of a data disk counts up only", () => {
  const disk = { pool: "default", name: "lab.mirror-a.r0.raw", capacity: 512, format: "raw", generation: 2 } as const;
  expect(volumeRules({ ...disk, generation: 3 }, disk)).toEqual([]);
  expect(volumeRules({ ...disk, generation: 1 }, disk)).toEqual([
    {
      property: "generation",
      reason: "data disk default/lab.mirror-a.r0.raw is number 2: the number only counts up, never down to 1",
    },
  ]);
});
