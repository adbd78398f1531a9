import { expect, test } from "vitest";
import { z } from "zod";
import { parsePartially } from "../../../plugins/serving/partialParse.ts";
import type { Schema } from "../../../plugins/serving/schema.ts";
import { UNKNOWN } from "../../../plugins/serving/wire.ts";
import type { Plain } from "../../../plugins/serving/wire.ts";

const Disk = z.discriminatedUnion("device", [
  z.strictObject({
    device: z.literal("disk"),
    target: z.string().regex(/^vd[a-z]$/),
    cache: z.enum(["none", "writeback"]).default("none"),
  }),
  z.strictObject({ device: z.literal("cdrom"), target: z.string() }),
]);
const Machine = z
  .strictObject({
    name: z.string().min(1),
    memory: z.number().int().positive().default(4096),
    maximum: z.number().optional(),
    disks: z.array(Disk).min(1),
    labels: z.record(z.string(), z.string()).optional(),
    source: z.union([z.string(), z.number()]).optional(),
  })
  .refine((machine) => machine.maximum === undefined || machine.memory <= machine.maximum, {
    path: ["memory"],
    message: "is above the maximum",
  });

const parse = (value: Plain) => parsePartially(Machine as unknown as Schema, value);
const failures = (value: Plain) => parse(value).failures.map(({ property, reason }) => `${property}: ${reason}`);

const DISK = { device: "disk", target: "vda" };

test("fills in defaults, also inside arrays", () => {
  expect(parse({ name: "m", disks: [DISK] })).toEqual({
    value: { name: "m", memory: 4096, disks: [{ ...DISK, cache: "none" }] },
    failures: [],
  });
});

test("fills in defaults beside unknown values and keeps those in their places", () => {
  expect(
    parse({ name: UNKNOWN, disks: [{ device: "disk", target: UNKNOWN }], labels: { a: UNKNOWN, b: "x" } }),
  ).toEqual({
    value: {
      name: UNKNOWN,
      memory: 4096,
      disks: [{ device: "disk", target: UNKNOWN, cache: "none" }],
      labels: { a: UNKNOWN, b: "x" },
    },
    failures: [],
  });
});

test("reports every mistake at once, each with its path", () => {
  expect(
    failures({
      name: "",
      memory: "big",
      disks: [{ device: "disk", target: "sda", bus: "sata" }, { device: "floppy" }],
      colour: "red",
      source: true,
    }),
  ).toMatchInlineSnapshot(`
    [
      "name: Too small: expected string to have >=1 characters",
      "memory: Invalid input: expected number, received string",
      "disks[0].target: Invalid string: must match pattern /^vd[a-z]$/",
      "disks[0].bus: there is no such property",
      "disks[1].device: Invalid discriminator value. Expected 'disk' | 'cdrom'",
      "source: Invalid input: expected string, received boolean; or: Invalid input: expected number, received boolean",
      "colour: there is no such property",
    ]
  `);
});

test("reports mistakes in what is known beside what is not", () => {
  expect(
    failures({
      name: UNKNOWN,
      memory: -1,
      disks: [{ device: "disk", target: "sda", cache: UNKNOWN }],
      colour: "red",
      labels: { a: UNKNOWN, b: 1 },
    }),
  ).toMatchInlineSnapshot(`
    [
      "memory: Too small: expected number to be >0",
      "disks[0].target: Invalid string: must match pattern /^vd[a-z]$/",
      "labels.b: Invalid input: expected string, received number",
      "colour: there is no such property",
    ]
  `);
});

test("says that a missing property is required", () => {
  expect(failures({ name: UNKNOWN })).toEqual(["disks: is required (array)"]);
  expect(failures({ disks: [DISK] })).toEqual(["name: is required (string)"]);
});

test("judges a rule over several properties as soon as all are known, and not before", () => {
  expect(failures({ name: "m", disks: [DISK], memory: 8192, maximum: 4096 })).toEqual(["memory: is above the maximum"]);
  expect(failures({ name: "m", disks: [DISK], memory: UNKNOWN, maximum: 4096 })).toEqual([]);
});

test("an unknown discriminator leaves the choice open, a wrong one beside an unknown does not", () => {
  expect(failures({ name: "m", disks: [{ device: UNKNOWN, target: 3 }] })).toEqual([]);
  expect(failures({ name: "m", disks: [{ device: "floppy", target: UNKNOWN }] })).toEqual([
    'disks[0].device: unknown kind "floppy"',
  ]);
});

test("a value of the wrong shape is refused even when it holds something unknown", () => {
  expect(failures({ name: { inner: UNKNOWN }, disks: [DISK] })).toEqual([
    "name: Invalid input: expected string, received object",
  ]);
});

test("an object that is not strict keeps its unnamed properties out, a loose one keeps them", () => {
  const value = { a: UNKNOWN, b: 1 };
  expect(parsePartially(z.object({ a: z.string() }) as unknown as Schema, value).value).toEqual({ a: UNKNOWN });
  expect(parsePartially(z.looseObject({ a: z.string() }) as unknown as Schema, value).value).toEqual(value);
});
