/** A short torture of a lab where an operator fails over, and what the operator's commands refuse there. */
import { describe, expect, it } from "vitest";
import { expectClean, expectNoChanges, says } from "./torture.ts";

/** On a lab of the stack `lab` that is as declared; leaves it so. */
export function failoverByHand(): void {
  describe("with failover by hand, a client", () => {
    it("is left alone by dry runs, and by a failover while its primary is alive and whole", async () => {
      expect(await says("switch", "all", "--to", "mirror-b", "--dry-run")).toMatch(/^0: .*would 1\/1: .*main/s);
      expect(await says("maintain", "mirror-a", "--dry-run")).toMatch(
        /^0: .*would 1\/1: group main moves from mirror-a to mirror-b/s,
      );
      expect(await says("failover", "all")).toMatch(
        /^3: .*group main runs on mirror-a, which answers, and both mirrors are UpToDate/s,
      );
      expect(await says("recover", "r0")).toMatch(/^0: .*Nothing to recover/s);
      expect(await says("switch", "all", "--to", "mirror-a")).toMatch(/^0: .*mirror-a/s);
      expect(await says("client", "app-1", "--to", "kvm-b", "--dry-run")).toMatch(
        /^0: .*would 3\/6: on kvm-a: ask app-1 to shut down/s,
      );
    });

    it("that writes by NBD loses nothing when the primary dies", () => expectClean("nbd", "destroy"));
    it("that writes by iSCSI loses nothing when the mirrors lose each other", () =>
      expectClean("iscsi", "cut-replication"));
    it("finds its stack as it was declared, wherever its group runs", () => expectNoChanges("lab"));

    it("is served by the preferred mirror again after a planned switch", async () => {
      expect(await says("switch", "all", "--to", "mirror-a")).toMatch(/^0: .*mirror-a/s);
    });
  });
}
