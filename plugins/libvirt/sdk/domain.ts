import * as pulumi from "@pulumi/pulumi";
import { withOutputs, withVersion } from "./options.ts";

export interface DomainArgs {
  /** Name in libvirt. Cannot change in place. */
  readonly name: pulumi.Input<string>;
  /** Chosen by the program, so that a preview knows it. Cannot change in place. */
  readonly uuid: pulumi.Input<string>;
  /** `auto` (default): KVM where libvirt offers it, else emulation. */
  readonly type?: pulumi.Input<"kvm" | "qemu" | "auto">;
  readonly title?: pulumi.Input<string>;
  /** MiB. A running domain takes a change at its next start. */
  readonly memory: pulumi.Input<number>;
  /** Number of virtual CPUs. A running domain takes a change at its next start. */
  readonly vcpu: pulumi.Input<number>;
  /** Default: `host-passthrough` under KVM; libvirt's own choice, the fastest there, under emulation. */
  readonly cpu?: pulumi.Input<{ readonly mode: pulumi.Input<"host-passthrough" | "host-model" | "maximum"> }>;
  /** `machine`: for example `q35`; default: libvirt's. Cannot change in place. */
  readonly os?: pulumi.Input<{ readonly machine?: pulumi.Input<string> }>;
  /** Disks of this program. Those that others attach (client disks) are left as they are, at other targets. */
  readonly disks?: pulumi.Input<pulumi.Input<DomainDisk>[]>;
  readonly interfaces?: pulumi.Input<pulumi.Input<DomainInterface>[]>;
  /** Kept running, or kept off. Left out: somebody else's business (see `DomainState`). */
  readonly running?: pulumi.Input<boolean>;
  /** Whether it starts with the host. Default false. */
  readonly autostart?: pulumi.Input<boolean>;
  /** Seconds that a guest gets to shut down before its power is cut. Default 120. */
  readonly shutdownTimeout?: pulumi.Input<number>;
}

export interface DomainDisk {
  readonly device: pulumi.Input<"disk" | "cdrom">;
  /** A volume, image or seed by its pool and name. */
  readonly source: pulumi.Input<{ readonly pool: pulumi.Input<string>; readonly volume: pulumi.Input<string> }>;
  /** `io: native` needs `cache: none` or `directsync`. */
  readonly driver: pulumi.Input<{
    readonly type: pulumi.Input<"raw" | "qcow2">;
    readonly cache?: pulumi.Input<"none" | "writeback" | "writethrough" | "directsync" | "unsafe">;
    readonly io?: pulumi.Input<"native" | "threads" | "io_uring">;
    readonly discard?: pulumi.Input<"unmap" | "ignore">;
  }>;
  /** Place on a bus, for example `vdb` on `virtio`. SATA and IDE disks cannot be plugged into a running domain. */
  readonly target: pulumi.Input<{
    readonly dev: pulumi.Input<string>;
    readonly bus: pulumi.Input<"virtio" | "sata" | "scsi" | "ide">;
  }>;
  /** At most 20 characters: the guest finds it in /dev/disk/by-id. */
  readonly serial?: pulumi.Input<string>;
  readonly readonly?: pulumi.Input<boolean>;
}

export interface DomainInterface {
  /** Name of a libvirt network. */
  readonly network: pulumi.Input<string>;
  /** In small letters. */
  readonly mac: pulumi.Input<string>;
  /** Default `virtio`. */
  readonly model?: pulumi.Input<string>;
  /** Bytes. */
  readonly mtu?: pulumi.Input<number>;
}

/**
 * A virtual machine, with a serial console (logged on the host), a channel for the
 * QEMU guest agent and a random number generator. Changes edit its
 * present definition, so that what others attached stays; it is never rebooted without being
 * asked. Deleting shuts it down as its guest would. Import id: its name.
 */
export class Domain extends pulumi.CustomResource {
  declare readonly name: pulumi.Output<string>;
  declare readonly uuid: pulumi.Output<string>;
  /** What `type` came to. */
  declare readonly virtType: pulumi.Output<"kvm" | "qemu">;
  /** Whether the running domain differs from its definition until it is started anew. */
  declare readonly restartRequired: pulumi.Output<boolean>;
  /** When this resource last started it (ISO 8601), empty: never. What runs inside is waited for again. */
  declare readonly lastStart: pulumi.Output<string>;

  constructor(name: string, args: DomainArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      "libvirt:index:Domain",
      name,
      withOutputs(args, ["virtType", "restartRequired", "lastStart"]),
      withVersion(opts),
    );
  }
}
