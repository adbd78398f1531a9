import type { Fixes } from "./fixes.ts";
import { Conn, Disk, Domain, Role, generationStep } from "./words.ts";

/** Blocks of the one volume, and all of them as bits. */
export const blocks = 2;
export const everyBlock = (1 << blocks) - 1;

/** A data disk: DRBD's metadata and the blocks, as they are after the power went. */
export interface Platter {
  present: boolean;
  current: number;
  bitmap: number;
  history: [number, number];
  consistent: boolean;
  wasUpToDate: boolean;
  primary: boolean;
  peerOutdated: boolean;
  crashedPrimary: boolean;
  /** Blocks that differ from the peer's, as bits. */
  dirty: number;
  /** Number of the last write to each block; 0: none. */
  data: number[];
  /** What it was before a synchronisation that has not ended, and when: the snapshot that is on it. */
  kept: { readonly made: number; readonly disk: Platter } | undefined;
}

/** A mirror, on the KVM host of the same number. */
export interface Mirror {
  readonly index: 0 | 1;
  disk: Platter;
  /** What the host still has while its pool is not mounted. */
  unmounted: { readonly disk: Platter; readonly mark: number; readonly enabled: boolean } | undefined;
  domain: number;
  /** It runs, with its disks, on a KVM host of no stack file; its own host keeps a definition and old disks. */
  moved: boolean;
  /** Nobody told libvirt of its own host: it was copied by hand while it was off. */
  unseen: boolean;
  /** The mark on the disks that its own host keeps, while it is moved. */
  leftMark: number;
  /** When it last wrote a sign of life on the marks disk that its own host has. */
  alive: number;
  /** Its peer was heard since it booted. */
  heard: boolean;
  /** Hangs for ssh, and for nothing else. */
  mute: boolean;
  /** The disk returns errors when it is next used. */
  failing: boolean;
  /**
   * The disk takes requests and answers none: what it held then. `disk` is what the kernel has told it since. All of
   * that is on it when it answers again, and nothing of it when the plug is pulled before.
   */
  hanging: Platter | undefined;
  /** The group starts at boot, and the unit still waits for the peer. */
  enabled: boolean;
  waiting: boolean;
  /** Hosts whose clients its exports admit, as bits. */
  admits: number;
  conn: number;
  role: number;
  peerRole: number;
  own: number;
  peerDisk: number;
  /**
   * The kernel's flags: I/O waits for the handler, for data; a generation is
   * due; the discard that was asked for; a Primary crashed.
   */
  suspendedForFence: boolean;
  suspendedForData: boolean;
  generationDue: boolean;
  discard: boolean;
  crashed: boolean;
  /**
   * A fence-peer handler is at work: 1 it asks the peer, 2 it leaves its mark,
   * 100 and more: it ends with that code less 100; 0: none is.
   */
  handler: number;
  /** Generation of the data that a Primary without a disk last had (ed_uuid). */
  effective: number;
  /** Blocks whose write is on this disk and that the peer has not confirmed, as bits. */
  inflight: number;
  /** watch-peer.sh shall try again. */
  frozen: boolean;
  lostSince: number;
  /** VIP up and servers listening. */
  serving: boolean;
  /** Writes that an export server acknowledged and the device never took: they are in its page cache alone. */
  cache: number[];
  /** Since when its marks disk says that it is alone; 0: no mark. */
  mark: number;
  marksBroken: boolean;
  /** It runs on although somebody gave his word that it is off: what it acknowledges is not owed. */
  forfeited: boolean;
}

/** A client's copy on the KVM host of the same number. */
export interface Copy {
  on: boolean;
  paused: boolean;
  /** Mirror to which it has a session; -1: none. */
  session: number;
  /** It has written since it was started. */
  wrote: boolean;
}

export interface Host {
  up: boolean;
  /** The operator reaches it, and the mirror on it. */
  reachable: boolean;
  /** Its own sshd, or its libvirt, answers nobody, while its mirror may. */
  deaf: boolean;
}

/** The one write that a client may have under way. */
export interface Pending {
  mirror: number;
  host: number;
  block: number;
  id: number;
}

export class World {
  fixes: Fixes;
  readonly managed: boolean;
  readonly mirrors: [Mirror, Mirror];
  readonly hosts: [Host, Host];
  readonly copies: [Copy, Copy];
  /** Networks between the hosts that are whole. */
  replication = true;
  storage = true;
  management = true;
  now = 1000;
  generations = 16 * generationStep;
  writes = 0;
  /** Last acknowledged write of each block that is still owed. */
  owed: number[];
  pending: Pending | undefined;
  /** `active` in the stack file, and as `up` last carried it out. */
  active: 0 | 1 = 0;
  applied: 0 | 1 = 0;
  /** The stack's record that the volume had its first synchronisation. */
  firstSynced = true;
  command: Command | undefined;
  /** Words that were typed to take two copies of a client, or two writers, upon oneself. */
  twoCopiesAgreed = false;
  /** Why the world is broken: the first violation. */
  violation = "";
  /** A disk was lost for good already. */
  diskLost = false;
  /** Mirror whose disk returns errors now and then. */
  failingDisk: 0 | 1 | undefined;
  /** What happened, one line each, when somebody wants to read it. */
  log: string[] | undefined;

  constructor(fixes: Fixes, managed: boolean) {
    this.fixes = fixes;
    this.managed = managed;
    this.owed = new Array<number>(blocks).fill(0);
    this.mirrors = [mirror(0), mirror(1)];
    this.hosts = [
      { up: true, reachable: true, deaf: false },
      { up: true, reachable: true, deaf: false },
    ];
    this.copies = [
      { on: true, paused: false, session: 0, wrote: false },
      { on: false, paused: false, session: -1, wrote: false },
    ];
  }

  newGeneration(): number {
    return (this.generations += generationStep);
  }

  say(line: string): void {
    this.log?.push(`${this.now}: ${line}`);
  }

  violate(why: string): void {
    if (this.violation !== "") return;
    this.violation = why;
    this.say(`VIOLATION: ${why}`);
  }
}

/**
 * What an operator has begun: the steps that are left, each carried out by
 * an event of its own, so that anything may come between.
 */
export interface Command {
  readonly title: string;
  readonly steps: (() => string | undefined)[];
  /** Mirror that a failover has turned off. */
  off?: 0 | 1;
}

export const other = (index: number): 0 | 1 => (index === 0 ? 1 : 0);
export const mirrorName = (index: number): string => (index === 0 ? "mirror-a" : "mirror-b");
export const hostName = (index: number): string => (index === 0 ? "kvm-a" : "kvm-b");

export function platter(generation: number): Platter {
  return {
    present: true,
    current: generation,
    bitmap: 0,
    history: [0, 0],
    consistent: false,
    wasUpToDate: false,
    primary: false,
    peerOutdated: false,
    crashedPrimary: false,
    dirty: 0,
    data: new Array<number>(blocks).fill(0),
    kept: undefined,
  };
}

/** The same, of its own; without a snapshot. */
export const copyOf = (disk: Platter): Platter => ({
  ...disk,
  history: [...disk.history],
  data: [...disk.data],
  kept: undefined,
});

/** What a mirror has in its memory alone, after a boot. */
export const freshlyBooted = {
  suspendedForFence: false,
  suspendedForData: false,
  generationDue: false,
  discard: false,
  crashed: false,
  handler: 0,
  effective: 0,
  inflight: 0,
  frozen: false,
  lostSince: 0,
  heard: false,
  waiting: false,
  forfeited: false,
  mute: false,
} as const;

/** Both connected and UpToDate; mirror-a serves. */
function mirror(index: 0 | 1): Mirror {
  const first = index === 0;
  const disk = platter(8 * generationStep);
  disk.consistent = true;
  disk.wasUpToDate = true;
  disk.primary = first;
  return {
    index,
    disk,
    unmounted: undefined,
    domain: Domain.Running,
    moved: false,
    unseen: false,
    leftMark: 0,
    alive: 1000,
    ...freshlyBooted,
    heard: true,
    failing: false,
    hanging: undefined,
    enabled: first,
    admits: 1,
    conn: Conn.Connected,
    role: first ? Role.Primary : Role.Secondary,
    peerRole: first ? Role.Secondary : Role.Primary,
    own: Disk.UpToDate,
    peerDisk: Disk.UpToDate,
    serving: first,
    cache: new Array<number>(blocks).fill(0),
    mark: 0,
    marksBroken: false,
  };
}
