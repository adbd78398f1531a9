import { z } from "zod";

/** What scripts/guest/state.sh says of a mirror. Roles and states are DRBD's own words, or `Unconfigured`. */
export const MirrorStateSchema = z.strictObject({
  mirror: z.string(),
  /** File systems that the mirror writes to, and how full they are (bytes or files, whichever is more). */
  space: z.array(z.strictObject({ path: z.string(), usedPercent: z.number() })).optional(),
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
      outOfSyncKiB: z.number(),
    }),
  ),
  groups: z.array(
    z.strictObject({
      name: z.string(),
      vip: z.boolean(),
      enabled: z.boolean(),
      /** Listening at the VIP; null: no such export. */
      nbd: z.boolean().nullable(),
      iscsi: z.boolean().nullable(),
    }),
  ),
  attached: z.array(z.strictObject({ volume: z.string(), protocol: z.enum(["nbd", "iscsi"]), address: z.string(), initiator: z.string().optional() })),
  /** As this mirror sees it; null without automatic failover. */
  cluster: z
    .strictObject({
      /** Whether Pacemaker runs here; the rest is empty when it does not. */
      answers: z.boolean(),
      quorum: z.boolean(),
      /** Maintenance mode: it starts, stops and watches nothing. */
      paused: z.boolean(),
      nodes: z.array(z.strictObject({ name: z.string(), online: z.boolean(), standby: z.boolean(), /** To be fenced. */ unclean: z.boolean() })),
      groups: z.array(z.strictObject({ name: z.string(), mirror: z.string().nullable() })),
      fences: z.array(z.strictObject({ /** That is turned off. */ mirror: z.string(), /** Whether the cluster's last look said that its peer is able to. */ ready: z.boolean() })),
      /** Whether the third vote is there; null: none is configured. */
      qdevice: z.boolean().nullable(),
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
  domains: z.array(
    z.strictObject({
      name: z.string(),
      state: z.string(),
      /** Why it is paused, in libvirt's words (`I/O error`, `user`, …); empty in any other state. */
      reason: z.string(),
      disks: z.array(z.strictObject({ target: z.string(), source: z.string(), protocol: z.string() })),
    }),
  ),
});
export type ClientState = z.infer<typeof ClientStateSchema>;
