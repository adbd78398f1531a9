import * as pulumi from "@pulumi/pulumi";
import { withOutputs, withVersion } from "./options.ts";

export interface ImageArgs {
  /** Active storage pool of the host that keeps its volumes as files. Cannot change in place. */
  readonly pool: pulumi.Input<string>;
  /** Name of the file in the pool. Cannot change in place. */
  readonly name: pulumi.Input<string>;
  /** https URL, or absolute path on the KVM host. The host itself fetches it. */
  readonly source: pulumi.Input<string>;
  /**
   * `sha256:<hex>`, or `sha256sums:<https URL or path>`: a list as
   * `sha256sum` writes it, which has the base name of `source`.
   */
  readonly checksum: pulumi.Input<string>;
  /** Format of the image; one that refers to another file is refused. Cannot change in place. */
  readonly format: pulumi.Input<"qcow2" | "raw">;
}

/**
 * A disk image in a pool, to copy volumes from. It has its name only once it is
 * complete and its checksum was right; a new source or checksum
 * takes its place at once, and volumes made from the old one stay as they are. Import id: `pool/name`.
 */
export class Image extends pulumi.CustomResource {
  declare readonly pool: pulumi.Output<string>;
  declare readonly name: pulumi.Output<string>;
  declare readonly path: pulumi.Output<string>;
  /** Hexadecimal. */
  declare readonly sha256: pulumi.Output<string>;

  constructor(name: string, args: ImageArgs, opts?: pulumi.CustomResourceOptions) {
    super("libvirt:index:Image", name, withOutputs(args, ["path", "sha256", "mark"]), withVersion(opts));
  }
}
