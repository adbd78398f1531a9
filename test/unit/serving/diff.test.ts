import { expect, test } from "vitest";
import { z } from "zod";
import { changesBetween, topLevel } from "../../../plugins/serving/diff.ts";
import { covers, formatPath, parsePath } from "../../../plugins/serving/propertyPath.ts";
import { flaggedPaths } from "../../../plugins/serving/schema.ts";
import type { Schema } from "../../../plugins/serving/schema.ts";
import { UNKNOWN } from "../../../plugins/serving/wire.ts";
import type { PlainObject } from "../../../plugins/serving/wire.ts";

const schema = z.strictObject({
  name: z.string().meta({ replace: true }),
  size: z.number().optional(),
  token: z.string().meta({ secret: true }).optional(),
  disks: z
    .array(
      z.strictObject({
        bus: z.string().meta({ replace: true }).default("virtio"),
        key: z.string().meta({ secret: true }).optional(),
      }),
    )
    .optional(),
  source: z.strictObject({ pool: z.string(), volume: z.string() }).meta({ replace: true }).optional(),
  labels: z.record(z.string(), z.string()).optional(),
}) as unknown as Schema;

const changes = (olds: PlainObject, news: PlainObject, ignored: string[] = []) =>
  changesBetween(olds, news, schema, ignored).map(
    ({ path, kind, replace }) => `${kind}${replace ? "-replace" : ""} ${formatPath(path)}`,
  );

test("equal values have no changes, whatever the order of their keys", () => {
  expect(changes({ name: "n", labels: { a: "1", b: "2" } }, { labels: { b: "2", a: "1" }, name: "n" })).toEqual([]);
});

test("only the leaves that differ are named", () => {
  const olds = { name: "n", size: 1, disks: [{ bus: "virtio" }, { bus: "sata" }], labels: { a: "1" } };
  const news = { name: "n", disks: [{ bus: "virtio" }], labels: { a: "2", "b.c": "3" } };
  expect(changes(olds, news)).toEqual(["delete size", "delete disks[1]", "update labels.a", 'add labels["b.c"]']);
});

test("a property that cannot change in place replaces, nested in arrays and by what holds it too", () => {
  const olds = { name: "n", disks: [{ bus: "virtio" }], source: { pool: "p", volume: "v" } };
  const news = { name: "m", disks: [{ bus: "sata" }], source: { pool: "p", volume: "w" } };
  expect(changes(olds, news)).toEqual([
    "update-replace name",
    "update-replace disks[0].bus",
    "update-replace source.volume",
  ]);
});

test("an unknown new value counts as a change", () => {
  expect(changes({ name: "n", size: 1 }, { name: UNKNOWN, size: UNKNOWN })).toEqual([
    "update-replace name",
    "update size",
  ]);
});

test("ignored changes are left out, with all below them", () => {
  const olds = { name: "n", size: 1, source: { pool: "p", volume: "v" }, disks: [{ bus: "a" }, { bus: "b" }] };
  const news = { name: "n", size: 2, source: { pool: "q", volume: "w" }, disks: [{ bus: "x" }, { bus: "y" }] };
  expect(changes(olds, news, ["source", "disks[*].bus"])).toEqual(["update size"]);
  expect(changes(olds, news, ["source.pool", "disks[1]", "size"])).toEqual([
    "update-replace source.volume",
    "update-replace disks[0].bus",
  ]);
});

test("a change of shape is one change", () => {
  expect(changes({ labels: { a: "1" } }, { labels: "none" })).toEqual(["update labels"]);
});

test("top-level names are given once", () => {
  expect(topLevel(changesBetween({ labels: { a: "1", b: "1" } }, { labels: { a: "2", b: "2" } }, schema))).toEqual([
    "labels",
  ]);
});

test("paths are written and read as the engine does", () => {
  const path = ["disks", 0, "a.b", "x-y", "1st"];
  expect(formatPath(path)).toBe('disks[0]["a.b"].x-y["1st"]');
  expect(parsePath(formatPath(path))).toEqual(path);
  expect(parsePath("disks[*].bus")).toEqual(["disks", "*", "bus"]);
  expect(() => parsePath("disks[")).toThrow("not a property path: disks[");
  expect(covers(["a"], ["a", "b"])).toBe(true);
  expect(covers(["a", "b"], ["a"])).toBe(false);
});

test("fields that are always secret are found wherever they are", () => {
  expect(flaggedPaths(schema, "secret")).toEqual([["token"], ["disks", "*", "key"]]);
});
