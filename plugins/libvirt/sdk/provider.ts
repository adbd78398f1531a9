import * as pulumi from "@pulumi/pulumi";
import { withVersion } from "./options.ts";

export interface ProviderArgs {
  /**
   * libvirt URI of the KVM host: `qemu:///system` for this machine, or
   * `qemu+ssh://[user@]host[:port]/system[?keyfile=PATH&known_hosts=PATH]`. The system's ssh
   * connects, so that ~/.ssh/config, the agent, jump hosts and known_hosts apply.
   * Needs a login that may use libvirt and write its pools (root).
   */
  readonly uri: pulumi.Input<string>;
  /** `<project>/<stack>`: marks whatever is made, so that nothing that belongs to anyone else is ever taken over. */
  readonly owner: pulumi.Input<string>;
}

/** One KVM host. */
export class Provider extends pulumi.ProviderResource {
  constructor(name: string, args: ProviderArgs, opts?: pulumi.ResourceOptions) {
    super("libvirt", name, { ...args }, withVersion(opts));
  }
}
