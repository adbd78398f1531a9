import type { z } from "zod";
import type { Config } from "../config/config.ts";
import { readBlock, readBlocks } from "./draft.ts";
import { explain, unknownKey } from "./explain.ts";
import { withFollowers } from "./follows.ts";
import { encryptedPlaces } from "../config/encrypted.ts";
import { ConfigError, isBelow, keyPath, type Problem } from "../config/problem.ts";
import { defaultImage } from "../config/machines/image.ts";
import { rules } from "./rules/rules.ts";
import { withoutSecrets } from "./withoutSecrets.ts";
import { schemaGuide } from "./schemaGuide.ts";
import { withVips } from "./vips.ts";
import { blockNames, blocks, namedBlocks, settings, stackKeys } from "../config/stackKeys.ts";

/**
 * Reads and checks a stack's configuration: the values of the `kvm-mirror:`
 * keys, without that prefix. Throws one ConfigError with all
 * mistakes. `found` are mistakes that the caller has seen already; of `hidden` keys no message shows a value.
 */
export function parseConfig(
  raw: Readonly<Record<string, unknown>>,
  found: readonly Problem[] = [],
  hidden: readonly string[] = [],
): Config {
  const problems = [...found];
  for (const key of Object.keys(raw).filter((name) => !stackKeys.includes(name)))
    problems.push({ key: keyPath(key), text: unknownKey(key, stackKeys) });
  const draft = {
    secret: readSetting(settings.secret, "secret", raw, problems),
    keyGeneration: readSetting(settings.keyGeneration, "keyGeneration", raw, problems),
    installAgain: readSetting(settings.installAgain, "installAgain", raw, problems),
    allowSameHost: readSetting(settings.allowSameHost, "allowSameHost", raw, problems),
    protectData: readSetting(settings.protectData, "protectData", raw, problems),
    firewall: readSetting(settings.firewall, "firewall", raw, problems),
    verify: readSetting(settings.verify, "verify", raw, problems),
    bootDeadline: readSetting(settings.bootDeadline, "bootDeadline", raw, problems),
    hosts: readBlocks(namedBlocks.hosts, raw["hosts"] ?? {}, ["hosts"], blockNames.hosts, problems),
    networks: readBlocks(namedBlocks.networks, raw["networks"] ?? {}, ["networks"], blockNames.networks, problems),
    image: readBlock(blocks.image, raw["image"] ?? defaultImage, ["image"], problems),
    ssh: readBlock(blocks.ssh, raw["ssh"] ?? {}, ["ssh"], problems),
    packages: readBlock(blocks.packages, raw["packages"] ?? {}, ["packages"], problems),
    machine: readBlock(blocks.machine, raw["machine"] ?? {}, ["machine"], problems),
    failover: readBlock(blocks.failover, raw["failover"] ?? {}, ["failover"], problems),
    monitoring: readBlock(blocks.monitoring, raw["monitoring"] ?? {}, ["monitoring"], problems),
    backing: readBlock(blocks.backing, raw["backing"] ?? {}, ["backing"], problems),
    mirrors: readBlocks(namedBlocks.mirrors, raw["mirrors"] ?? {}, ["mirrors"], blockNames.mirrors, problems),
    groups: readBlocks(namedBlocks.groups, raw["groups"] ?? {}, ["groups"], blockNames.groups, problems),
    volumes: readBlocks(namedBlocks.volumes, raw["volumes"] ?? {}, ["volumes"], blockNames.volumes, problems),
    clients: readBlocks(namedBlocks.clients, raw["clients"] ?? {}, ["clients"], blockNames.clients, problems),
  };
  // What could not be read has its message already.
  const unread = problems.map(({ key }) => key);
  const followed = { ...draft, ...withFollowers(draft) };
  const resolved = { ...followed, ...withVips(followed) };
  const broken = rules
    .flatMap((rule) => [...rule(resolved)])
    .filter(({ key }) => !unread.some((above) => isBelow(key, above)));
  const said = onePerKey([...problems, ...broken]);
  if (said.length > 0)
    throw new ConfigError(withoutSecrets(said, raw, [["secret"], ...encryptedPlaces, ...hidden.map((key) => [key])]));
  // Nothing was missing: every key that a schema asks for has been read.
  return { ...draft, groups: resolved.groups } as unknown as Config;
}

/** The first mistake of each key: another one may be gone with it. */
function onePerKey(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map([...problems].reverse().map((problem) => [problem.key, problem])).values()].reverse();
}

function readSetting<Value>(
  schema: z.ZodType<Value>,
  key: keyof typeof settings,
  raw: Readonly<Record<string, unknown>>,
  problems: Problem[],
): Value | undefined {
  const result = schema.safeParse(raw[key]);
  if (result.success) return result.data;
  problems.push(...explain(result.error.issues, raw[key], [key], schemaGuide(schema)));
  return undefined;
}
