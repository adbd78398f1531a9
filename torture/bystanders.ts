import { type ChildProcess, spawn } from "node:child_process";
import type { InventoryClientDisk } from "../src/inventory/inventory.ts";
import type { Audit } from "./report/report.ts";
import { deviceOf, type Subject } from "../harness/subject.ts";
import type { System } from "../harness/system.ts";
import { shellWord } from "../plugins/serving/shell.ts";
import { until } from "../harness/until.ts";

const readerPath = "/run/kvm-mirror-torture-reader.py";

/**
 * The client's disks that torture does not write to. They must come through as well: one
 * that is idle has nothing to send, and one that waits for a read has
 * nothing to send again; neither may be left on a connection to a server that is gone.
 */
export class Bystanders {
  readonly #system: System;
  readonly #client: string;
  readonly #disks: readonly InventoryClientDisk[];
  #reading: readonly Reading[] = [];

  private constructor(system: System, { client, disk }: Subject) {
    this.#system = system;
    this.#client = client.name;
    this.#disks = client.disks.filter(({ volume, protocol }) => volume !== disk.volume || protocol !== disk.protocol);
  }

  /** @param reader torture/guest/reader.py, which is put into the client */
  static async of(system: System, subject: Subject, reader: string): Promise<Bystanders> {
    const bystanders = new Bystanders(system, subject);
    if (bystanders.#disks.length > 0)
      await system.onClient(subject.client.name, `printf %s ${shellWord(reader)} >${readerPath}`);
    return bystanders;
  }

  /**
   * From now on something is read from them; returns when that has begun.
   * Without this, they are idle. @throws when it does not begin
   */
  async read(seconds: number): Promise<void> {
    this.#begin();
    await until(
      "the client's other disks are read",
      seconds,
      async () => this.#reading.map((one) => one.missing()).find((missing) => missing !== undefined),
      0.1,
    );
  }

  #begin(): void {
    this.#reading = this.#disks.map(
      (disk) => new Reading(this.#system.commandLine("client", this.#client, reading(disk))),
    );
  }

  /**
   * Whether each of them can be read, and no read failed. Nothing is read from
   * then on. Without other disks there is nothing to judge.
   */
  async judge(seconds: number): Promise<readonly Audit[]> {
    if (this.#disks.length === 0) return [];
    const kind = this.#reading.length > 0 ? "being read" : "idle";
    if (this.#reading.length === 0) this.#begin();
    const answers = await Promise.all(this.#reading.map((one) => one.end(seconds)));
    this.#reading = [];
    const detail = this.#disks
      .map(({ volume, protocol }, index) => `${volume} by ${protocol}, ${kind}: ${answers[index]?.detail}`)
      .join("; ");
    return [{ name: "the client's other disks answer", passed: answers.every(({ read }) => read), detail }];
  }

  /** Ends what still reads, where nothing can be judged any more. */
  abandon(): void {
    for (const one of this.#reading) one.abandon();
    this.#reading = [];
  }
}

const reading = (disk: InventoryClientDisk): string => `exec python3 ${readerPath} --device "${deviceOf(disk)}"`;

/** One reader in the client. */
class Reading {
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  #said = "";

  constructor([program = "", ...args]: readonly string[]) {
    this.#child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"], detached: true });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.setEncoding("utf8").on("data", (text: string) => (this.#said = (this.#said + text).slice(-500)));
    this.#child.stdin?.on("error", () => undefined); // said by `close`
    this.#child.on("error", (error) => (this.#said += error.message));
    this.#ended = new Promise((resolve) => this.#child.on("close", resolve));
  }

  /** What is missing until it reads. */
  missing(): string | undefined {
    return /^reading$/m.test(this.#said) ? undefined : this.#said || "nothing read yet";
  }

  /** Has it read once more, and end. */
  async end(seconds: number): Promise<{ read: boolean; detail: string }> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<"late">((resolve) => (timer = setTimeout(() => resolve("late"), seconds * 1000)));
    this.#child.stdin?.end();
    const status = await Promise.race([this.#ended, late]);
    clearTimeout(timer);
    if (status === "late") {
      this.abandon();
      return { read: false, detail: `no answer within ${seconds} s` };
    }
    const told = /^(\d+) ([\d.]+)$/m.exec(this.#said);
    return status === 0 && told
      ? { read: true, detail: `${told[1]} reads, the longest ${told[2]} s` }
      : { read: false, detail: this.#said.trim() || `exit status ${status}` };
  }

  abandon(): void {
    this.#child.kill("SIGTERM");
  }
}
