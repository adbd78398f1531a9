/** What `pulumi up` does with a stack that has drifted, or is declared anew. */
import { describe, expect, it } from "vitest";
import { client, mirrorA, mirrorB, untilInGuest } from "./guests.ts";
import { inGuest, onHost, pulumi, succeed, upWith } from "./lab.ts";

/** Drift that is mended; leaves the stack as declared. */
export function drift(): void {
  describe("drift", () => {
    it("is seen and mended: a stopped mirror, an undefined network, changed memory", async () => {
      await succeed(onHost("kvm-b", "virsh destroy mirror-b"));
      await succeed(onHost("kvm-a", "virsh setmem app-1 256M --config && virsh setmaxmem app-1 256M --config"));
      await succeed(onHost("kvm-b", "virsh net-undefine lab-storage"));
      const preview = await pulumi(["preview", "--refresh", "--diff"]);
      expect(preview.status, preview.output).toBe(0);
      expect(preview.output).toMatch(/running\s*: false => true/);
      expect(preview.output).toMatch(/memory\s*: 256 => 384/);
      expect(preview.output).toMatch(/lab-storage/);
      const up = await pulumi(["up", "--refresh", "--yes"]);
      expect(up.status, up.output).toBe(0);
      expect(await succeed(onHost("kvm-b", "virsh domstate mirror-b"))).toContain("running");
      expect(await succeed(onHost("kvm-b", "virsh net-info lab-storage"))).toMatch(/Persistent:\s+yes/);
      expect(await succeed(onHost("kvm-a", "virsh dumpxml --inactive app-1"))).toMatch(/<memory unit='KiB'>393216</);
      await untilInGuest(mirrorB, "! grep -vE 'ds:UpToDate/UpToDate' <(grep 'cs:' /proc/drbd)", 600);
      const preview2 = await pulumi(["preview", "--expect-no-changes"]);
      expect(preview2.status, preview2.output).toBe(0);
    });
  });
}

/** Volumes that grow and are added; leaves them so. */
export function growth(): void {
  describe("a stack that grows", () => {
    const image = "/var/tmp/preload.raw";

    it("gets a larger volume and a new, preloaded one, while clients go on", async () => {
      const sum = (
        await succeed(
          inGuest(mirrorA, `dd if=/dev/urandom of=${image} bs=1M count=8 status=none && sha256sum < ${image}`),
        )
      ).slice(0, 64);
      const uptime = async (): Promise<number> =>
        Number((await succeed(inGuest(client, "cut -d. -f1 /proc/uptime"))).trim());
      const before = await uptime();
      const r2 = {
        size: "32MiB",
        minor: 2,
        group: "main",
        exports: { nbd: {} },
        preload: { source: image, checksum: `sha256:${sum}`, format: "raw" },
        replication: { waitForFirstSync: true },
      };
      await upWith("lab", [
        [["volumes", "r0", "size"], "320MiB"],
        [["volumes", "r2"], r2],
      ]);
      // A server that took a new export has to serve new connections, too.
      await succeed(onHost("kvm-a", "qemu-img info nbd://10.20.0.10:10809/r0"));
      const bytes = Number(await succeed(inGuest(mirrorA, "blockdev --getsize64 /dev/drbd0")));
      expect(bytes).toBeGreaterThanOrEqual(320 * 1024 ** 2);
      await untilInGuest(mirrorB, "grep -A1 '^ *2:' /proc/drbd | grep 'ds:UpToDate/UpToDate'", 120);
      expect((await succeed(inGuest(mirrorA, "head -c 8388608 /dev/drbd2 | sha256sum"))).slice(0, 64)).toBe(sum);
      expect(await uptime()).toBeGreaterThan(before);
    });
  });
}
