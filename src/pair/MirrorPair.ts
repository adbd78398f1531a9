/** `import { MirrorPair } from "kvm-mirror"`: docs/components.md. */
import * as pulumi from "@pulumi/pulumi";
import { declare } from "../components/declare.ts";
import { below } from "../components/scope.ts";
import type { Inventory } from "../inventory/inventory.ts";
import { makeInventory } from "../inventory/makeInventory.ts";
import { decidePair } from "./decidePair.ts";
import type { MirrorPairArgs } from "./pairArgs.ts";
import { type PairOutputs, pairOutputs } from "./pairOutputs.ts";

export type { MirrorPairArgs } from "./pairArgs.ts";

/** Never another one: it is in the state of every program that has a pair. */
export const mirrorPairToken = "kvm-mirror:index:MirrorPair";

/**
 * Two mirrors with all that a stack of its own would have: volumes, their exports, and the disks of the clients that
 * are named. What it is called in Pulumi is part of what it is called on KVM hosts: another name is another pair.
 */
export class MirrorPair extends pulumi.ComponentResource {
  /** The address that clients connect to, by group. */
  readonly vips: pulumi.Output<PairOutputs["vips"]>;
  /** Where a volume is exported, by volume, then protocol. */
  readonly exports: pulumi.Output<PairOutputs["exports"]>;
  /** The two mirrors by name. */
  readonly mirrors: pulumi.Output<PairOutputs["mirrors"]>;
  /** For the `kvm-mirror` commands, which read it from an output of the stack. */
  readonly inventory: pulumi.Output<Inventory>;

  constructor(name: string, args: MirrorPairArgs, opts?: pulumi.ComponentResourceOptions) {
    super(mirrorPairToken, name, {}, opts);
    const program = { project: pulumi.getProject(), stack: pulumi.getStack() };
    this.inventory = pulumi.output(decidePair(name, args, program)).apply(({ plan, keys, notify, notes }) => {
      for (const note of notes) void pulumi.log.warn(note, this);
      return declare(plan, keys, notify, makeInventory(plan), below(this, name));
    });
    const outputs = this.inventory.apply(pairOutputs);
    this.vips = outputs.vips;
    this.exports = outputs.exports;
    this.mirrors = outputs.mirrors;
    this.registerOutputs(this.outputs);
  }

  /** All of them by name. */
  get outputs(): { readonly [Name in keyof PairOutputs]: pulumi.Output<PairOutputs[Name]> } {
    const { vips, exports, mirrors, inventory } = this;
    return { vips, exports, mirrors, inventory };
  }
}
