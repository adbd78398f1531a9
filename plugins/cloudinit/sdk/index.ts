/** Program-side classes of the cloudinit provider; names and defaults are those of the official @pulumi/cloudinit. */
import * as pulumi from "@pulumi/pulumi";

export interface ConfigPartArgs {
  content: pulumi.Input<string>;
  /** Media type of the part. Default: `text/plain`. */
  contentType?: pulumi.Input<string> | undefined;
  filename?: pulumi.Input<string> | undefined;
  /** Value of the part's header X-Merge-Type, which controls how cloud-init merges it with the others. */
  mergeType?: pulumi.Input<string> | undefined;
}

export interface ConfigArgs {
  /** Compress `rendered`; needs `base64Encode`. Default: true. */
  gzip?: pulumi.Input<boolean> | undefined;
  /** Encode `rendered` in base64. Default: true. */
  base64Encode?: pulumi.Input<boolean> | undefined;
  /** The line between the parts. Default: `MIMEBOUNDARY`. */
  boundary?: pulumi.Input<string> | undefined;
  parts: pulumi.Input<pulumi.Input<ConfigPartArgs>[]>;
}

/** User data for cloud-init: a MIME multi-part archive of the parts. Known in a preview as soon as the parts are. */
export class Config extends pulumi.CustomResource {
  declare readonly gzip: pulumi.Output<boolean>;
  declare readonly base64Encode: pulumi.Output<boolean>;
  declare readonly boundary: pulumi.Output<string>;
  declare readonly parts: pulumi.Output<
    { content: string; contentType: string; filename?: string; mergeType?: string }[]
  >;
  /** The text to hand over as user data; secret if any part is. */
  declare readonly rendered: pulumi.Output<string>;

  constructor(name: string, args: ConfigArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      "cloudinit:index/config:Config",
      name,
      { ...args, rendered: undefined },
      pulumi.mergeOptions({ version: "0.1.0" }, opts),
    );
  }
}
