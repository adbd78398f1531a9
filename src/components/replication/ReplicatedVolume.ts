import * as pulumi from "@pulumi/pulumi";
import { backingOf } from "../../plan/backing/backing.ts";
import type { VolumePlan } from "../../plan/replication/volumes.ts";
import { sha256 } from "../fingerprint.ts";
import { sharedNames } from "../machines/sharedDisks.ts";
import type { MirrorVm } from "../machines/MirrorVm.ts";
import { operatorCommand } from "../operatorCommand.ts";

export interface ReplicatedVolumeArgs {
  readonly volume: VolumePlan;
  /** The mirror on which the configuration would have the volume Primary, and its peer. */
  readonly preferred: MirrorVm;
  readonly peer: MirrorVm;
  /** The DRBD resource file; the same on both mirrors. Holds the shared secret. */
  readonly resourceFile: string;
  /** Protect and retain what it lies on. */
  readonly protectData: boolean;
  /** DRBD's common configuration is in place on both mirrors. */
  readonly common: readonly pulumi.Resource[];
  /** What else its files are installed again on. */
  readonly again: Readonly<Record<string, string>>;
}

/**
 * One DRBD resource on both mirrors: configured, with metadata,
 * synchronised once, as large as asked, and preloaded if asked.
 */
export class ReplicatedVolume extends pulumi.ComponentResource {
  readonly plan: VolumePlan;
  /** Depend on this to export the volume. */
  readonly ready: pulumi.Resource;

  constructor(name: string, args: ReplicatedVolumeArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kvm-mirror:index:ReplicatedVolume", name, {}, opts);
    const { volume, preferred, peer } = args;
    this.plan = volume;
    const connected = [preferred, peer].map((mirror) => this.prepare(name, mirror, args));
    const { name: volumeName, generation, replication, preload, bytes } = volume;
    // By name, not by role: another preferred mirror changes no command of those that were done once.
    const mirrors = [preferred, peer].toSorted((a, b) => a.plan.name.localeCompare(b.plan.name));
    const both = mirrors.flatMap(({ plan }) => [plan.name, plan.sshTarget, plan.hostKey]);
    const identities = Object.assign({}, ...mirrors.map((mirror) => mirror.identities())) as Record<
      string,
      pulumi.Output<string>
    >;
    const firstSync = operatorCommand(
      `${name}-first-sync`,
      {
        script: "first-sync.sh",
        args: [
          volumeName,
          String(generation),
          replication.waitForFirstSync ? "yes" : "no",
          String(replication.firstSyncDeadline),
          preferred.plan.name,
          ...both,
        ],
        // A mirror with a new OS disk has forgotten that it was done.
        rerunOn: identities,
        remembers: true,
      },
      { parent: this, dependsOn: connected, deletedWith: preferred.domain },
    );
    // One grows it; whichever of them serves it brings its servers to the new size.
    let grown: pulumi.Resource = firstSync;
    for (const mirror of mirrors) {
      grown = mirror.run(
        `${name}-${mirror.plan.name}-size`,
        { script: "drbd-grow.sh", args: [volumeName, String(bytes)] },
        { after: [grown], parent: this },
      );
    }
    this.ready = preload
      ? operatorCommand(
          `${name}-preload`,
          {
            script: "preload.sh",
            args: [volumeName, preload.source, preload.checksum, preload.format, preferred.plan.name, ...both],
            rerunOn: { GENERATION: String(generation), ...identities },
          },
          { parent: this, dependsOn: [grown], deletedWith: preferred.domain },
        )
      : grown;
    this.registerOutputs({});
  }

  /** What it lies on, configuration, then metadata: written once, and never over anything. */
  private prepare(name: string, mirror: MirrorVm, args: ReplicatedVolumeArgs): pulumi.Resource {
    const volume = args.volume.name;
    const part = this.partOfDisk(name, mirror, args);
    const configuration = mirror.run(
      `${name}-${mirror.plan.name}-configuration`,
      {
        script: "drbd-configure.sh",
        args: [volume],
        secretStdin: args.resourceFile,
        remove: { script: "volume-remove.sh", args: [volume] },
        rerunOn: args.again,
      },
      // Removed in the other order: DRBD lets go of it first.
      { after: [mirror.ready, ...args.common, ...part], parent: this },
    );
    return mirror.run(
      `${name}-${mirror.plan.name}-metadata`,
      // Again after each change of the configuration: a volume that was taken down for it has to come up.
      {
        script: "drbd-create-metadata.sh",
        args: [volume, "--disk", String(mirror.diskNumber(volume))],
        rerunOn: { CONFIGURATION_SHA256: sha256(args.resourceFile) },
      },
      { after: [configuration], parent: this, disk: volume },
    );
  }

  /** Nothing for a volume with a data disk of its own. It is protected and retained as such a disk is. */
  private partOfDisk(name: string, mirror: MirrorVm, { volume, protectData }: ReplicatedVolumeArgs) {
    const backing = backingOf(mirror.plan, volume.name);
    if (backing.kind === "disk") return [];
    const whole = mirror.shared.get(backing.kind);
    if (!whole) throw new Error(`mirror ${mirror.plan.name} has no disk for backing ${backing.kind}`);
    const names = sharedNames[backing.kind];
    return [
      mirror.run(
        `${name}-${mirror.plan.name}-${names.part}`,
        {
          script: names.make,
          args: [volume.name, String(backing.bytes), "--disk", String(backing.generation)],
          remove: { script: names.delete, args: [volume.name, "delete-its-data"] },
        },
        {
          after: [whole],
          parent: this,
          disk: volume.name,
          protect: protectData && !backing.leaves,
          retainOnDelete: protectData,
        },
      ),
    ];
  }
}
