import * as pulumi from "@pulumi/pulumi";
import { withOutputs, withVersion } from "./options.ts";

export interface DomainStateArgs {
  /** Name of the domain, which others may have defined. Cannot change in place. */
  readonly domain: pulumi.Input<string>;
  readonly running: pulumi.Input<boolean>;
  /** Seconds that the guest gets to shut down before its power is cut. Default 120. */
  readonly shutdownTimeout?: pulumi.Input<number>;
}

/**
 * Whether a domain runs, for one whose disks are attached after it was defined and
 * before it may start. Deleting shuts it down if it was to run.
 * Import id: name of the domain.
 */
export class DomainState extends pulumi.CustomResource {
  declare readonly domain: pulumi.Output<string>;
  declare readonly running: pulumi.Output<boolean>;

  constructor(name: string, args: DomainStateArgs, opts?: pulumi.CustomResourceOptions) {
    super("libvirt:index:DomainState", name, withOutputs(args, []), withVersion(opts));
  }
}
