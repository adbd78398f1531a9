import * as pulumi from "@pulumi/pulumi";
import type { VolumePlan } from "../plan/plan.ts";
import { sha256 } from "./fingerprint.ts";
import type { MirrorVm } from "./MirrorVm.ts";
import { mirrorCommand } from "./operatorCommand.ts";

export interface ReplicatedVolumeArgs {
  readonly volume: VolumePlan;
  readonly primary: MirrorVm;
  readonly secondary: MirrorVm;
  /** The DRBD resource file; the same on both mirrors. Holds the shared secret. */
  readonly resourceFile: string;
  /** DRBD's common configuration is in place on both mirrors. */
  readonly common: readonly pulumi.Resource[];
}

/** One DRBD resource on both mirrors: configured, with metadata, synchronised once, as large as asked, and preloaded if asked. */
export class ReplicatedVolume extends pulumi.ComponentResource {
  readonly plan: VolumePlan;
  /** Depend on this to export the volume. */
  readonly ready: pulumi.Resource;

  constructor(name: string, args: ReplicatedVolumeArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kvm-mirror:index:ReplicatedVolume", name, {}, opts);
    const { volume, primary, secondary } = args;
    this.plan = volume;
    const connected = [primary, secondary].map((mirror) => this.prepare(name, mirror, args));
    const firstSync = mirrorCommand(
      `${name}-first-sync`,
      primary.plan,
      { script: "drbd-first-sync.sh", args: [volume.name, volume.replication.waitForFirstSync ? "yes" : "no", String(volume.replication.firstSyncDeadline)] },
      primary.onMirror(connected, this),
    );
    const grown = mirrorCommand(
      `${name}-size`,
      primary.plan,
      { script: "drbd-grow.sh", args: [volume.name, String(volume.bytes)] },
      primary.onMirror([firstSync], this),
    );
    const { preload } = volume;
    this.ready = preload
      ? mirrorCommand(
          `${name}-preload`,
          primary.plan,
          { script: "preload.sh", args: [volume.name, preload.source, preload.checksum, preload.format] },
          primary.onMirror([grown], this),
        )
      : grown;
    this.registerOutputs({});
  }

  /** Configuration, then metadata: written once, and never over anything. */
  private prepare(name: string, mirror: MirrorVm, args: ReplicatedVolumeArgs): pulumi.Resource {
    const configuration = mirrorCommand(
      `${name}-${mirror.plan.name}-configuration`,
      mirror.plan,
      { script: "drbd-configure.sh", args: [args.volume.name], stdin: pulumi.secret(args.resourceFile) },
      mirror.onMirror([mirror.ready, ...args.common], this),
    );
    return mirrorCommand(
      `${name}-${mirror.plan.name}-metadata`,
      mirror.plan,
      // Again after each change of the configuration: a volume that was taken down for it has to come up.
      { script: "drbd-create-metadata.sh", args: [args.volume.name], rerunOn: { CONFIGURATION_SHA256: sha256(args.resourceFile) } },
      mirror.onMirror([configuration], this),
    );
  }
}
