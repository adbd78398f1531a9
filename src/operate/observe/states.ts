import { z } from "zod";
import { byProtocol, protocols } from "../../config/exports/protocols.ts";

/**
 * SHA-256 of the files that must be the same on both mirrors; a mirror with
 * the tools of an earlier version says nothing of it.
 */
const configuration = z.string().optional();

/** Whether libvirt of a KVM host may start a client (scripts/host/lib/permits.sh). */
export const permit = z.enum(["here", "elsewhere", "incoming", "none", "unreadable"]);

/** How long writes took over the last minute; null: it is not known. */
const writeTimes = z
  .strictObject({
    /** That this covers. */
    seconds: z.number(),
    /** Begun or ended in it: kernels differ. */
    writes: z.number(),
    /** That they took, one beside the other counted for each. */
    ms: z.number(),
    /** Seconds for which writes have waited, and none has ended. */
    stuck: z.number(),
  })
  .nullable();

/**
 * What scripts/guest/machines/state.sh says. What has a default, scripts of mirrors that were not brought up to date
 * yet do not say: they must answer all the same. Roles and states are DRBD's own words, or `Unconfigured`.
 */
export const MirrorStateSchema = z.strictObject({
  mirror: z.string(),
  /** File systems that the mirror writes to, and how full they are (bytes or files, whichever is more). */
  space: z.array(z.strictObject({ path: z.string(), usedPercent: z.number() })).optional(),
  /** What the paths from here carry, asked with full packets. */
  paths: z
    .array(
      z.strictObject({
        network: z.enum(["replication", "storage"]),
        interface: z.string(),
        /** The peer, or the address of a client's KVM host. */
        to: z.string(),
        address: z.string(),
        /** Of a full packet: the interface's MTU, or what the connection to a client uses. */
        bytes: z.number(),
        /** The largest packet that gets there and is answered; null when none is. */
        carries: z.number().nullable(),
      }),
    )
    .optional(),
  drbdVersion: z.string(),
  volumes: z.array(
    z.strictObject({
      name: z.string(),
      role: z.string(),
      peerRole: z.string(),
      disk: z.string(),
      peerDisk: z.string(),
      connection: z.string(),
      /** Per cent of a running synchronisation. */
      syncPercent: z.number().nullable(),
      /** Time left of it, as the kernel reckons. */
      syncSecondsLeft: z.number().nullable().optional(),
      outOfSyncKiB: z.number(),
      /** A line of `drbdadm get-gi` while it is not connected and has a disk; else null. */
      generation: z.string().nullable().default(null),
      /**
       * Since when its peer has not been heard, seconds since 1970; null while
       * it is connected, or when the mirror does not know.
       */
      lostSince: z.number().nullable().default(null),
      /**
       * Until when its peer was heard, seconds since 1970: now, while it is connected. Null: it has not been since this
       * mirror booted, or the mirror does not know.
       */
      heardUntil: z.number().nullable().default(null),
      /**
       * Since when it has gone on without its peer, seconds since 1970: its
       * mark (scripts/guest/replication/lib/marks.sh). Null: it has not.
       */
      alone: z.number().nullable().default(null),
      /** A Primary that stands still: it could neither tell its peer nor leave a mark. */
      frozen: z.boolean().default(false),
      /** Reads and writes wait, none is answered (drbd_proc.c: the flag `s`). */
      suspended: z.boolean().default(false),
      /**
       * Seconds since its copies were last compared, as this mirror knows. Null: never, or no time is set for it
       * (kvm-mirror:verify).
       */
      comparedAgo: z.number().nullable().optional(),
      /** On DRBD's device, as clients have them, and on the disk below it here. */
      writes: z.strictObject({ volume: writeTimes, disk: writeTimes }).optional(),
      /**
       * Its copy here as it was before a synchronisation. Null: there is none, and none failed to be made. `made`:
       * seconds since 1970; null: it could not be. `useless`: why; null: that copy is kept.
       */
      snapshot: z.strictObject({ made: z.number().nullable(), useless: z.string().nullable() }).nullable().optional(),
      configuration,
    }),
  ),
  groups: z.array(
    z.strictObject({
      name: z.string(),
      /** Null: nothing of the group is exported, and it has no VIP. */
      vip: z.boolean().nullable(),
      enabled: z.boolean(),
      /** Listening at the VIP; null: no such export. */
      ...byProtocol(() => z.boolean().nullable()),
      configuration,
    }),
  ),
  /** Who has a volume open with the size that it had before it has grown. */
  outgrown: z
    .array(
      z.strictObject({
        volume: z.string(),
        protocol: z.enum(protocols),
        /** Of the client's KVM host; null: nobody, but a target serves that size to whoever logs in. */
        address: z.string().nullable(),
      }),
    )
    .optional(),
  attached: z.array(
    z.strictObject({
      volume: z.string(),
      protocol: z.enum(protocols),
      address: z.string(),
      initiator: z.string().optional(),
    }),
  ),
  /** DRBD's tools get no answer: a disk hangs. Asked only while a volume is not connected. */
  drbdHangs: z.boolean().optional(),
  /** Whether somebody looks how long writes take; null: nobody is to. */
  writesWatched: z.boolean().nullable().optional(),
  /** Null: none is configured. */
  firewall: z
    .strictObject({
      loaded: z.boolean(),
      /** What keeps it out; null: nobody has said. */
      why: z.string().nullable(),
    })
    .nullable()
    .optional(),
  /** Whom it tells of trouble by itself (notify.sh); null: nobody. */
  notify: z
    .strictObject({
      /** Whether its service has looked at the volumes of late. */
      alive: z.boolean(),
      channels: z.array(
        z.strictObject({
          name: z.enum(["webhook", "mail"]),
          /** Messages that were not delivered yet. */
          waiting: z.number(),
          /** Seconds since 1970; null: none was delivered since the mirror booted. */
          lastSuccess: z.number().nullable(),
          /** What went wrong at the last attempt; null: nothing. */
          error: z.string().nullable(),
          errorAt: z.number().nullable(),
        }),
      ),
    })
    .nullable()
    .optional(),
  /** The ZFS pool on which its volumes with backing zvol lie; null: it has none. */
  pool: z
    .strictObject({
      /** ZFS's own word (zpoolconcepts(7)), `missing`: it is not imported, or `silent`: ZFS does not answer. */
      state: z.string(),
      /** Blocks that cannot be read as they were written; null: not known. */
      errors: z.number().nullable(),
      /** Reads, writes and checksums that went wrong on its disk since the mirror booted; null: not known. */
      faults: z.number().nullable(),
      /** When it was last read through, seconds since 1970; null: not known. */
      scrubbed: z.number().nullable(),
      /** What in it has `sync=disabled`: ZFS acknowledges there what no disk has. Null: not known. */
      unsafe: z.array(z.string()).nullable().optional(),
    })
    .nullable()
    .optional(),
  /** As this mirror sees it; null without automatic failover. */
  cluster: z
    .strictObject({
      /** Whether Pacemaker runs here; the rest is empty when it does not. */
      answers: z.boolean(),
      quorum: z.boolean(),
      /** Maintenance mode: it starts, stops and watches nothing. */
      paused: z.boolean(),
      /** The planned switch that paused it; null: somebody's hand, or nobody's. */
      pausedBy: z.string().nullable().optional(),
      nodes: z.array(
        z.strictObject({
          name: z.string(),
          online: z.boolean(),
          standby: z.boolean(),
          /** To be fenced. */ unclean: z.boolean(),
          /** An attempt to fence it is under way, and none before it has failed. */ fencing: z.boolean().optional(),
        }),
      ),
      groups: z.array(z.strictObject({ name: z.string(), mirror: z.string().nullable() })),
      fences: z.array(
        z.strictObject({
          /** That is turned off. */ mirror: z.string(),
          /** Whether the cluster's last look said that its peer is able to. */ ready: z.boolean(),
        }),
      ),
      /** Whether the third vote is there; null: none is configured. */
      qdevice: z.boolean().nullable(),
      configuration,
    })
    .nullable(),
});
export type ClusterState = NonNullable<z.infer<typeof MirrorStateSchema>["cluster"]>;
export type MirrorState = z.infer<typeof MirrorStateSchema>;

/** What scripts/host/client-state.sh says of the clients on a KVM host. */
export const ClientStateSchema = z.strictObject({
  host: z.string(),
  /** Whether its domains are saved to disk when it shuts down, mirrors among them. */
  suspends: z.boolean().optional(),
  /** Whether libvirt calls the hook that goes by permits (scripts/host/lib/permits.sh says which word means what). */
  hook: z.enum(["called", "waits", "old", "absent"]).optional(),
  domains: z.array(
    z.strictObject({
      name: z.string(),
      permit: permit.optional(),
      state: z.string(),
      /** Why it is paused, in libvirt's words (`I/O error`, `user`, …); empty in any other state. */
      reason: z.string(),
      disks: z.array(z.strictObject({ target: z.string(), source: z.string(), protocol: z.string() })),
    }),
  ),
  /** Storage pools that hold disks of ours; bytes free, and bytes that those disks may still take. */
  pools: z.array(z.strictObject({ name: z.string(), free: z.number(), promised: z.number() })).optional(),
});
export type ClientState = z.infer<typeof ClientStateSchema>;
