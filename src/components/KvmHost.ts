import * as libvirt from "@pulumi/libvirt";
import * as pulumi from "@pulumi/pulumi";
import type { HostPlan, NetworkPlan } from "../plan/plan.ts";
import { hostCommand } from "./operatorCommand.ts";

export interface KvmHostArgs {
  readonly host: HostPlan;
  /** `<project>/<stack>`, marks what the provider makes on the host. */
  readonly owner: string;
}

/** One KVM host as this stack uses it: its provider, its networks, the images that guests are copied from, and its firewall. */
export class KvmHost extends pulumi.ComponentResource {
  readonly plan: HostPlan;
  readonly provider: libvirt.Provider;
  /** What a machine on this host needs before it can be made. */
  readonly networks: readonly libvirt.Network[];
  readonly images: ReadonlyMap<string, libvirt.Image>;
  readonly firewall: pulumi.Resource;

  constructor(name: string, args: KvmHostArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kvm-mirror:index:KvmHost", name, {}, opts);
    const { host } = args;
    this.plan = host;
    this.provider = new libvirt.Provider(name, { uri: host.uri, owner: args.owner }, { parent: this });
    const onHost = { parent: this, provider: this.provider };
    this.networks = host.networks.map((network) => new libvirt.Network(`${name}-${network.role}`, networkArgs(network), onHost));
    this.images = new Map(
      host.images.map((image) => [
        image.volumeName,
        new libvirt.Image(
          `${name}-${image.volumeName}`,
          { pool: host.pool, name: image.volumeName, source: image.source, checksum: image.checksum, format: image.format },
          onHost,
        ),
      ]),
    );
    const ports = host.firewallPorts.map(String);
    this.firewall = hostCommand(
      `${name}-firewall`,
      host.uri,
      { script: "ufw-allow.sh", args: ports, remove: { script: "ufw-forget.sh", args: ports } },
      { parent: this },
    );
    this.registerOutputs({});
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
      return form.hostAddress === undefined ? common : { ...common, ips: [{ address: form.hostAddress, prefix: network.prefix }] };
    case "nat":
      return { ...common, forward: { mode: "nat" }, ips: [{ address: form.hostAddress, prefix: network.prefix }] };
  }
}
