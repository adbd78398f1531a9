import * as libvirt from "@pulumi/libvirt";
import * as pulumi from "@pulumi/pulumi";
import type { ClientPlan } from "../../plan/clients/clients.ts";
import type { MachinePlan } from "../../plan/machines/machine.ts";
import type { Seed } from "../../render/machines/cloudInit.ts";
import { renderDiskOf } from "../../render/exports/clientDisk.ts";
import { asRunError } from "../asRunError.ts";
import { changeHostKey, type HostKeyChange } from "../machines/HostKey.ts";
import type { KvmHost } from "../machines/KvmHost.ts";
import { Machine } from "../machines/Machine.ts";
import { hostCommand, operatorCommand } from "../operatorCommand.ts";

/** Seconds that a client may take to shut down before its power is cut: an application may have much to write. */
const clientShutdownTimeout = 300;

export interface ClientVmArgs {
  readonly client: ClientPlan;
  readonly hosts: ReadonlyMap<string, KvmHost>;
  readonly seed: Seed | undefined;
  /** Of a machine of ours. */
  readonly hostKeyChange: HostKeyChange | undefined;
  /** `<project>/<stack>`. */
  readonly owner: string;
  /** Fingerprint of libvirt's hook: another one is installed anew. */
  readonly hook: string;
}

/**
 * A client on its hosts: defined on each, running on one. Made in two steps,
 * because the exports admit the active host only after the others
 * have stopped: the constructor defines the machines, stops the standby
 * ones and takes their hosts' permits; `attach` connects the disks, permits the active host to start it, and starts it.
 * At no time two hosts have a permit.
 */
export class ClientVm extends pulumi.ComponentResource {
  private readonly args: ClientVmArgs;
  private readonly pulumiName: string;
  private readonly machines: ReadonlyMap<string, Machine>;
  /** The client does not run on any host but the active one, and is not started there by hand. */
  readonly standby: readonly pulumi.Resource[];

  constructor(name: string, args: ClientVmArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kvm-mirror:index:ClientVm", name, {}, opts);
    this.args = args;
    this.pulumiName = name;
    this.machines = new Map((args.client.machines ?? []).map((machine) => [machine.host, this.machine(machine)]));
    this.standby = args.client.hosts
      .filter((host) => host !== args.client.active)
      .flatMap((host) => {
        const off = this.machines.has(host) ? [this.state(host, false, [])] : [];
        return [...off, ...this.permit(host, off)];
      });
    this.registerOutputs({});
  }

  /**
   * Attaches the disks wherever the client is defined, then starts it on its
   * active host. `exports`: the groups that its volumes belong to.
   * @returns what says that it runs there; of the VM team's, that it may
   */
  attach(exports: readonly pulumi.Resource[]): readonly pulumi.Resource[] {
    const { client } = this.args;
    const attached = client.hosts.flatMap((host) =>
      client.disks.map((_, index) => this.attachment(host, index, exports)),
    );
    const before = [...this.standby, ...this.elsewhere()];
    const permitted = this.permit(client.active, [...exports, ...before]);
    if (!this.machines.has(client.active)) return [...attached, ...permitted];
    const runs = this.state(client.active, true, [...attached, ...before, ...permitted]);
    this.showHostKey(runs);
    return [runs];
  }

  /** Nothing else waits for it: a client that does not answer keeps nobody from the data. */
  private showHostKey(runs: pulumi.Resource): void {
    const { client, hostKeyChange } = this.args;
    const planned = client.machines?.find(({ host }) => host === client.active);
    const machine = this.machines.get(client.active);
    if (!planned || !machine) return;
    // Each host has an OS disk of the client's, with a key of its own time.
    const rerunOn = { ACTIVE: client.active, OS_DISK: machine.identity };
    const opts = { parent: this, dependsOn: [runs], deletedWith: machine.domain };
    changeHostKey(this.pulumiName, planned, hostKeyChange, rerunOn, opts);
  }

  /** Whether libvirt of a host may start the client: its active host alone. */
  private permit(host: string, dependsOn: readonly pulumi.Resource[]): readonly pulumi.Resource[] {
    const { client, owner, hook } = this.args;
    if (!client.permits) return [];
    const kvmHost = this.host(host);
    const machine = this.machines.get(host);
    const start = host === client.active ? "here" : "elsewhere";
    return [
      hostCommand(
        `${this.pulumiName}-${host}-permit`,
        kvmHost.plan.uri,
        {
          script: "permit-client.sh",
          args: [owner, client.name, start, client.active, host, this.kind, this.uuid],
          // A host that was installed anew has lost both.
          rerunOn: { HOOK_SHA256: hook, ...(machine ? { OS_DISK: machine.identity } : {}) },
          remove: { script: "permit-forget.sh", args: [owner, client.name] },
        },
        { parent: this, dependsOn: [...kvmHost.after, ...dependsOn] },
      ),
    ];
  }

  private get kind(): "machine" | "existing" {
    return this.args.client.machines ? "machine" : "existing";
  }

  /** As permit-client.sh takes it: a domain of the VM team goes by its name. */
  private get uuid(): string {
    return this.args.client.machines?.[0]?.uuid ?? "-";
  }

  /**
   * Not on where it is not defined any more, and not started there: a host that it leaves would be
   * cleared only after it was started on the new one.
   */
  private elsewhere(): readonly pulumi.Resource[] {
    const { client, hosts, owner } = this.args;
    const left = [...hosts.values()].filter(({ plan }) => !client.hosts.includes(plan.name));
    if (!client.permits || left.length === 0) return [];
    const about = [client.name, this.uuid, owner, client.active, this.kind];
    const args = [...about, ...left.flatMap(({ plan }) => [plan.name, plan.uri])];
    // What must be so before it is started on another host than before.
    return [
      operatorCommand(
        `${this.pulumiName}-elsewhere`,
        { script: "client-elsewhere.sh", args, rerunOn: { ACTIVE: client.active } },
        { parent: this, dependsOn: [...left.flatMap(({ after }) => after), ...this.standby] },
      ),
    ];
  }

  private host(name: string): KvmHost {
    const host = this.args.hosts.get(name);
    if (!host) throw new Error(`client ${this.args.client.name}: no KVM host ${name} in the plan`);
    return host;
  }

  private machine(machine: MachinePlan): Machine {
    if (!this.args.seed) throw new Error(`client ${machine.name}: a machine of ours needs a seed`);
    return new Machine(
      `${this.pulumiName}-${machine.host}`,
      { host: this.host(machine.host), machine, seed: this.args.seed, shutdownTimeout: clientShutdownTimeout },
      { parent: this },
    );
  }

  private attachment(host: string, index: number, exports: readonly pulumi.Resource[]): pulumi.Resource {
    const { client } = this.args;
    const disk = client.disks[index];
    if (!disk) throw new Error(`client ${client.name} has no disk ${index}`);
    const kvmHost = this.host(host);
    const domain = this.machines.get(host)?.domain;
    return hostCommand(
      `${this.pulumiName}-${host}-${disk.volume}`,
      kvmHost.plan.uri,
      {
        script: "attach-disk.sh",
        args: [client.name, disk.target],
        stdin: pulumi.all([kvmHost.versions.libvirt, kvmHost.versions.qemu]).apply(([libvirtVersion, qemuVersion]) =>
          asRunError(() =>
            renderDiskOf(["clients", client.name, "disks", index], disk, host, {
              libvirt: libvirtVersion,
              qemu: qemuVersion,
            }),
          ),
        ),
        remove: { script: "detach-disk.sh", args: [client.name, disk.target, disk.sourceName] },
      },
      // Never replaced: a replacement would take the disk from a guest that runs.
      // attach-disk.sh sees whether it does, and changes what can be changed.
      // Earlier versions of this program wrote triggers into the state; they stay as they are there.
      {
        parent: this,
        dependsOn: [...exports, ...kvmHost.clientSettings, ...(domain ? [domain] : [])],
        ignoreChanges: ["triggers"],
      },
    );
  }

  private state(host: string, running: boolean, dependsOn: readonly pulumi.Resource[]): libvirt.DomainState {
    const machine = this.machines.get(host);
    if (!machine) throw new Error(`client ${this.args.client.name}: not defined on ${host}`);
    return new libvirt.DomainState(
      `${this.pulumiName}-${host}-state`,
      { domain: this.args.client.name, running, shutdownTimeout: clientShutdownTimeout },
      { parent: this, provider: this.host(host).provider, dependsOn: [machine.domain, ...dependsOn] },
    );
  }
}
