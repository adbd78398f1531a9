import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { parseConfig } from "../../../src/check/parse.ts";
import { makePlan } from "../../../src/plan/makePlan.ts";
import { publicKey, sample } from "./sample.ts";

const stacks = new URL("../../../stacks/", import.meta.url);

it.each(readdirSync(stacks))("%s is sound", (file) => {
  const { config } = parse(readFileSync(new URL(file, stacks), "utf8")) as {
    config: Record<string, Record<string, unknown>>;
  };
  const raw = Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key.replace(/^kvm-mirror:/, ""), value]),
  );
  // What loadConfig adds: the secret, and the keys of a file.
  const given = parseConfig({
    ...raw,
    secret: sample.secret,
    ssh: { authorizedKeys: [publicKey], ...(raw["ssh"] as object) },
  });
  expect(makePlan(given, { project: "kvm-mirror", stack: "unit" }).mirrors).toHaveLength(2);
});
