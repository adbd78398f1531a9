/** What a stack is like when `pulumi up` has made it. */
import { describe, expect, it } from "vitest";
import type { Inventory } from "../../src/inventory/inventory.ts";
import { parseInventory } from "../../src/operate/stack/inventorySchema.ts";
import { client, mirrorA, mirrorB, untilInGuest } from "./guests.ts";
import { inGuest, npm, onHost, pulumi, succeed } from "./lab.ts";

async function inventory(): Promise<Inventory> {
  return parseInventory(await succeed(pulumi(["stack", "output", "inventory", "--json"])), "lab", "the output");
}

/** On a lab of the stack `lab` that is as declared; changes nothing. */
export function finishedStack(): void {
  describe("the finished stack", () => {
    it("has both volumes up to date on both mirrors, primary where the configuration says", async () => {
      const stack = await inventory();
      expect(stack.mirrors.map(({ name, role }) => `${name} ${role}`)).toEqual([
        "mirror-a primary",
        "mirror-b secondary",
      ]);
      const states = await Promise.all([mirrorA, mirrorB].map((target) => succeed(inGuest(target, "cat /proc/drbd"))));
      expect(states[0]?.match(/ro:Primary\/Secondary ds:UpToDate\/UpToDate C/g)).toHaveLength(stack.volumes.length);
      expect(states[1]?.match(/ro:Secondary\/Primary ds:UpToDate\/UpToDate C/g)).toHaveLength(stack.volumes.length);
    });

    it("answers by NBD and iSCSI at the VIP, and only there", async () => {
      const listening = async (target: string): Promise<string[]> =>
        (await succeed(inGuest(target, "ss -Hltn | awk '{print $4}'")))
          .split("\n")
          .filter((line) => /:(10809|3260)$/.test(line) && !line.startsWith("127."))
          .sort();
      expect(await listening(mirrorA)).toEqual(["10.20.0.10:10809", "10.20.0.10:3260"]);
      // Ready for a failover; without the VIP nobody reaches it.
      expect(await listening(mirrorB)).toEqual(["10.20.0.10:10809"]);
      expect(await succeed(inGuest(mirrorB, "ip -4 -o address show to 10.20.0.10/32"))).toBe("");
      const info = JSON.parse(
        await succeed(onHost("kvm-a", "qemu-img info --output json nbd://10.20.0.10:10809/r0")),
      ) as { "virtual-size": number };
      expect(info["virtual-size"]).toBeGreaterThanOrEqual(256 * 1024 ** 2);
      const refused = await onHost("kvm-b", "qemu-img info nbd://10.20.0.10:10809/r0");
      expect(refused.status).not.toBe(0);
      expect(refused.output).toContain("Access denied");
    });

    it("starts no group on the secondary at boot, nor Debian's own NBD server; ours has no volume open", async () => {
      const units = "nbd-server.service kvm-mirror-group@main.service";
      const { stdout } = await inGuest(mirrorB, `systemctl is-enabled ${units}; systemctl is-active ${units}`);
      expect(stdout).not.toMatch(/^(enabled|active)$/m);
      expect((await inGuest(mirrorB, "sudo fuser /dev/drbd0 /dev/drbd1")).stdout.trim()).toBe("");
    });

    it("shows the client one disk by NBD and one by iSCSI", async () => {
      const disks = JSON.parse(
        await untilInGuest(client, "lsblk --json --bytes --nodeps --output NAME,SIZE,TRAN,SERIAL,TYPE", 600),
      ) as {
        blockdevices: { name: string; size: number; serial: string | null; type: string }[];
      };
      const mirrored = disks.blockdevices
        .filter((disk) => disk.type === "disk" && disk.serial)
        .map(({ name, size, serial }) => ({ name, size, serial }));
      // A volume is at least as large as it was ordered: data disks are cut in whole MiB.
      const sizes = (await succeed(inGuest(mirrorA, "blockdev --getsize64 /dev/drbd0 /dev/drbd1")))
        .trim()
        .split("\n")
        .map(Number);
      expect(Math.min(...sizes)).toBeGreaterThanOrEqual(256 * 1024 ** 2);
      const expected = (await inventory()).clients[0]?.disks.map((disk, index) => ({
        name: expect.stringMatching(/^(vd|sd)[a-z]$/) as string,
        size: sizes[index],
        serial: disk.serial,
      }));
      expect(mirrored).toHaveLength(2);
      expect(mirrored).toEqual(expect.arrayContaining(expected ?? []));
    });

    it("tells what there is and prints the disks' XML for teams that attach them themselves", async () => {
      expect(JSON.parse(await succeed(npm("inventory")))).toEqual(await inventory());
      const xml = await succeed(npm("disk-xml", "app-1"));
      // NBD in the form that this machine's libvirt needs.
      expect(xml.match(/<source protocol='(nbd|iscsi)'|<qemu:commandline/g)).toEqual([
        expect.stringMatching(/<qemu:commandline|nbd/),
        "<source protocol='iscsi'",
      ]);
    });

    it("does not start the client on its standby host", async () => {
      const { status, output } = await onHost("kvm-b", "virsh start app-1");
      expect(status).not.toBe(0);
      expect(output).toMatch(/kvm-mirror: refused: client app-1 of stack \S+ is active on kvm-a, not here on kvm-b/);
      expect(await succeed(onHost("kvm-b", "virsh domstate app-1"))).toContain("shut off");
      expect(await succeed(onHost("kvm-a", "virsh domstate app-1"))).toContain("running");
    });

    it("changes nothing when asked again", async () => {
      const preview = await pulumi(["preview", "--expect-no-changes"]);
      expect(preview.status, preview.output).toBe(0);
      const refresh = await pulumi(["refresh", "--yes", "--expect-no-changes"]);
      expect(refresh.status, refresh.output).toBe(0);
      const again = await pulumi(["up", "--yes", "--expect-no-changes"]);
      expect(again.status, again.output).toBe(0);
    });
  });
}
