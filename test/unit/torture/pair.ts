import { readFileSync, writeFileSync } from "node:fs";

export type Mirror = "mirror-a" | "mirror-b";

/** What a stand-in does wrong. */
export interface Wrong {
  /** A failover goes back to what the disk was some time before: acknowledged writes are lost. */
  readonly losesAtFailover?: boolean;
  /** The old primary stays Primary beside the new one. */
  readonly twoPrimaries?: boolean;
  /** The old primary's machine is not shut down. */
  readonly notFenced?: boolean;
  /** Sectors that verify finds to differ. */
  readonly differs?: number;
  /** A line in the client's kernel log. */
  readonly guestLog?: string;
  /** The client's machine, and with it the writer, ends with the primary. */
  readonly clientEnds?: boolean;
  /** A mirror whose disk holds what it held at the beginning, whatever DRBD says. */
  readonly staleDisk?: string;
  /** The servers answer from the page cache, as long as nobody empties it. */
  readonly cached?: boolean;
  /** `kvm-mirror failover` refuses, whatever is asked of it. */
  readonly refuses?: boolean;
  /** `kvm-mirror failover` takes a copy that lacks writes, without a word. */
  readonly takesStale?: boolean;
  /** `kvm-mirror failover` takes such a copy by a phrase, which its refusal names. */
  readonly takesPhrase?: boolean;
  /** A mirror that comes back has lost what it wrote alone. */
  readonly losesAtReturn?: boolean;
  /** A command that refuses has turned the standby off and on before. */
  readonly refusesTooLate?: boolean;
  /** A machine that was saved to disk goes on where it was. */
  readonly wakes?: boolean;
  /** `kvm-mirror failover` breaks down instead of refusing. */
  readonly breaksDown?: boolean;
}

/** Bytes of the lanes that the writer uses in these tests. */
export const lanes = 3 * 64 * 4096;

/**
 * Two mirrors as far as torture can see them: machines, the cables between them, who
 * is Primary, and whose copy lacks what the other one wrote alone.
 */
export class Pair {
  readonly #wrong: Wrong;
  readonly #disk: string;
  readonly #shown: (mirror: Mirror) => string;
  readonly machine: Record<Mirror, "running" | "off" | "frozen" | "saved"> = {
    "mirror-a": "running",
    "mirror-b": "running",
  };
  readonly boots: Record<Mirror, number> = { "mirror-a": 1, "mirror-b": 1 };
  /** Each mirror's log in libvirt. */
  readonly log: Record<Mirror, string> = { "mirror-a": "", "mirror-b": "" };
  readonly cut = new Set<string>();
  /** The standby is in the middle of a synchronisation. */
  syncing = false;
  /** The mirror that has lost its disk. */
  diskless: Mirror | undefined;
  /** The mirror whose disk answers nothing. The primary does without the standby's, and has nothing without its own. */
  hanging: Mirror | undefined;
  verified = false;
  full = false;
  /** What the servers have in their page cache; empty: nothing. */
  cache = Buffer.alloc(0);
  primary: Mirror = "mirror-a";
  /** The mirror that took writes which the other one lacks, and what the other one has. */
  #alone: { readonly mirror: Mirror; readonly without: Buffer } | undefined;
  #awake: Mirror | undefined;
  #earlier = Buffer.alloc(0);

  constructor(disk: string, shown: (mirror: Mirror) => string, wrong: Wrong) {
    [this.#disk, this.#shown, this.#wrong] = [disk, shown, wrong];
    this.show();
  }

  get standby(): Mirror {
    return this.primary === "mirror-a" ? "mirror-b" : "mirror-a";
  }

  get connected(): boolean {
    return (
      !this.cut.has("cable-repl") &&
      this.hanging !== this.standby &&
      this.machine["mirror-a"] === "running" &&
      this.machine["mirror-b"] === "running"
    );
  }

  /** Why the standby must not take over; undefined when it may. */
  get obstacle(): string | undefined {
    if (this.#alone?.mirror === this.primary)
      return `${this.primary} went on alone since 12:00:00, and ${this.standby} is stale`;
    if (this.syncing) return `the disk of ${this.standby} is Inconsistent`;
    return this.connected
      ? `group main runs on ${this.primary}, which answers, and both mirrors are UpToDate`
      : undefined;
  }

  /** Remembers what the disk is now: what a failover that loses something goes back to. */
  remember(): void {
    this.#earlier = readFileSync(this.#disk).subarray(0, lanes);
  }

  turnOff(mirror: Mirror, reason: "destroyed" | "saved" = "destroyed"): void {
    this.machine[mirror] = reason === "saved" ? "saved" : "off";
    if (this.hanging === mirror) this.hanging = undefined;
    if (this.#wrong.notFenced !== true)
      this.log[mirror] +=
        `${new Date().toISOString().replace("T", " ").replace("Z", "+0000")}: shutting down, reason=${reason}\n`;
    this.show();
  }

  start(mirror: Mirror): void {
    const was = this.machine[mirror];
    if (was !== "off" && was !== "saved") return;
    this.machine[mirror] = "running";
    if (this.diskless === mirror) this.diskless = undefined;
    if (was === "saved" && this.#wrong.wakes === true) this.#awake = mirror;
    else this.boots[mirror] += 1;
    if (this.#wrong.losesAtReturn === true && this.#alone?.mirror === mirror) this.#write(this.#alone.without);
    this.show();
  }

  freeze(mirror: Mirror, state: "STOP" | "CONT"): void {
    if (this.machine[mirror] === (state === "STOP" ? "running" : "frozen"))
      this.machine[mirror] = state === "STOP" ? "frozen" : "running";
    this.show();
  }

  /** The standby becomes Primary with what it has; the old primary is turned off, unless it is a switch. */
  takeOver(how: "failover" | "switch"): void {
    const old = this.primary;
    if (how === "failover" && (this.machine[old] === "running" || this.machine[old] === "frozen")) this.turnOff(old);
    if (this.#wrong.cached === true) this.cache = readFileSync(this.#disk).subarray(0, lanes);
    if (this.#alone?.mirror === old) this.#write(this.#alone.without);
    if (how === "failover" && this.#wrong.losesAtFailover === true) this.#write(this.#earlier);
    this.#alone = undefined;
    this.primary = old === "mirror-a" ? "mirror-b" : "mirror-a";
    this.show();
  }

  #write(image: Buffer): void {
    writeFileSync(this.#disk, Buffer.concat([image, readFileSync(this.#disk).subarray(lanes)]), { flag: "r+" });
  }

  /** Takes in what has changed, and writes what /proc/drbd of both shows. */
  show(): void {
    // Without its disk it has nothing alone.
    if (this.connected || this.diskless === this.primary) this.#alone = undefined;
    else if (this.machine[this.primary] === "running")
      this.#alone ??= { mirror: this.primary, without: readFileSync(this.#disk).subarray(0, lanes) };
    for (const mirror of ["mirror-a", "mirror-b"] as const) {
      const lost = this.log["mirror-a"] + this.log["mirror-b"] !== "";
      const primary = mirror === this.primary || this.#awake === mirror || (this.#wrong.twoPrimaries === true && lost);
      const whole = this.connected && !this.syncing && this.diskless === undefined;
      const disk = this.diskless === mirror ? "Diskless" : !primary && this.syncing ? "Inconsistent" : "UpToDate";
      const text =
        ` 0: cs:${this.connected ? (this.syncing ? "SyncTarget" : "Connected") : "WFConnection"} ` +
        `ro:${primary ? "Primary" : "Secondary"}/Unknown ds:${disk}/${whole ? "UpToDate" : "DUnknown"} C ` +
        "r-----\n" +
        `    ns:0 oos:${this.verified ? (this.#wrong.differs ?? 0) / 2 : 0}\n`;
      const silent = this.machine[mirror] === "off" || this.machine[mirror] === "saved";
      writeFileSync(this.#shown(mirror), silent && this.#wrong.twoPrimaries !== true ? "" : text);
    }
  }
}
