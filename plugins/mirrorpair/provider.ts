/** Serves `MirrorPair` to programs in other languages. The engine asks for one pair at a time (Construct). */
import * as pulumi from "@pulumi/pulumi";
import { decidePair } from "../../src/pair/decidePair.ts";
import { MirrorPair, type MirrorPairArgs, mirrorPairToken } from "../../src/pair/MirrorPair.ts";
import { version } from "./package.ts";
import { mirrorPairSchema } from "./schema.ts";

export const mirrorPairProvider: pulumi.provider.Provider = {
  version,
  schema: JSON.stringify(mirrorPairSchema()),
  async construct(name, type, inputs, options) {
    if (type !== mirrorPairToken) throw new pulumi.RunError(`kvm-mirror ${version} has no component ${type}`);
    // First by itself: its mistakes are then the answer to the engine, and no promise that nobody waits for.
    await decidePair(name, inputs, { project: pulumi.getProject(), stack: pulumi.getStack() });
    const pair = new MirrorPair(name, inputs as unknown as MirrorPairArgs, options);
    return { urn: pair.urn, state: pair.outputs };
  },
};
