import { parseArgs } from "node:util";
import { messageOf } from "../plugins/serving/messageOf.ts";
import type { Report } from "./report/report.ts";
import { layerLoads, type Load, loads, loadsNamed } from "./loads.ts";

export interface Options {
  readonly part: Report["part"];
  /** Takes away what a killed run left, and measures nothing. */
  readonly cleanUp: boolean;
  readonly stack: string | undefined;
  readonly client: string | undefined;
  readonly repetitions: number;
  /** Of one measurement, by the guest's clock. */
  readonly seconds: number;
  /** Bytes of each disk that are used, at most. */
  readonly size: number;
  readonly seed: number;
  readonly loads: readonly Load[];
  /** Volumes whose content may be destroyed. */
  readonly overwrite: readonly string[];
  /** Whether to compare with disks of the same pool that no mirror is between. */
  readonly direct: boolean;
  /** Whether the client may be shut down and started for that. */
  readonly restartClient: boolean;
  readonly diskSpeed: { readonly bytesPerSecond: number; readonly requestsPerSecond: number } | null;
  /** Seconds for which the replication network is cut under each alternative. */
  readonly cut: number;
  /** The JSON file; undefined: named after stack and seed. */
  readonly out: string | undefined;
}

export const usage = `\
usage: kvm-mirror bench [--layers | --servers | --alternatives [--cut S]] [--stack <env>] [--client NAME]
                        [--repetitions N] [--seconds S] [--size MiB] [--seed S] [--loads a,b,…]
                        [--overwrite VOLUME]… [--no-direct] [--restart-client]
                        [--disk-speed MB/s,REQUESTS/s] [--out FILE.json]
       kvm-mirror bench --clean-up [--stack <env>]
loads: ${loads
  .map(({ name }) => name)
  .join(", ")
  .replace(/(.{60}[^,]*), /g, "$1,\n       ")}
It writes over the volumes that it measures. docs/bench.md says what it touches.`;

/** What was typed makes no sense. */
export class UsageError extends Error {}

/** @throws UsageError, with the usage */
export function parseOptions(args: readonly string[], now: Date): Options {
  let values: ReturnType<typeof parse>["values"];
  try {
    ({ values } = parse(args));
  } catch (error) {
    throw new UsageError(`${messageOf(error)}\n${usage}`);
  }
  const parts = (["layers", "servers", "alternatives", "clean-up"] as const).filter((one) => values[one]);
  if (parts.length > 1) throw new UsageError(`--${parts.join(" and --")} do not go together\n${usage}`);
  const [first] = parts;
  const part = first === undefined || first === "clean-up" ? "disks" : first;
  const usual = part === "disks" ? loads.map(({ name }) => name) : layerLoads;
  const out = values.out;
  if (out !== undefined && !out.endsWith(".json"))
    throw new UsageError(`--out ${out}: the report's name ends with .json; its table and picture stand beside it`);
  return {
    part,
    cleanUp: first === "clean-up",
    stack: values.stack,
    client: values.client,
    repetitions: whole("repetitions", values.repetitions, 1),
    seconds: whole("seconds", values.seconds, 1),
    size: whole("size", values.size, 16) * 2 ** 20,
    seed: values.seed === undefined ? Math.floor(now.getTime() / 1000) % 2 ** 31 : whole("seed", values.seed, 0),
    loads: known(values.loads === undefined ? usual : values.loads.split(",")),
    overwrite: values.overwrite,
    direct: !values["no-direct"],
    restartClient: values["restart-client"],
    diskSpeed: values["disk-speed"] === undefined ? null : speed(values["disk-speed"]),
    cut: whole("cut", values.cut, 1),
    out,
  };
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    options: {
      layers: { type: "boolean", default: false },
      servers: { type: "boolean", default: false },
      alternatives: { type: "boolean", default: false },
      cut: { type: "string", default: "20" },
      "clean-up": { type: "boolean", default: false },
      stack: { type: "string" },
      client: { type: "string" },
      repetitions: { type: "string", default: "5" },
      seconds: { type: "string", default: "5" },
      size: { type: "string", default: "1024" },
      seed: { type: "string" },
      loads: { type: "string" },
      overwrite: { type: "string", multiple: true, default: [] },
      "no-direct": { type: "boolean", default: false },
      "restart-client": { type: "boolean", default: false },
      "disk-speed": { type: "string" },
      out: { type: "string" },
    },
  });
}

function known(names: readonly string[]): readonly Load[] {
  try {
    return loadsNamed(names);
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}

function speed(value: string): NonNullable<Options["diskSpeed"]> {
  const [, megabytes, requests] = /^(\d+),(\d+)$/.exec(value) ?? [];
  if (!(Number(megabytes) > 0 && Number(requests) > 0))
    throw new UsageError(
      `--disk-speed is MB/s and requests/s, by the guests' clock, as in 339,40000; not ${value}\n${usage}`,
    );
  return { bytesPerSecond: Number(megabytes) * 1e6, requestsPerSecond: Number(requests) };
}

function whole(option: string, value: string, least: number): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(number) || number < least)
    throw new UsageError(`--${option} is a whole number, at least ${least}, not ${value}\n${usage}`);
  return number;
}
