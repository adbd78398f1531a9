/** MirrorPair declares what a stack of its own has: the same resources, below it, with its name in front of theirs. */
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { readFileSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import type { MirrorPairArgs } from "../../src/pair/MirrorPair.ts";
import { inProgramsPlace, root } from "./graph.ts";
import { type Recorded, record, stackConfig } from "./record.ts";

inProgramsPlace();

const fileOf = (stack: string): string => `${root}stacks/Pulumi.${stack}.yaml`;

/** A stack file's keys as the arguments of a pair. */
function argsOf(stack: string): MirrorPairArgs {
  const { config } = parse(readFileSync(fileOf(stack), "utf8")) as { config: Record<string, unknown> };
  const plain = Object.entries(config).map(([key, value]) => [key.replace("kvm-mirror:", ""), value]);
  const secret = pulumi.secret(stackConfig(fileOf(stack))["kvm-mirror:secret"] ?? "");
  return { ...Object.fromEntries(plain), secret } as MirrorPairArgs;
}

/** The resources of a program, in stack `lab`, that has pairs. */
function program(declare: (kvmMirror: typeof import("../../src/pair/MirrorPair.ts")) => void): Promise<Recorded[]> {
  vi.resetModules();
  return record("lab", {}, async () => declare(await import("../../src/pair/MirrorPair.ts")));
}

async function ownStack(stack: string): Promise<Recorded[]> {
  vi.resetModules();
  const config = stackConfig(fileOf(stack));
  return record("lab.storage", config, async () => (await import("../../src/main.ts")).inventory);
}

/** A resource of a stack of its own as the pair `storage` has it. */
function asChild({ name, options, ...rest }: Recorded): Recorded {
  const named = (one: unknown): unknown => (Array.isArray(one) ? one.map(named) : `storage-${one}`);
  const naming = ["parent", "provider", "dependsOn", "deletedWith"];
  const changed = Object.entries(options).map(([key, value]) => [key, naming.includes(key) ? named(value) : value]);
  return { ...rest, name: `storage-${name}`, options: { parent: "storage", ...Object.fromEntries(changed) } };
}

const byName = (one: Recorded, other: Recorded): number => (keyOf(one) < keyOf(other) ? -1 : 1);
const keyOf = ({ type, name }: Recorded): string => `${type} ${name}`;

describe.each(["lab", "lab-automatic", "lab-lvm", "production"])("the pair of stack file %s", (stack) => {
  it("is what a stack of that name would be, below one component", async () => {
    const own = (await ownStack(stack)).filter(({ type }) => type !== "pulumi:pulumi:Stack");
    const pair = await program(({ MirrorPair }) => void new MirrorPair("storage", argsOf(stack)));
    const component = pair.find(({ type }) => type === "kvm-mirror:index:MirrorPair");
    expect(component).toMatchObject({ name: "storage", inputs: {} });
    const children = pair.filter((one) => one !== component && one.type !== "pulumi:pulumi:Stack");
    expect(children.length).toBeGreaterThan(40);
    expect(children.sort(byName)).toEqual(own.map(asChild).sort(byName));
  });
});

it("two pairs of one program have no resource with the same name", async () => {
  const args = argsOf("production");
  const both = await program(({ MirrorPair }) => {
    new MirrorPair("storage", args);
    new MirrorPair("archive", args);
  });
  const keys = both.filter(({ type }) => type !== "pulumi:pulumi:Stack").map(keyOf);
  expect(keys.length).toBeGreaterThan(80);
  expect(new Set(keys).size).toBe(keys.length);
});
