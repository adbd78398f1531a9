/**
 * A short torture of a lab with automatic failover; what a failover leaves is nothing
 * that `pulumi up` would change, and the cluster can be changed at work.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inGuest, lab, succeed, upWith } from "./lab.ts";
import { expectClean, expectNoChanges, says } from "./torture.ts";

const stack = "lab-automatic";

describe("with automatic failover, a client", () => {
  beforeAll(async () => {
    await succeed(lab("down.sh", "--fast")); // what an interrupted run left
    await succeed(lab("up.sh", "--stack", stack));
  });
  afterAll(async () => void (await succeed(lab("down.sh"))));

  it("is left alone by dry runs, and by an operator's confirmation that nobody waits for", async () => {
    expect(await says("switch", "all", "--to", "mirror-b", "--dry-run")).toMatch(
      /^0: .*would 1\/1: group main: the cluster is paused; mirror-b gets ready/s,
    );
    expect(await says("maintain", "mirror-a", "--dry-run")).toMatch(
      new RegExp(
        "^0: .*would 1/2: group main moves from mirror-a to mirror-b\n" +
          ".*would 2/2: the cluster moves everything away from mirror-a",
        "s",
      ),
    );
    expect(await says("failover", "all", "--confirm", "mirror-a is off and stays off")).toMatch(
      /^3: .*the cluster does not wait for a mirror to be confirmed dead/s,
    );
  });

  it("that writes by iSCSI loses nothing when the primary dies", () => expectClean("iscsi", "destroy"));
  it("finds its stack as it was declared, wherever its group runs", () => expectNoChanges(stack));

  it("goes on while its cluster gets a third vote", async () => {
    await upWith(stack, [[["failover", "qdevice"], { address: "10.30.0.4" }]]);
    for (const mirror of ["storage@10.30.0.11", "storage@10.30.0.12"]) {
      // its exit status tells of quorum in a way of its own
      const { output } = await inGuest(mirror, "corosync-quorumtool -s");
      expect(output).toMatch(/^Total votes: +3$/m);
      expect(output).toMatch(/ A,V,NMW .*\(local\)$/m); // the third place is alive, and votes
    }
    expect(await says("status", "--stack", stack)).toMatch(/^0: .*All is as it should be/s);
  });
});
