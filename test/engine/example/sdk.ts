/** Program-side classes of the example provider. */
import * as pulumi from "@pulumi/pulumi";

export class Provider extends pulumi.ProviderResource {
  constructor(
    name: string,
    args: { directory: pulumi.Input<string>; token?: pulumi.Input<string> },
    opts?: pulumi.ResourceOptions,
  ) {
    super("example", name, args, opts);
  }
}

export interface FileArgs {
  name: pulumi.Input<string>;
  content?: pulumi.Input<string>;
  tags?: pulumi.Input<pulumi.Input<{ key: pulumi.Input<string>; value: pulumi.Input<string> }>[]>;
  trouble?: pulumi.Input<string>;
}

export class File extends pulumi.CustomResource {
  declare readonly path: pulumi.Output<string>;
  declare readonly bytes: pulumi.Output<number>;

  constructor(name: string, args: FileArgs, opts?: pulumi.CustomResourceOptions) {
    super("example:index:File", name, { ...args, path: undefined, bytes: undefined }, opts);
  }
}
