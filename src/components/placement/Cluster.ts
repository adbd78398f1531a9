import type * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { AutomaticPlan, FencePlan } from "../../plan/placement/failover.ts";
import type { Keys } from "../../plan/secrets.ts";
import { renderCib } from "../../render/placement/cib.ts";
import { renderClusterDocument } from "../../render/placement/clusterDocument.ts";
import { stays } from "../exports/ExportGroup.ts";
import type { KvmHost } from "../machines/KvmHost.ts";
import type { MirrorVm } from "../machines/MirrorVm.ts";
import { hostCommand, operatorCommand } from "../operatorCommand.ts";
import type { Scope } from "../scope.ts";

export interface ClusterArgs {
  readonly plan: AutomaticPlan;
  readonly keys: Keys;
  readonly hosts: ReadonlyMap<string, KvmHost>;
  readonly mirrors: ReadonlyMap<string, MirrorVm>;
  /** Fingerprint of scripts/host: what fencing runs on a KVM host is installed anew when it changes. */
  readonly hostScripts: string;
  /** What else its files are installed again on. */
  readonly again: Readonly<Record<string, string>>;
  /** Names of what is not called after a mirror alone. */
  readonly named: Scope["named"];
}

/**
 * Pacemaker and corosync in the mirrors, and what lets each turn off the other. Made
 * in two steps, because DRBD and the exports must be configured on
 * both mirrors before the cluster may run them: the constructor makes a cluster
 * with nothing in it; `manage` gives it volumes and groups.
 */
export class Cluster extends pulumi.ComponentResource {
  private readonly args: ClusterArgs;
  /** Both mirrors are members. */
  readonly members: readonly pulumi.Resource[];

  constructor(name: string, args: ClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kvm-mirror:index:Cluster", name, {}, opts);
    this.args = args;
    const certificate = this.certificate();
    this.members = this.withOneKey(args.plan.fences.map((fence) => this.member(fence, certificate)));
    this.registerOutputs({});
  }

  /**
   * Puts the volumes and groups into the cluster's hands. `after`: all that must be
   * configured on both mirrors. The result by group: its exports run somewhere.
   */
  manage(after: readonly pulumi.Resource[]): ReadonlyMap<string, pulumi.Resource> {
    const { plan } = this.args;
    const first = this.mirror(plan.nodes[0]?.name ?? "");
    const resources = first.run(
      this.args.named("cluster-resources"),
      { script: "cluster-apply.sh", args: [String(plan.operationTimeout)], stdin: renderCib(plan) },
      { after: [...this.members, ...after], parent: this },
    );
    const mirrors = [...this.args.mirrors.values()].flatMap((mirror) => [
      mirror.plan.name,
      mirror.plan.sshTarget,
      mirror.plan.hostKey,
    ]);
    return new Map(
      plan.groups.map(({ name, preferred, ...group }) => [
        name,
        operatorCommand(
          this.args.named(`${name}-place`),
          {
            script: "place-in-cluster.sh",
            args: [...stays(group), name, preferred, String(plan.operationTimeout), ...mirrors],
            remembers: true,
          },
          { parent: this, dependsOn: [resources], deletedWith: first.domain },
        ),
      ]),
    );
  }

  /** Members at work go over to another key of corosync's together. At its birth a cluster has the first generation. */
  private withOneKey(members: readonly pulumi.Resource[]): readonly pulumi.Resource[] {
    const { plan, keys } = this.args;
    if (keys.generation === 1) return members;
    const args = plan.nodes.flatMap(({ name }) => {
      const { sshTarget, hostKey } = this.mirror(name).plan;
      return [sshTarget, hostKey];
    });
    const run = { script: "cluster-key.sh", args, rerunOn: { GENERATION: String(keys.generation) } };
    return [
      ...members,
      operatorCommand(this.args.named("cluster-key"), run, { parent: this, dependsOn: [...members] }),
    ];
  }

  /** With a third vote: what both mirrors show to it. */
  private certificate(): readonly pulumi.Resource[] {
    const { cluster, qdevice, nodes } = this.args.plan;
    if (qdevice === undefined) return [];
    const mirrors = nodes.map(({ name }) => this.mirror(name));
    return [
      operatorCommand(
        this.args.named("qdevice-certificate"),
        {
          script: "qdevice-certificate.sh",
          args: [qdevice.login, cluster, ...mirrors.flatMap(({ plan }) => [plan.sshTarget, plan.hostKey])],
          rerunOn: Object.assign({}, ...mirrors.map((mirror) => mirror.identities())) as Record<
            string,
            pulumi.Output<string>
          >,
        },
        { parent: this, dependsOn: mirrors.map(({ ready }) => ready) },
      ),
    ];
  }

  private member(fence: FencePlan, certificate: readonly pulumi.Resource[]): pulumi.Resource {
    const { plan, keys, hosts, hostScripts } = this.args;
    const { mirror, by, host, from, delay, publicKey, address, port } = fence;
    const kvmHost = hosts.get(host);
    if (!kvmHost) throw new Error(`no KVM host ${host} in the plan`);
    const allowed = hostCommand(
      this.args.named(`fence-${mirror}`),
      kvmHost.plan.uri,
      {
        script: "fence-allow.sh",
        args: [mirror, from.join(","), String(delay), address, String(port)],
        stdin: publicKey,
        remove: { script: "fence-forget.sh", args: [mirror] },
        rerunOn: { SCRIPTS_SHA256: hostScripts },
      },
      // The domain first: where another stack has one of this name, it is refused, and its fencing left alone.
      // A mirror that is told another key has it soon after its KVM host: in between it could not fence.
      {
        parent: this,
        dependsOn: [
          ...kvmHost.after,
          this.mirror(mirror).domain,
          ...(keys.generation === 1 ? [] : [this.mirror(by).ready]),
        ],
      },
    );
    const document = hostKeyOf(allowed).apply((hostKey) =>
      renderClusterDocument(plan, fence, {
        corosyncKey: keys.corosyncKey,
        fenceKey: keys.fenceKey(mirror).privateKey,
        hostKey,
      }),
    );
    const member = this.mirror(by);
    return member.run(
      `${member.pulumiName}-cluster`,
      { script: "cluster-configure.sh", secretStdin: document, rerunOn: this.args.again },
      { after: [member.ready, allowed, ...certificate], parent: this },
    );
  }

  private mirror(name: string): MirrorVm {
    const mirror = this.args.mirrors.get(name);
    if (!mirror) throw new Error(`no mirror ${name} in the plan`);
    return mirror;
  }
}

/** What fence-allow.sh says on stdout: the KVM host's own public key, learnt through the operator's connection. */
function hostKeyOf(allowed: command.local.Command): pulumi.Output<string> {
  return allowed.stdout.apply((text) => text.trim());
}
