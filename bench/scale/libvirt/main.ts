/**
 * Our libvirt provider without KVM hosts: it checks and compares as the real one does, and what it is to make is made.
 * An `up` without changes asks it for no more.
 */
import { z } from "zod";
import { libvirtProvider } from "../../../plugins/libvirt/definition.ts";
import type { ResourceKind } from "../../../plugins/serving/resource.ts";
import { servePlugin } from "../../../plugins/serving/server.ts";

const nowhere = { of: () => unreachable(), close: () => Promise.resolve() };

function unreachable(): never {
  throw new Error("bench:scale plays the KVM hosts: nothing is asked of them");
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- kinds differ in their types
type AnyKind = ResourceKind<any, any, any>;

function played(kind: AnyKind): AnyKind {
  const outputs = kind.token === "libvirt:index:HostVersion" ? versions : valuesOf(kind.outputs);
  return {
    ...kind,
    ...(kind.foresee === undefined ? {} : { foresee: () => Promise.resolve(outputs) }),
    create: (_config, inputs, call) => Promise.resolve({ id: call.urn, state: { ...inputs, ...outputs } }),
    read: (_config, id, _call, known) => Promise.resolve(known && { id, ...known }),
    update: (_config, _id, olds, news) => Promise.resolve({ ...olds.state, ...news }),
    delete: () => Promise.resolve(),
  };
}

const versions = { libvirt: "10.0.0", qemu: "8.2.0" };

/** Something of each output's type. */
function valuesOf(outputs: z.ZodType): object {
  const { properties = {} } = z.toJSONSchema(outputs, { unrepresentable: "any" }) as {
    properties?: Record<string, { type?: string; enum?: readonly unknown[] }>;
  };
  const value = ({ type, enum: words }: { type?: string; enum?: readonly unknown[] }): unknown => {
    if (words !== undefined) return words[0];
    if (type === "string") return "played";
    if (type === "boolean") return false;
    if (type === "array") return [];
    return type === "object" ? {} : 1;
  };
  return Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, value(property)]));
}

const provider = libvirtProvider(nowhere);
await servePlugin({ ...provider, kinds: provider.kinds.map(played) });
