/** A first `pulumi up` that is killed again and again, until the last one ends well. */
import { describe, expect, it } from "vitest";
import { pool } from "./guests.ts";
import { killUpAt, lab, onHost, pulumi, succeed } from "./lab.ts";

/** Goes on after a killed `up`: the lock that it left behind is taken away, as the operator would. */
async function unlock(): Promise<void> {
  await succeed(pulumi(["cancel", "--yes"]));
}

/** From hosts on which nothing was made to a finished stack. */
export function interruptedUp(): void {
  describe("an interrupted `pulumi up`", () => {
    it("is killed while disks are copied", async () => {
      await killUpAt(/Volume mirror-[ab]-os creating/);
      await unlock();
    });

    it("goes on, and is killed while the mirrors boot", async () => {
      await killUpAt(/mirror-[ab]-boot creating/);
      await unlock();
    });

    it("refuses a data disk that carries a file system, and leaves it unharmed", async () => {
      const disk = `${pool}/lab.mirror-b.r0.raw`;
      await succeed(onHost("kvm-b", `mkfs.ext4 -q -F -L foreign ${disk} && sync ${disk}`));
      const before = await succeed(onHost("kvm-b", `sha256sum < ${disk}`));
      const { status, output } = await pulumi(["up", "--yes"]);
      expect(status).not.toBe(0);
      expect(output).toMatch(/drbd-create-metadata\.sh: .*ext4/);
      expect(await succeed(onHost("kvm-b", `sha256sum < ${disk}`))).toBe(before);
      await succeed(onHost("kvm-b", `fallocate --zero-range --length $(stat -c %s ${disk}) ${disk} && sync ${disk}`));
    });

    it("goes on, and is killed during the first sync", async () => {
      await killUpAt(/r0-first-sync creating/);
      await unlock();
    });

    it("ends well at last: `npm run lab` finishes the job and sums it up", async () => {
      const { status, output } = await lab("up.sh");
      expect(status, output).toBe(0);
      expect(output).toContain("All is as it should be.");
    });
  });
}
