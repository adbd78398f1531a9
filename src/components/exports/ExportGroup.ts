import * as pulumi from "@pulumi/pulumi";
import type { GroupPlan } from "../../plan/placement/groups.ts";
import type { HostPlan } from "../../plan/machines/hosts.ts";
import { sha256 } from "../fingerprint.ts";
import type { MirrorVm } from "../machines/MirrorVm.ts";
import { operatorCommand } from "../operatorCommand.ts";
import type { ReplicatedVolume } from "../replication/ReplicatedVolume.ts";

export interface ExportGroupArgs {
  readonly group: GroupPlan;
  /** The mirror on which the configuration would have the group, and its peer. */
  readonly preferred: MirrorVm;
  readonly peer: MirrorVm;
  readonly volumes: readonly ReplicatedVolume[];
  /** All files of the group, in the form that group-configure.sh reads; the same on both mirrors. */
  readonly document: string;
  /** All KVM hosts of the stack: one that loses an admission is asked whether it has let go. */
  readonly hosts: readonly HostPlan[];
  /** The stack's other groups. */
  readonly others: readonly string[];
  /** What must have happened before admissions change: clients that no longer run where they did. */
  readonly after: readonly pulumi.Resource[];
  /** Who starts the group: `up`, on the preferred mirror; or the cluster, where it likes. */
  readonly startedBy: "up" | "cluster";
  /** What else its files are installed again on. */
  readonly again: Readonly<Record<string, string>>;
}

/** What places a group that follows a client leaves its moves to follow-group.sh. */
export const stays = ({ follows }: { readonly follows?: string }): readonly string[] =>
  follows === undefined ? [] : ["--stay"];

const byName = (one: MirrorVm, other: MirrorVm): number => one.plan.name.localeCompare(other.plan.name);

/** Volumes that are exported by NBD and iSCSI at one VIP: configured on both mirrors, started on one. */
export class ExportGroup extends pulumi.ComponentResource {
  /** Both mirrors know all about the group. */
  readonly configured: readonly pulumi.Resource[];
  private readonly started: pulumi.Resource | undefined;
  private readonly args: ExportGroupArgs;
  private readonly pulumiName: string;

  constructor(name: string, args: ExportGroupArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kvm-mirror:index:ExportGroup", name, {}, opts);
    this.args = args;
    this.pulumiName = name;
    const volumes = args.volumes.map((volume) => volume.ready);
    // By name: which of them is preferred is no part of what they are told.
    const mirrors = [args.preferred, args.peer].toSorted(byName);
    const addresses = mirrors.flatMap(({ plan }) => [plan.name, plan.sshTarget, plan.hostKey]);
    const identities = { ...args.preferred.identities(), ...args.peer.identities() };
    const hosts = args.hosts.flatMap((host) => [host.storageAddress, host.name, host.uri]);
    // One command for both: where the other mirror cannot be asked, or refuses, nothing is changed on either.
    this.configured = [
      operatorCommand(
        `${name}-configuration`,
        {
          script: "configure-group.sh",
          args: [args.group.name, ...addresses, args.others.join(",") || "-", ...hosts],
          stdin: args.document,
          // Mirrors that an earlier version configured have the servers on the primary alone.
          rerunOn: { ...identities, SERVERS_LISTEN: "on both mirrors", ...args.again },
          remove: { script: "remove-group.sh", args: [args.group.name, ...addresses] },
        },
        {
          parent: this,
          dependsOn: [...mirrors.map(({ ready }) => ready), ...volumes, ...args.after],
          deletedWith: args.preferred.domain,
        },
      ),
    ];
    this.started =
      args.startedBy === "up"
        ? operatorCommand(
            `${name}-start`,
            {
              script: "place-group.sh",
              args: [...stays(args.group), args.group.name, args.group.preferred, ...addresses],
              // A volume that joins the group later has to be promoted and exported, too; and
              // a group that was stopped for a change has to come back.
              rerunOn: { DOCUMENT_SHA256: sha256(args.document), ...identities },
              remembers: true,
            },
            { parent: this, dependsOn: [...this.configured], deletedWith: args.preferred.domain },
          )
        : undefined;
    this.registerOutputs({});
  }

  /**
   * Has a group that follows a client go after it. `after`: the client has moved, and runs: where the group cannot move
   * now, that keeps no client from starting, and a client rides through a switch.
   * @param deadline seconds of the cluster; undefined: failover is manual
   */
  follow(after: readonly pulumi.Resource[], deadline: number | undefined): void {
    const { group, preferred, peer } = this.args;
    if (group.follows === undefined) return;
    const mirrors = [preferred, peer].toSorted(byName);
    operatorCommand(
      `${this.pulumiName}-follow`,
      {
        script: "follow-group.sh",
        args: [
          ...[group.name, group.follows, group.preferred, deadline === undefined ? "-" : String(deadline)],
          ...mirrors.flatMap(({ plan }) => [plan.name, plan.sshTarget, plan.hostKey]),
        ],
        remembers: true,
      },
      { parent: this, dependsOn: [...after], deletedWith: preferred.domain },
    );
  }

  /** Depend on this to use the exports of a group that `up` starts. */
  get ready(): pulumi.Resource {
    if (!this.started) throw new Error("the cluster starts this group");
    return this.started;
  }
}
