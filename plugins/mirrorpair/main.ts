import * as pulumi from "@pulumi/pulumi";
import { onEnd } from "../serving/process.ts";
import { mirrorPairProvider } from "./provider.ts";

onEnd(async () => undefined);
await pulumi.provider.main(mirrorPairProvider, process.argv.slice(2));
// As src/components/plainStacks.ts does, which says why: Pulumi's server asks for source maps.
await import("../../src/components/plainStacks.ts");
