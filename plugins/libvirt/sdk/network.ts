import * as pulumi from "@pulumi/pulumi";
import { withOutputs, withVersion } from "./options.ts";

export interface NetworkArgs {
  /** Name in libvirt. Cannot change in place. */
  readonly name: pulumi.Input<string>;
  /**
   * `bridge`: over the existing bridge of the host that `bridge` names.
   * `nat`: behind the host's address. Left out: isolated.
   */
  readonly forward?: pulumi.Input<{ readonly mode: pulumi.Input<"bridge" | "nat"> }>;
  /** Left out where libvirt makes the bridge: it chooses a name. */
  readonly bridge?: pulumi.Input<{ readonly name: pulumi.Input<string> }>;
  /** Bytes. Not for forward mode `bridge`: there it is the host's to set. */
  readonly mtu?: pulumi.Input<number>;
  /** Addresses of the host in the network. */
  readonly ips?: pulumi.Input<pulumi.Input<NetworkIp>[]>;
  /** Whether it starts with the host. Default true. */
  readonly autostart?: pulumi.Input<boolean>;
  /** Whether it is up. Default true. */
  readonly active?: pulumi.Input<boolean>;
}

export interface NetworkIp {
  /** IPv4 address of the host. */
  readonly address: pulumi.Input<string>;
  /** Length of the network prefix, for example 24. */
  readonly prefix: pulumi.Input<number>;
  /** First and last address that libvirt's DHCP server gives out; left out: no DHCP. */
  readonly dhcp?: pulumi.Input<{ readonly start: pulumi.Input<string>; readonly end: pulumi.Input<string> }>;
}

/**
 * A libvirt network. A change that would cut running guests off is refused and names them; nothing is changed then.
 * Import id: its name.
 */
export class Network extends pulumi.CustomResource {
  declare readonly name: pulumi.Output<string>;
  declare readonly uuid: pulumi.Output<string>;

  constructor(name: string, args: NetworkArgs, opts?: pulumi.CustomResourceOptions) {
    super("libvirt:index:Network", name, withOutputs(args, ["uuid"]), withVersion(opts));
  }
}
