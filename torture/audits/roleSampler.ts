import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { volumeNamed } from "../../src/operate/stack/named.ts";
import { minorOf } from "../../harness/drbd.ts";
import type { System } from "../../harness/system.ts";
import { sleep } from "../../harness/until.ts";
import { type PrimaryTime, primaryTimes, type RoleSample } from "./roles.ts";
import { type Work, workBetween, type WorkSample } from "./work.ts";

/**
 * Prints "SECONDS ROLE LAST-PROCESS PROCESSORS UPTIME IDLE" about every 100 ms, until nobody listens. Bash alone: no
 * process for each sample; mapfile reads what belongs together (replication/lib/drbd-state.sh). See proc(5): the last
 * word of loadavg is the last process number given, idle is the sum over the processors.
 */
const sampling = (minor: number): string =>
  "exec 2>/dev/null {pause}<> <(:); set -f; processors=$(nproc); while :; do role=- lines=(); " +
  'mapfile -t lines </proc/drbd; for line in "${lines[@]}"; do set -- $line; ' +
  `[[ $1 != ${minor}: ]] || role=$3; done; ` +
  "read -r _ _ _ _ last </proc/loadavg; read -r up idle </proc/uptime; " +
  `printf '%s %s %s %s %s %s\\n' "$EPOCHREALTIME" "$role" "$last" "$processors" "$up" "$idle" || exit; ` +
  "read -rt 0.1 -u $pause; done";

/** A line of `sampling`, by the mirror's clock; undefined for what is none, such as the half of one. */
export function parseSample(line: string): Sample | undefined {
  const [seconds, role, ...numbers] = line.split(" ");
  const [lastProcess, processors, up, idle] = numbers.map(Number);
  if (!role || processors === undefined || lastProcess === undefined || up === undefined || idle === undefined)
    return undefined;
  const sample = { at: Number(seconds) * 1000, lastProcess, busy: processors * up - idle };
  return Object.values(sample).some(Number.isNaN) ? undefined : { ...sample, primary: role.startsWith("ro:Primary") };
}

type Sample = RoleSample & WorkSample;

/** Samples the role of a volume on one mirror, connecting anew whenever the mirror comes back. */
export class RoleSampler {
  readonly mirror: string;
  readonly #command: readonly string[];
  #child: ChildProcess | undefined;
  #ended = false;
  #samples: Sample[] = [];
  /** Samples in all. */
  count = 0;
  /** Milliseconds to add to the mirror's clock for the harness'; undefined before the first sample. */
  offset: number | undefined;

  constructor(system: System, mirror: string, volume: string) {
    this.mirror = mirror;
    this.#command = system.commandLine(
      "mirror",
      mirror,
      sampling(minorOf(volumeNamed(system.inventory, volume).device)),
    );
  }

  async run(): Promise<void> {
    while (!this.#ended) {
      const [program = "", ...args] = this.#command;
      const child = spawn(program, args, { stdio: ["pipe", "pipe", "ignore"], detached: true });
      this.#child = child;
      // The smallest delay of a sample is the difference of the clocks: the others waited on their way.
      let offset = Number.POSITIVE_INFINITY;
      const ended = new Promise((resolve) => child.on("close", resolve).on("error", resolve));
      const taken: Sample[] = [];
      for await (const line of createInterface({ input: child.stdout })) {
        const own = parseSample(line);
        if (!own) continue;
        const better = Math.min(offset, Date.now() - own.at);
        if (offset !== Number.POSITIVE_INFINITY && better < offset)
          for (const [index, sample] of taken.entries()) taken[index] = { ...sample, at: sample.at + better - offset };
        offset = better;
        this.offset = better;
        taken.push({ ...own, at: own.at + offset });
        this.count += 1;
        this.#last = taken;
      }
      await ended;
      this.#samples.push(...taken);
      this.#last = [];
      if (!this.#ended) await sleep(1);
    }
  }

  #last: Sample[] = [];

  /** The role that was seen last; undefined before the first sample. A mirror that says nothing any more keeps it. */
  get primary(): boolean | undefined {
    return (this.#last.at(-1) ?? this.#samples.at(-1))?.primary;
  }

  /** Stretches as Primary since a time (ms). */
  times(since: number): readonly PrimaryTime[] {
    return primaryTimes(
      this.mirror,
      [...this.#samples, ...this.#last].filter(({ at }) => at >= since),
    );
  }

  /** What the mirror did from a time to another (ms); undefined when it was not seen all that time. */
  work(from: number, to: number): Work | undefined {
    return workBetween([...this.#samples, ...this.#last], from, to);
  }

  end(): void {
    this.#ended = true;
    this.#child?.kill("SIGTERM");
  }
}
