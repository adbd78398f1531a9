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
    const { name: volumeName, replication, preload, bytes } = volume;
    const firstSync = primary.run(
      `${name}-first-sync`,
      { script: "drbd-first-sync.sh", args: [volumeName, replication.waitForFirstSync ? "yes" : "no", String(replication.firstSyncDeadline)] },
      { after: connected, parent: this },
    );
    const grown = primary.run(`${name}-size`, { script: "drbd-grow.sh", args: [volumeName, String(bytes)] }, { after: [firstSync], parent: this });
    // Once in the life of a volume: not again when the mirror is made anew.
    this.ready = preload
      ? mirrorCommand(
          `${name}-preload`,
          primary.plan,
          { script: "preload.sh", args: [volumeName, preload.source, preload.checksum, preload.format] },
          { parent: this, dependsOn: [grown], deletedWith: primary.domain },
        )
      : grown;
    this.registerOutputs({});
  }

  /** Configuration, then metadata: written once, and never over anything. */
  private prepare(name: string, mirror: MirrorVm, args: ReplicatedVolumeArgs): pulumi.Resource {
    const volume = args.volume.name;
    const configuration = mirror.run(
      `${name}-${mirror.plan.name}-configuration`,
      { script: "drbd-configure.sh", args: [volume], stdin: pulumi.secret(args.resourceFile) },
      { after: [mirror.ready, ...args.common], parent: this },
    );
    return mirror.run(
      `${name}-${mirror.plan.name}-metadata`,
      // Again after each change of the configuration: a volume that was taken down for it has to come up.
      { script: "drbd-create-metadata.sh", args: [volume], rerunOn: { CONFIGURATION_SHA256: sha256(args.resourceFile) } },
      { after: [configuration], parent: this, disk: volume },
    );
  }
}
