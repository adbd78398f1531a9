import * as pulumi from "@pulumi/pulumi";
import { withOutputs, withVersion } from "./options.ts";

export interface CloudInitDiskArgs {
  /** Active storage pool of the host that keeps its volumes as files. Cannot change in place. */
  readonly pool: pulumi.Input<string>;
  /** Name of the file in the pool. Cannot change in place. */
  readonly name: pulumi.Input<string>;
  /**
   * `#cloud-config`, a script or a MIME document; may be secret: it reaches the host on
   * standard input and its file is readable by root and QEMU alone.
   */
  readonly userData: pulumi.Input<string>;
  /** YAML with at least `instance-id`. cloud-init runs its once-per-instance parts anew when that changes. */
  readonly metaData: pulumi.Input<string>;
  /** Network configuration, version 1 or 2, as YAML. Left out or empty: cloud-init's own default. */
  readonly networkConfig?: pulumi.Input<string>;
}

/**
 * A NoCloud seed: an ISO with label `cidata`. A change is written in its place and
 * seen by the guest at its next start. Import id: `pool/name`.
 */
export class CloudInitDisk extends pulumi.CustomResource {
  declare readonly pool: pulumi.Output<string>;
  declare readonly name: pulumi.Output<string>;
  declare readonly path: pulumi.Output<string>;
  /** Of the three documents, hexadecimal. */
  declare readonly sha256: pulumi.Output<string>;

  constructor(name: string, args: CloudInitDiskArgs, opts?: pulumi.CustomResourceOptions) {
    super("libvirt:index:CloudInitDisk", name, withOutputs(args, ["path", "sha256", "mark"]), withVersion(opts));
  }
}
