import * as pulumi from "@pulumi/pulumi";
import { withOutputs, withVersion } from "./options.ts";

/**
 * Versions of what a KVM host runs. A preview asks the host for them when they are not
 * in the state yet; `refresh` asks again. Makes nothing on the host.
 */
export class HostVersion extends pulumi.CustomResource {
  /** Of the libvirt daemon, for example `9.0.0`. */
  declare readonly libvirt: pulumi.Output<string>;
  declare readonly qemu: pulumi.Output<string>;

  constructor(name: string, args: Record<string, never>, opts?: pulumi.CustomResourceOptions) {
    super("libvirt:index:HostVersion", name, withOutputs(args, ["libvirt", "qemu"]), withVersion(opts));
  }
}
