import * as pulumi from "@pulumi/pulumi";
import type { GroupPlan } from "../plan/plan.ts";
import { sha256 } from "./fingerprint.ts";
import type { MirrorVm } from "./MirrorVm.ts";
import type { ReplicatedVolume } from "./ReplicatedVolume.ts";

export interface ExportGroupArgs {
  readonly group: GroupPlan;
  readonly primary: MirrorVm;
  readonly secondary: MirrorVm;
  readonly volumes: readonly ReplicatedVolume[];
  /** All files of the group, in the form that group-configure.sh reads; the same on both mirrors. */
  readonly document: string;
  /** What must have happened before admissions change: clients that no longer run where they did. */
  readonly after: readonly pulumi.Resource[];
  /** Who starts the group: `up`, on the preferred primary; or the cluster, where it likes. */
  readonly startedBy: "up" | "cluster";
}

/** Volumes that are exported by NBD and iSCSI at one VIP: configured on both mirrors, started on one. */
export class ExportGroup extends pulumi.ComponentResource {
  /** Both mirrors know all about the group. */
  readonly configured: readonly pulumi.Resource[];
  private readonly started: pulumi.Resource | undefined;

  constructor(name: string, args: ExportGroupArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kvm-mirror:index:ExportGroup", name, {}, opts);
    const volumes = args.volumes.map((volume) => volume.ready);
    this.configured = [args.primary, args.secondary].map((mirror) =>
      mirror.run(
        `${name}-${mirror.plan.name}-configuration`,
        { script: "group-configure.sh", args: [name], stdin: args.document },
        { after: [mirror.ready, ...volumes, ...args.after], parent: this },
      ),
    );
    this.started =
      args.startedBy === "up"
        ? args.primary.run(
            `${name}-start`,
            // A volume that joins the group later has to be promoted and exported, too; and a group that was stopped for a change has to come back.
            { script: "group-start.sh", args: [name], rerunOn: { DOCUMENT_SHA256: sha256(args.document) } },
            { after: this.configured, parent: this },
          )
        : undefined;
    this.registerOutputs({});
  }

  /** Depend on this to use the exports of a group that `up` starts. */
  get ready(): pulumi.Resource {
    if (!this.started) throw new Error("the cluster starts this group");
    return this.started;
  }
}
