import { parseArgs } from "node:util";
import { faultsOf } from "./faults/faults.ts";
import type { Mode, Protocol } from "./report/report.ts";
import { sequencesOf } from "./sequences/sequences.ts";
import { messageOf } from "../plugins/serving/messageOf.ts";

export interface Options {
  /** How many kills, or sequences. */
  readonly kills: number;
  /** Two faults in a row each, instead of one. */
  readonly sequences: boolean;
  readonly seed: number;
  readonly mode: Mode | undefined;
  readonly protocol: Protocol;
  readonly stack: string;
  readonly prefix: string | undefined;
  readonly client: string | undefined;
  readonly kinds: readonly string[];
  readonly control: string | undefined;
  /** Blocks of each of the writer's three lanes. */
  readonly blocks: number;
  readonly out: string;
}

export const usage = `\
usage: npm run torture -- [--kills N | --sequences N] [--seed S] [--protocol nbd|iscsi]
                          [--mode manual|automatic] [--kinds a,b,…] [--control NAME] [--blocks N]
                          [--client NAME] [--stack NAME] [--prefix P | --real] [--out FILE.json]
       npm run torture -- merge a.json b.json … [--out FILE.json]`;

/**
 * @param labStack the stack of the lab with a prefix, for which no `--stack` is needed
 * @throws with the usage for what makes no sense.
 */
export function parseOptions(args: readonly string[], now: Date, labStack: (prefix: string) => string): Options {
  let values: ReturnType<typeof parse>["values"];
  try {
    ({ values } = parse(args));
  } catch (error) {
    throw new Error(`${messageOf(error)}\n${usage}`);
  }
  const protocol = oneOf("protocol", values.protocol, ["nbd", "iscsi"] as const);
  const mode = values.mode === undefined ? undefined : oneOf("mode", values.mode, ["manual", "automatic"] as const);
  const kinds = (values.kinds ?? "").split(",").filter((kind) => kind !== "");
  const sequences = values.sequences !== undefined;
  if (sequences && (values.kills !== undefined || values.control !== undefined))
    throw new Error(`--sequences stands alone, without --kills and --control\n${usage}`);
  if (sequences) sequencesOf(kinds);
  else faultsOf(kinds);
  const seed = values.seed === undefined ? Math.floor(now.getTime() / 1000) % 2 ** 31 : whole("seed", values.seed, 0);
  const prefix = values.real ? undefined : values.prefix;
  const kindOfRun = (sequences ? "-sequences" : "") + (values.control === undefined ? "" : `-${values.control}`);
  const stack = values.stack ?? (prefix === undefined ? "lab" : labStack(prefix));
  return {
    kills: sequences ? whole("sequences", values.sequences ?? "", 1) : whole("kills", values.kills ?? "5", 1),
    sequences,
    seed,
    mode,
    protocol,
    stack,
    prefix,
    client: values.client,
    kinds,
    control: values.control,
    blocks: whole("blocks", values.blocks, 64),
    out: values.out ?? `torture-${stack}-${protocol}${kindOfRun}-${seed}.json`,
  };
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    options: {
      kills: { type: "string" },
      sequences: { type: "string" },
      seed: { type: "string" },
      mode: { type: "string" },
      protocol: { type: "string", default: "nbd" },
      stack: { type: "string" },
      prefix: { type: "string", default: "kvm" },
      real: { type: "boolean", default: false },
      client: { type: "string" },
      kinds: { type: "string" },
      control: { type: "string" },
      blocks: { type: "string", default: "512" },
      out: { type: "string" },
    },
  });
}

function oneOf<T extends string>(option: string, value: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) throw new Error(`--${option} is ${choices.join(" or ")}, not ${value}\n${usage}`);
  return found;
}

function whole(option: string, value: string, least: number): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(number) || number < least)
    throw new Error(`--${option} is a whole number, at least ${least}, not ${value}\n${usage}`);
  return number;
}
