import * as libvirt from "@pulumi/libvirt";
import * as pulumi from "@pulumi/pulumi";
import type { HostPlan, KeepalivePlan } from "../../plan/machines/hosts.ts";
import type { NetworkPlan } from "../../plan/machines/networks.ts";
import { hostCommand } from "../operatorCommand.ts";

export interface KvmHostArgs {
  readonly host: HostPlan;
  /** `<project>/<stack>`, marks what the provider makes on the host. */
  readonly owner: string;
  /** What must be sure before anything of this stack is touched. */
  readonly after: readonly pulumi.Resource[];
}

/**
 * One KVM host as this stack uses it: its provider, what it runs, its networks, the
 * images that guests are copied from, and its settings for clients.
 */
export class KvmHost extends pulumi.ComponentResource {
  readonly plan: HostPlan;
  readonly provider: libvirt.Provider;
  /** What a machine on this host needs before it can be made. */
  readonly networks: readonly libvirt.Network[];
  readonly images: ReadonlyMap<string, libvirt.Image>;
  readonly versions: libvirt.HostVersion;
  /** What must stand before a client's disk is attached: the way out to the exports, and TCP keepalive. */
  readonly clientSettings: readonly pulumi.Resource[];
  /** What commands on this host wait for; its other resources wait for it with the provider. */
  readonly after: readonly pulumi.Resource[];

  constructor(name: string, args: KvmHostArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kvm-mirror:index:KvmHost", name, {}, opts);
    const { host } = args;
    this.plan = host;
    this.after = args.after;
    this.provider = new libvirt.Provider(
      name,
      { uri: host.uri, owner: args.owner },
      { parent: this, dependsOn: [...args.after] },
    );
    const onHost = { parent: this, provider: this.provider };
    this.versions = new libvirt.HostVersion(`${name}-versions`, {}, onHost);
    this.networks = host.networks.map(
      (network) => new libvirt.Network(`${name}-${network.role}`, networkArgs(network), onHost),
    );
    this.images = new Map(
      host.images.map((image) => [
        image.volumeName,
        new libvirt.Image(
          `${name}-${image.volumeName}`,
          {
            pool: host.pool,
            name: image.volumeName,
            source: image.source,
            checksum: image.checksum,
            format: image.format,
          },
          onHost,
        ),
      ]),
    );
    this.clientSettings = [
      // Without exports there is nothing to let it out to.
      ...(host.firewallPorts.length > 0 ? [this.firewall(name, host, args.owner)] : []),
      ...(host.keepalive ? [this.keepalive(name, host, host.keepalive, args.owner)] : []),
    ];
    this.registerOutputs({});
  }

  private firewall(name: string, { uri, firewallPorts }: HostPlan, owner: string): pulumi.Resource {
    const args = [owner, ...firewallPorts.map(String)];
    return hostCommand(
      `${name}-firewall`,
      uri,
      { script: "ufw-allow.sh", args, remove: { script: "ufw-forget.sh", args } },
      { parent: this, dependsOn: [...this.after] },
    );
  }

  private keepalive(
    name: string,
    { uri }: HostPlan,
    { idle, interval, probes }: KeepalivePlan,
    owner: string,
  ): pulumi.Resource {
    const args = [owner, ...[idle, interval, probes].map(String)];
    return hostCommand(
      `${name}-keepalive`,
      uri,
      { script: "keepalive-set.sh", args, remove: { script: "keepalive-forget.sh", args: [owner] } },
      { parent: this, dependsOn: [...this.after] },
    );
  }
}

function networkArgs(network: NetworkPlan): libvirt.NetworkArgs {
  const { name, mtu, form } = network;
  const common = { name, ...(mtu === undefined ? {} : { mtu }) };
  switch (form.kind) {
    case "bridge":
      // The MTU of an existing bridge is its host's business; guests get theirs by cloud-init.
      return { name, forward: { mode: "bridge" }, bridge: { name: form.bridge } };
    case "isolated":
      return form.hostAddress === undefined
        ? common
        : { ...common, ips: [{ address: form.hostAddress, prefix: network.prefix }] };
    case "nat":
      return { ...common, forward: { mode: "nat" }, ips: [{ address: form.hostAddress, prefix: network.prefix }] };
  }
}
