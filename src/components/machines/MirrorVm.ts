import * as libvirt from "@pulumi/libvirt";
import * as pulumi from "@pulumi/pulumi";
import type { SharedBacking } from "../../config/backing/backing.ts";
import { backingOf, dataDisksOf, diskSerial, type SharedDiskPlan } from "../../plan/backing/backing.ts";
import type { MarksDiskPlan, MirrorPlan } from "../../plan/machines/mirrors.ts";
import type { Seed } from "../../render/machines/cloudInit.ts";
import { changeHostKey, type HostKeyChange } from "./HostKey.ts";
import type { KvmHost } from "./KvmHost.ts";
import { Machine } from "./Machine.ts";
import { mirrorCommand, operatorCommand, type ScriptRun } from "../operatorCommand.ts";
import { sharedNames, startArgs } from "./sharedDisks.ts";

export interface MirrorVmArgs {
  readonly host: KvmHost;
  readonly mirror: MirrorPlan;
  readonly seed: Seed;
  /** Protect and retain the data disks. */
  readonly protectData: boolean;
  /** Seconds until a new mirror must be ready. */
  readonly bootDeadline: number;
  readonly hostKeyChange: HostKeyChange | undefined;
  /** Fingerprint of scripts/guest. */
  readonly tools: string;
  /**
   * Document of mirror-settings.sh: what the first boot gave the mirror and changes of the configuration must reach.
   */
  readonly settings: string;
}

export interface RunOptions {
  readonly after: readonly pulumi.Resource[];
  readonly parent?: pulumi.Resource;
  /** Volume whose data disk the script works on. */
  readonly disk?: string;
  /** Pulumi refuses to delete the resource, and what it stands for. */
  readonly protect?: boolean;
  /** What the resource stands for stays when Pulumi forgets it. */
  readonly retainOnDelete?: boolean;
}

/** A mirror: its data disks, its machine, and the tools of this program on it, ready for commands. */
export class MirrorVm extends pulumi.ComponentResource {
  readonly plan: MirrorPlan;
  /** With which the names of what is run on it begin. */
  readonly pulumiName: string;
  readonly domain: libvirt.Domain;
  private readonly identity: pulumi.Output<string>;
  /** Data disks by their serials. */
  private readonly disks: ReadonlyMap<string, libvirt.Volume>;
  private readonly marks: libvirt.Volume;
  /** Depend on this to run scripts on the mirror. */
  readonly ready: pulumi.Resource;
  /** By kind: depend on this to make a volume's part of the disk that volumes share. */
  readonly shared: ReadonlyMap<SharedBacking, pulumi.Resource>;

  constructor(name: string, args: MirrorVmArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kvm-mirror:index:MirrorVm", name, {}, opts);
    const { host, mirror } = args;
    this.plan = mirror;
    this.pulumiName = name;
    const disk = (
      suffix: string,
      { volumeName, bytes, preallocate }: MarksDiskPlan,
      { generation, leaves }: { readonly generation?: number; readonly leaves: boolean },
    ): libvirt.Volume =>
      new libvirt.Volume(
        `${name}-${suffix}`,
        {
          pool: host.plan.pool,
          name: volumeName,
          capacity: bytes,
          format: "raw",
          ...(preallocate ? { preallocate: true } : {}),
          ...(generation === undefined ? {} : { generation }),
        },
        {
          parent: this,
          provider: host.provider,
          protect: args.protectData && !leaves,
          retainOnDelete: args.protectData,
        },
      );
    const carrying = dataDisksOf(mirror).map((dataDisk) => {
      const shared = mirror.sharedDisks.find((one) => one.disk === dataDisk);
      const suffix = shared ? sharedNames[shared.kind].disk : dataDisk.serial;
      return { ...dataDisk, volume: disk(suffix, dataDisk, dataDisk) };
    });
    this.disks = new Map(carrying.map(({ serial, volume }) => [serial, volume]));
    this.marks = disk("marks", mirror.marksDisk, { leaves: false });
    const dataDisks = [...carrying, { ...mirror.marksDisk, volume: this.marks }];
    const machine = new Machine(
      name,
      { host, machine: mirror, seed: args.seed, dataDisks, running: true, shutdownTimeout: 120 },
      { parent: this },
    );
    this.domain = machine.domain;
    this.identity = machine.identity;
    const shown = changeHostKey(
      name,
      mirror,
      args.hostKeyChange,
      { OS_DISK: this.identity },
      this.onMirror([machine.domain]),
    );
    const boot = operatorCommand(
      `${name}-boot`,
      {
        script: "wait-for-mirror.sh",
        args: [mirror.sshTarget, mirror.hostKey, String(args.bootDeadline)],
        // One that was off, and that this `up` starts, is waited for like a new one.
        rerunOn: { OS_DISK: this.identity, LAST_START: machine.domain.lastStart },
      },
      this.onMirror([machine.domain, ...shown]),
    );
    const tools = operatorCommand(
      `${name}-tools`,
      {
        script: "install-tools.sh",
        args: [mirror.sshTarget, mirror.hostKey],
        rerunOn: { OS_DISK: this.identity, TOOLS_SHA256: args.tools },
      },
      this.onMirror([boot]),
    );
    this.ready = operatorCommand(
      `${name}-settings`,
      {
        script: "mirror-settings.sh",
        args: [mirror.sshTarget, mirror.hostKey],
        stdin: args.settings,
        rerunOn: { OS_DISK: this.identity },
      },
      this.onMirror([tools]),
    );
    this.shared = new Map(mirror.sharedDisks.map((shared) => [shared.kind, this.makeShared(shared)]));
    this.registerOutputs({});
  }

  /** The volume group or the pool on its disk, as large as that. */
  private makeShared(shared: SharedDiskPlan): pulumi.Resource {
    const { whole, start, leave } = sharedNames[shared.kind];
    const { serial, bytes } = shared.disk;
    return this.run(
      `${this.pulumiName}-${whole}`,
      {
        script: start,
        args: startArgs(shared),
        remove: { script: leave },
        // A larger disk is a larger group or pool.
        rerunOn: { DATA_DISK: this.need(serial).identity, BYTES: String(bytes) },
      },
      { after: [this.ready] },
    );
  }

  /**
   * What identifies the mirror's OS disk, on which all that was set up
   * lies, for commands that are not on this mirror alone.
   */
  identities(): Readonly<Record<string, pulumi.Output<string>>> {
    return { [`OS_DISK_${this.plan.name.toUpperCase().replaceAll("-", "_")}`]: this.identity };
  }

  /**
   * Runs a script of scripts/guest on this mirror, and again when the mirror's OS disk
   * is another one, on which nothing of it was done; with `disk`
   * also when the data disk of that volume is.
   */
  run(name: string, run: ScriptRun, { after, parent = this, disk, ...keep }: RunOptions): pulumi.Resource {
    const disks = { OS_DISK: this.identity, ...(disk === undefined ? {} : { DATA_DISK: this.diskOf(disk).identity }) };
    return mirrorCommand(
      name,
      this.plan,
      { ...run, rerunOn: { ...disks, ...run.rerunOn } },
      { ...this.onMirror(after, parent), ...keep },
    );
  }

  /** What identifies the disk on which this mirror says that it goes on alone. */
  get marksDisk(): pulumi.Output<string> {
    return this.marks.identity;
  }

  /**
   * Options for a resource that lives inside this mirror: it goes with the domain,
   * so nothing is run on a machine that is about to be deleted.
   */
  private onMirror(
    dependsOn: readonly pulumi.Resource[],
    parent: pulumi.Resource = this,
  ): pulumi.CustomResourceOptions {
    return { parent, dependsOn: [...dependsOn], deletedWith: this.domain };
  }

  /** Which data disk of this mirror carries the volume, counted from 1. */
  diskNumber(volume: string): number {
    const backing = backingOf(this.plan, volume);
    return backing.kind === "disk" ? backing.dataDisk.generation : backing.generation;
  }

  /** The disk on which the volume lies, alone or with others. */
  private diskOf(volume: string): libvirt.Volume {
    const backing = backingOf(this.plan, volume);
    return this.need(diskSerial(volume, backing.kind));
  }

  private need(serial: string): libvirt.Volume {
    const disk = this.disks.get(serial);
    if (!disk) throw new Error(`mirror ${this.plan.name} has no data disk ${serial}`);
    return disk;
  }
}
