import * as libvirt from "@pulumi/libvirt";
import * as pulumi from "@pulumi/pulumi";
import type { MirrorPlan } from "../plan/plan.ts";
import type { Seed } from "../render/cloudInit.ts";
import type { KvmHost } from "./KvmHost.ts";
import { Machine } from "./Machine.ts";
import { operatorCommand } from "./operatorCommand.ts";

export interface MirrorVmArgs {
  readonly host: KvmHost;
  readonly mirror: MirrorPlan;
  readonly seed: Seed;
  /** Protect and retain the data disks. */
  readonly protectData: boolean;
  /** Seconds until a new mirror must be ready. */
  readonly bootDeadline: number;
  /** Fingerprint of scripts/guest. */
  readonly tools: string;
}

/** A mirror: its data disks, its machine, and the tools of this program on it, ready for commands. */
export class MirrorVm extends pulumi.ComponentResource {
  readonly plan: MirrorPlan;
  readonly domain: libvirt.Domain;
  /** Depend on this to run scripts on the mirror. */
  readonly ready: pulumi.Resource;

  constructor(name: string, args: MirrorVmArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kvm-mirror:index:MirrorVm", name, {}, opts);
    const { host, mirror } = args;
    this.plan = mirror;
    const dataDisks = mirror.dataDisks.map((disk) => ({
      ...disk,
      volume: new libvirt.Volume(
        `${name}-${disk.volume}`,
        { pool: host.plan.pool, name: disk.volumeName, capacity: disk.bytes, format: "raw" },
        { parent: this, provider: host.provider, protect: args.protectData, retainOnDelete: args.protectData },
      ),
    }));
    const machine = new Machine(name, { host, machine: mirror, seed: args.seed, dataDisks, running: true, shutdownTimeout: 120 }, { parent: this });
    this.domain = machine.domain;
    const boot = operatorCommand(
      `${name}-boot`,
      { script: "wait-for-mirror.sh", args: [mirror.sshTarget, mirror.hostKey, String(args.bootDeadline)] },
      this.onMirror([machine.domain]),
    );
    this.ready = operatorCommand(
      `${name}-tools`,
      { script: "install-tools.sh", args: [mirror.sshTarget, mirror.hostKey], rerunOn: { TOOLS_SHA256: args.tools } },
      this.onMirror([boot]),
    );
    this.registerOutputs({});
  }

  /** Options for a resource that lives inside this mirror: it goes with the domain, so nothing is run on a machine that is about to be deleted. */
  onMirror(dependsOn: readonly pulumi.Resource[], parent: pulumi.Resource = this): pulumi.CustomResourceOptions {
    return { parent, dependsOn: [...dependsOn], deletedWith: this.domain };
  }
}
