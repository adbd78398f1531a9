import * as pulumi from "@pulumi/pulumi";
import { withOutputs, withVersion } from "./options.ts";

export interface VolumeArgs {
  /** Active storage pool of the host that keeps its volumes as files. */
  readonly pool: pulumi.Input<string>;
  /** Name of the file in the pool. */
  readonly name: pulumi.Input<string>;
  /**
   * Bytes that the guest sees, a multiple of 512. A larger number grows the volume in
   * place, under a running domain too; a smaller one is an error.
   */
  readonly capacity: pulumi.Input<number>;
  readonly format: pulumi.Input<"qcow2" | "raw">;
  /** Copied in full from this volume or image of the same pool. Left out: an empty data disk. */
  readonly source?: pulumi.Input<{ readonly volume: pulumi.Input<string> }>;
  /**
   * Of a raw volume: true takes all of its space on the host's disk when it is made and when
   * it grows, and is an error where there is not enough. Left out: space is
   * taken as it is written, and a pool may promise more than it has. Set later, it
   * allocates what is missing; taken away later, it changes nothing.
   */
  readonly preallocate?: pulumi.Input<boolean>;
  /**
   * Of a data disk: which one it is, counted from 1. A data disk that is missing is
   * never made anew under the same number, and so never by mistake
   * (a pool that is not mounted); counting up says that it is lost for good. One that is there stays as it is.
   */
  readonly generation?: pulumi.Input<number>;
}

/**
 * A disk. One with a `source` can be made again: changing its pool, name, format or
 * source replaces it. One without is a data disk: it is never
 * replaced, and asking for that is an error before anything is touched. Protect it and
 * retain it on delete where it holds real data. Import id: `pool/name`.
 */
export class Volume extends pulumi.CustomResource {
  declare readonly pool: pulumi.Output<string>;
  declare readonly name: pulumi.Output<string>;
  declare readonly capacity: pulumi.Output<number>;
  declare readonly path: pulumi.Output<string>;
  /** Bytes on the host's disk when it was last looked at. */
  declare readonly allocation: pulumi.Output<number>;
  /** Stays while the file stays, grown or not; another file under the same name has another one. */
  declare readonly identity: pulumi.Output<string>;

  constructor(name: string, args: VolumeArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      "libvirt:index:Volume",
      name,
      withOutputs(args, ["path", "allocation", "identity", "mark"]),
      withVersion(opts),
    );
  }
}
