/** A short torture of a lab with automatic failover; and what a failover leaves is nothing that `pulumi up` would change. */
import { describe, expect, it } from "vitest";
import { expectClean, expectNoChanges, inLabOf, says } from "./torture.ts";

const stack = "lab-automatic";

describe("with automatic failover, a client", () => {
  inLabOf(stack);

  it("is left alone by dry runs, and by an operator's word that nobody waits for", async () => {
    expect(await says("switch", "all", "--to", "mirror-b", "--dry-run")).toMatch(/^0: would 1\/1: group main: the cluster is paused; mirror-b gets ready/s);
    expect(await says("maintain", "mirror-a", "--dry-run")).toMatch(/^0: would 1\/2: group main moves from mirror-a to mirror-b\n.*would 2\/2: the cluster moves everything away from mirror-a/s);
    expect(await says("failover", "all", "--confirm", "mirror-a is off and stays off")).toMatch(/^1: .*the cluster waits for nobody's death/s);
  });

  it("that writes by iSCSI loses nothing when the primary dies", () => expectClean("iscsi", "destroy"));
  it("finds its stack as it was declared, wherever its group runs", () => expectNoChanges(stack));
});
