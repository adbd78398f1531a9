import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import { until } from "../../harness/until.ts";
import { History } from "./history.ts";
import { parseRecord, type Record } from "./records.ts";
import { StallWatch } from "./stall.ts";
import { messageOf } from "../../plugins/serving/messageOf.ts";

/** The writer's lane without flushes, of guest/writer.py. */
const directLane = 0;

/**
 * Listens to the writer from a machine that is not killed. Every line is in a file, with fsync, before it counts.
 * What the writer did and could not say any more (its own machine died) is not known: torture kills no client.
 */
export class Oracle {
  readonly history = new History();
  readonly stall = new StallWatch();
  /** Of the writes that a flush has to cover alone: who answers the others from memory stands still only in flushes. */
  readonly flushed = new StallWatch();
  readonly #child: ChildProcess;
  readonly #file: number;
  #rest = "";
  #state: "starting" | "writing" | "paused" | "stopped" = "starting";
  #problem: string | undefined;
  #stderr = "";

  /**
   * @param command line that runs the writer; its standard input and output are the
   * oracle's. @param file of the records; it must not exist yet
   */
  constructor(command: readonly string[], file: string) {
    const [program = "", ...args] = command;
    this.#file = openSync(file, "ax", 0o644);
    this.#child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"], detached: true });
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => this.#hear(text));
    this.#child.stderr
      ?.setEncoding("utf8")
      .on("data", (text: string) => (this.#stderr = (this.#stderr + text).slice(-2000)));
    this.#child.stdin?.on("error", () => undefined); // said by `close`
    this.#child.on("error", (error) => (this.#problem ??= error.message));
    this.#child.on("close", (code) => {
      closeSync(this.#file);
      if (this.#state !== "stopped")
        this.#problem ??= `the writer ended with exit status ${code}: ${this.#stderr.trim()}`;
    });
  }

  #hear(text: string): void {
    writeSync(this.#file, text);
    fsyncSync(this.#file);
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    try {
      for (const line of lines) this.#add(parseRecord(line));
    } catch (error) {
      this.#problem ??= messageOf(error);
    }
  }

  #add(record: Record): void {
    this.history.add(record);
    this.stall.add(record);
    if (record.kind !== "ack" || record.lane !== directLane) this.flushed.add(record);
    if (record.kind === "hello" || record.kind === "resumed") this.#state = "writing";
    if (record.kind === "paused" || record.kind === "stopped") this.#state = record.kind;
  }

  /** @throws when the story cannot be trusted any more: the writer ended, or contradicts itself. */
  check(): void {
    if (this.#problem !== undefined) throw new Error(`the oracle: ${this.#problem}`);
  }

  /** Waits until at least so many writes are acknowledged. */
  async awaitAcknowledged(count: number, seconds: number): Promise<void> {
    await this.#await(`${count} acknowledged writes`, seconds, () =>
      this.history.acknowledged >= count ? undefined : `${this.history.acknowledged}`,
    );
  }

  /** Waits until writing goes on undisturbed for `calm` seconds of the guest's clock. */
  async awaitCalm(calm: number, seconds: number, watch: StallWatch = this.stall): Promise<void> {
    const before = watch.acks;
    await this.#await("writing goes on", seconds, () => {
      const since = watch.calm;
      return since !== null && since >= calm * 1000 && watch.acks > before + 10
        ? undefined
        : `${watch.acks - before} acknowledgements, ${since ?? 0} ms after the longest gap`;
    });
  }

  /** Has every thread rest as soon as the write or flush that it is in has ended. */
  askForPause(): void {
    this.#child.stdin?.write("pause\n");
  }

  /** All lanes at rest and flushed. */
  async pause(seconds: number): Promise<void> {
    // A second word to a writer that rests already says nothing new.
    if (this.#state !== "paused") this.askForPause();
    await this.#await("the writer rests", seconds, () => (this.#state === "paused" ? undefined : this.#state));
  }

  async resume(): Promise<void> {
    this.#child.stdin?.write("resume\n");
    await this.#await("the writer goes on", 60, () => (this.#state === "writing" ? undefined : this.#state));
  }

  /** Ends the writer. */
  async stop(seconds: number): Promise<void> {
    this.#child.stdin?.end("stop\n");
    await this.#await("the writer ends", seconds, () => (this.#state === "stopped" ? undefined : this.#state));
  }

  /** Ends the connection at once; the writer ends by itself when it notices. */
  abandon(): void {
    this.#child.kill("SIGTERM");
  }

  async #await(what: string, seconds: number, look: () => string | undefined): Promise<void> {
    await until(
      what,
      seconds,
      async () => {
        if (this.#problem !== undefined) return undefined;
        return look();
      },
      0.1,
    );
    this.check();
  }
}
