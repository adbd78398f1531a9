import * as libvirt from "@pulumi/libvirt";
import * as pulumi from "@pulumi/pulumi";
import type { ClientPlan } from "../../plan/clients/clients.ts";
import type { MachinePlan } from "../../plan/machines/machine.ts";
import type { Seed } from "../../render/machines/cloudInit.ts";
import { renderDiskOf } from "../../render/exports/clientDisk.ts";
import { asRunError } from "../asRunError.ts";
import type { KvmHost } from "../machines/KvmHost.ts";
import { Machine } from "../machines/Machine.ts";
import { hostCommand, operatorCommand } from "../operatorCommand.ts";

/** Seconds that a client may take to shut down before its power is cut: an application may have much to write. */
const clientShutdownTimeout = 300;

export interface ClientVmArgs {
  readonly client: ClientPlan;
  readonly hosts: ReadonlyMap<string, KvmHost>;
  readonly seed: Seed | undefined;
}

/**
 * A client on its hosts: defined on each, running on one. Made in two steps,
 * because the exports admit the active host only after the others
 * have stopped: the constructor defines the machines and stops the standby
 * ones; `attach` connects the disks and starts the active one.
 */
export class ClientVm extends pulumi.ComponentResource {
  private readonly args: ClientVmArgs;
  private readonly machines: ReadonlyMap<string, Machine>;
  /** The client does not run on any host but the active one. */
  readonly standby: readonly pulumi.Resource[];

  constructor(name: string, args: ClientVmArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kvm-mirror:index:ClientVm", name, {}, opts);
    this.args = args;
    this.machines = new Map((args.client.machines ?? []).map((machine) => [machine.host, this.machine(machine)]));
    this.standby = [...this.machines.keys()]
      .filter((host) => host !== args.client.active)
      .map((host) => this.state(host, false, []));
    this.registerOutputs({});
  }

  /**
   * Attaches the disks wherever the client is defined, then starts it on its
   * active host. `exports`: the groups that its volumes belong to.
   */
  attach(exports: readonly pulumi.Resource[]): void {
    const { client } = this.args;
    const attached = client.hosts.flatMap((host) =>
      client.disks.map((_, index) => this.attachment(host, index, exports)),
    );
    if (this.machines.has(client.active))
      this.state(client.active, true, [...attached, ...this.standby, ...this.elsewhere()]);
  }

  /**
   * Not on where it is not defined any more: a host that it leaves would be
   * cleared only after it was started on the new one.
   */
  private elsewhere(): readonly pulumi.Resource[] {
    const { client, hosts } = this.args;
    const left = [...hosts.values()].filter(({ plan }) => !client.hosts.includes(plan.name));
    const [machine] = client.machines ?? [];
    if (!machine || left.length === 0) return [];
    const args = [client.name, machine.uuid, ...left.flatMap(({ plan }) => [plan.name, plan.uri])];
    // What must be so before it is started on another host than before.
    return [
      operatorCommand(
        `${client.name}-elsewhere`,
        { script: "client-elsewhere.sh", args, rerunOn: { ACTIVE: client.active } },
        { parent: this, dependsOn: [...this.standby] },
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
      `${machine.name}-${machine.host}`,
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
      `${client.name}-${host}-${disk.volume}`,
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
      `${this.args.client.name}-${host}-state`,
      { domain: this.args.client.name, running, shutdownTimeout: clientShutdownTimeout },
      { parent: this, provider: this.host(host).provider, dependsOn: [machine.domain, ...dependsOn] },
    );
  }
}
