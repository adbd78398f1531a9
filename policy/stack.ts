/** What the rules judge: the resources of a stack, as the engine has them. */

/** Stands for what a preview does not know yet, and for what a golden graph masks. No rule judges it. */
export const unknown: unique symbol = Symbol("not known");

export interface Resource {
  readonly type: string;
  readonly name: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly protect: boolean;
  /** Libvirt URI of its provider, where it has one. */
  readonly host: string | undefined;
}

export interface Stack {
  readonly name: string;
  readonly resources: readonly Resource[];
  /** Of its stack file: the values under `config`, without the project's prefix. Undefined: there is no such file. */
  readonly config: Readonly<Record<string, unknown>> | undefined;
}

/** A rule is a pure function over a stack's resources and its stack file. */
export interface Rule {
  readonly name: string;
  /** What must hold, and what it is good for. */
  readonly description: string;
  /** A sentence each, which names the resource; none: the rule holds. */
  readonly offences: (stack: Stack) => readonly string[];
}

export const types = {
  cloudInitDisk: "libvirt:index:CloudInitDisk",
  cluster: "kvm-mirror:index:Cluster",
  command: "command:local:Command",
  domain: "libvirt:index:Domain",
  image: "libvirt:index:Image",
  mirror: "kvm-mirror:index:MirrorVm",
  network: "libvirt:index:Network",
  volume: "libvirt:index:Volume",
} as const;

export function ofType({ resources }: Stack, type: keyof typeof types): readonly Resource[] {
  return resources.filter((resource) => resource.type === types[type]);
}

/** Names of the stack's mirrors. */
export function mirrorsOf(stack: Stack): readonly string[] {
  return ofType(stack, "mirror").map(({ name }) => name);
}

/** The domains that are mirrors, not clients. */
export function mirrorDomains(stack: Stack): readonly Resource[] {
  const mirrors = mirrorsOf(stack);
  return ofType(stack, "domain").filter(({ name }) => mirrors.includes(name));
}

/** Something below a property; undefined where there is nothing of that kind, `unknown` where nobody knows yet. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((inner, key) => {
    if (inner === unknown) return unknown;
    return typeof inner === "object" && inner !== null ? (inner as Record<string | number, unknown>)[key] : undefined;
  }, value);
}

/** Elements of a list, none where it is no list, or not known. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Every text among a resource's properties, however deep, with what leads to it. */
export function texts(value: unknown, path = ""): readonly (readonly [path: string, text: string])[] {
  if (typeof value === "string") return [[path, value]];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => texts(inner, path === "" ? key : `${path}.${key}`));
}
