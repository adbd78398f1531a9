import type { AutomaticPlan } from "../../plan/placement/failover.ts";
import { clusterElements } from "../../render/placement/cib.ts";
import type { Element } from "../../render/xml.ts";
import type { ConfigDraft } from "./rule.ts";
import { keyPath, type Problem } from "../../config/problem.ts";
import { entries, someOf } from "./entries.ts";
import { groupOf } from "./resolved.ts";

/** What the ids of the cluster's configuration are made from. */
interface Names {
  readonly mirrors: readonly string[];
  readonly volumes: readonly (readonly [name: string, group: string])[];
}

/**
 * Under automatic failover names become ids of the cluster's configuration (CIB), joined with words of ours
 * such as `-clone`. An id that is there twice makes the whole configuration void.
 */
export function* clusterIds(draft: ConfigDraft): Generator<Problem> {
  if (draft.failover.mode !== "automatic") return;
  const names: Names = {
    mirrors: Object.keys(draft.mirrors),
    volumes: entries(draft.volumes).flatMap(([name]) => {
      const group = groupOf(draft, name);
      return group === undefined ? [] : [[name, group] as const];
    }),
  };
  for (let left = names, twice = repeated(left); twice.size > 0; twice = repeated(left)) {
    const all = candidates(left).toSorted((one, other) => one.stay.size - other.stay.size);
    const [culprit] = all;
    const id = culprit && [...twice].find((one) => !culprit.stay.has(one));
    if (culprit === undefined || id === undefined) return;
    const { kind, name, without } = culprit;
    const others = all.filter((one) => one.name !== name && !one.stay.has(id)).map((one) => one.name);
    const beside = others.length === 0 ? "" : ` beside ${someOf(others)}`;
    yield {
      key: keyPath(kind, name),
      text: `cannot have this name${beside}: the cluster would have two things of the id ${id}; choose another`,
    };
    left = without;
  }
}

/** Each name, and which ids are there twice even without it; longer names first: they hold the others. */
function candidates(names: Names) {
  const volumes = names.volumes.map(([name]) => ({
    kind: "volumes" as const,
    name,
    without: { ...names, volumes: names.volumes.filter(([other]) => other !== name) },
  }));
  const mirrors = names.mirrors.map((name) => ({
    kind: "mirrors" as const,
    name,
    without: { ...names, mirrors: names.mirrors.filter((other) => other !== name) },
  }));
  return [...volumes, ...mirrors]
    .toSorted((one, other) => other.name.length - one.name.length)
    .map((one) => ({ ...one, stay: repeated(one.without) }));
}

/** Ids that the cluster's configuration would have twice. */
function repeated({ mirrors, volumes }: Names): ReadonlySet<string> {
  const groups = [...new Set(volumes.map(([, group]) => group))].map((name) => ({
    name,
    preferred: "",
    volumes: volumes.filter(([, group]) => group === name).map(([volume]) => volume),
  }));
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const id of clusterElements({ ...anyPlan, fences: mirrors.map(fence), groups }).flatMap(idsOf)) {
    if (seen.has(id)) twice.add(id);
    seen.add(id);
  }
  return twice;
}

function idsOf({ attributes, children }: Element): readonly string[] {
  const { id } = attributes;
  return [...(typeof id === "string" ? [id] : []), ...children.flatMap(idsOf)];
}

/** Ids depend on names alone. */
const anyPlan: Omit<AutomaticPlan, "fences" | "groups"> = {
  mode: "automatic",
  cluster: "any",
  token: 1000,
  fenceTimeout: 60,
  operationTimeout: 60,
  monitorInterval: 10,
  diskTimeout: 30,
  nodes: [],
};

const fence = (mirror: string): AutomaticPlan["fences"][number] => ({
  mirror,
  by: "",
  host: "any",
  address: "",
  port: 22,
  user: "",
  from: [],
  publicKey: "",
  delay: 0,
});
