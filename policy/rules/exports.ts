import { isIP } from "node:net";
import { guestDocuments, iniSections, targets } from "../documents.ts";
import type { Rule, Stack } from "../stack.ts";

const nbdFile = /^\/etc\/nbd-server\/.*\.conf$/;
const tgtFile = /^\/etc\/tgt\/.*\.conf$/;

/** Exports of nbd-server: every section but the first, which is about the server. */
const nbdExports = (content: string) => iniSections(content).filter(({ name }) => name !== "generic");

export const exportsWriteThrough: Rule = {
  name: "exports-write-through",
  description: "nbd-server and tgt answer a write when it is on the volume, not when they have it in memory.",
  offences: (stack) =>
    guestDocuments(stack).flatMap(({ resource, path, content }) => {
      if (nbdFile.test(path))
        return nbdExports(content).flatMap(({ name, values }) =>
          ["sync", "flush", "fua"]
            .filter((key) => values.get(key) !== "true")
            .map((key) => `${resource}: export ${name} in ${path} has ${key} = ${values.get(key) ?? "(nothing)"}`),
        );
      if (tgtFile.test(path))
        return targets(content).flatMap(({ name, body }) => [
          ...(/^\s*write-cache off$/m.test(body)
            ? []
            : [`${resource}: target ${name} in ${path} has its write cache on`]),
          // rdwr alone calls fdatasync after a write while the write cache is off (tgt, bs_rdwr.c).
          ...(/^\s*bs-type rdwr$/m.test(body) ? [] : [`${resource}: target ${name} in ${path} has no bs-type rdwr`]),
        ]);
      return [];
    }),
};

export const exportsAdmitNamedHosts: Rule = {
  name: "exports-admit-named-hosts",
  description: "Every export says who may open it, by single addresses: two hosts that write to one disk destroy it.",
  offences: (stack) => [...admittedByNbd(stack), ...admittedByTgt(stack)],
};

function admittedByNbd(stack: Stack): readonly string[] {
  const files = guestDocuments(stack);
  return files
    .filter(({ path }) => nbdFile.test(path))
    .flatMap(({ resource, content }) =>
      nbdExports(content).flatMap(({ name, values }) => {
        const path = values.get("authfile");
        const list = files.find((file) => file.resource === resource && file.path === path);
        // nbd-server lets everybody in where there is no such file (nbd-server(5)). An empty one admits nobody.
        if (list === undefined) return [`${resource}: export ${name} has no list of who may open it`];
        return list.content
          .split("\n")
          .filter((line) => line.trim() !== "" && isIP(line.trim()) === 0)
          .map((line) => `${resource}: export ${name} admits ${line}, which is no single address`);
      }),
    );
}

function admittedByTgt(stack: Stack): readonly string[] {
  return guestDocuments(stack)
    .filter(({ path }) => tgtFile.test(path))
    .flatMap(({ resource, content }) =>
      targets(content).flatMap(({ name, body }) => {
        const admitted = [...body.matchAll(/^\s*initiator-(?:address|name) (.*)$/gm)].map(([, who = ""]) => who.trim());
        // tgt-admin opens a target to all that says nothing.
        if (admitted.length === 0) return [`${resource}: target ${name} does not say who may open it`];
        return admitted
          .filter((who) => isIP(who) === 0)
          .map((who) => `${resource}: target ${name} admits ${who}, which is no single address`);
      }),
    );
}
