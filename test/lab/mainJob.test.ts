/**
 * The main job on real virtual machines, as one story: each step goes on from the state that the one before left.
 * Two KVM hosts are simulated; guests, DRBD, NBD, iSCSI, libvirt and Pulumi are real.
 */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Inventory } from "../../src/inventory/inventory.ts";
import { parseInventory } from "../../src/operate/stack/inventorySchema.ts";
import { failoverByHand } from "./byHand.ts";
import { inGuest, killUpAt, lab, npm, onHost, operator, pulumi, root, succeed, upWith } from "./lab.ts";

const pool = "/var/lib/libvirt/images";
const mirrorA = "storage@10.30.0.11";
const mirrorB = "storage@10.30.0.12";
const client = "storage@10.30.0.21";

/** Waits until a command succeeds in a guest; fails with what was seen last. */
async function untilInGuest(target: string, command: string, seconds: number): Promise<string> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const result = await inGuest(target, command, { timeout: 60 });
    if (result.status === 0) return result.stdout;
    if (Date.now() > deadline) throw new Error(`${target}: after ${seconds} s still: ${result.output}`);
    await new Promise((resolve) => setTimeout(resolve, 2000));
  }
}

async function inventory(): Promise<Inventory> {
  return parseInventory(await succeed(pulumi(["stack", "output", "inventory", "--json"])), "lab", "the output");
}

/** Goes on after a killed `up`: the lock that it left behind is taken away, as the operator would. */
async function unlock(): Promise<void> {
  await succeed(pulumi(["cancel", "--yes"]));
}

/** What a lab consists of on this machine: namespaces, mounts, and processes of the kinds that it starts. */
function traces(): string[] {
  const lines = (command: string, ...args: string[]): string[] =>
    execFileSync(command, args, { encoding: "utf8" }).split("\n").filter(Boolean);
  const kinds = /^ *\d+ +(qemu-system|libvirtd|virtlogd|dnsmasq|tinyproxy|socat|sshd|ssh|pulumi)/;
  return [
    ...lines("ip", "netns", "list"),
    ...lines("findmnt", "-rno", "TARGET"),
    ...lines("ps", "-eo", "pid=,comm=").filter((line) => kinds.test(line)),
  ];
}

let before: string[];

beforeAll(async () => {
  const down = await lab("down.sh");
  if (down.status !== 0) throw new Error(down.output);
  before = traces();
  const up = await lab("up.sh", "--hosts-only");
  if (up.status !== 0) throw new Error(up.output);
});

afterAll(async () => {
  const { status, output } = await lab("down.sh");
  if (status !== 0) throw new Error(output);
});

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
    expect(await listening(mirrorB)).toEqual([]);
    const info = JSON.parse(
      await succeed(onHost("kvm-a", "qemu-img info --output json nbd://10.20.0.10:10809/r0")),
    ) as { "virtual-size": number };
    expect(info["virtual-size"]).toBeGreaterThanOrEqual(256 * 1024 ** 2);
    const refused = await onHost("kvm-b", "qemu-img info nbd://10.20.0.10:10809/r0");
    expect(refused.status).not.toBe(0);
    expect(refused.output).toContain("Access denied");
  });

  it("keeps servers off on the secondary, after a reboot as well", async () => {
    const units = "nbd-server.service kvm-mirror-nbd@main.service kvm-mirror-group@main.service tgt.service";
    const { stdout } = await inGuest(mirrorB, `systemctl is-enabled ${units}; systemctl is-active ${units}`);
    expect(stdout).not.toMatch(/^(enabled|active)$/m);
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
    expect(output).toMatch(/error/i);
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

failoverByHand();

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

describe("the data", () => {
  it("that a client writes by NBD and iSCSI is on both mirrors' disks, bit for bit", async () => {
    const {
      status,
      output,
      stdout: written,
    } = await inGuest(
      client,
      [
        "set -eu",
        // Neither its OS disk nor its seed has a serial.
        'i=0; for disk in $(lsblk -dno NAME,TYPE,SERIAL | awk \'$2 == "disk" && $3 != "" {print $1}\'); do',
        "mkfs.ext4 -q -F /dev/$disk; mkdir -p /mnt/$disk; mount /dev/$disk /mnt/$disk",
        "dd if=/dev/urandom of=/mnt/$disk/filling bs=1M count=64 conv=fsync status=none; " +
          "sha256sum < /mnt/$disk/filling; umount /mnt/$disk; done",
      ].join("\n"),
      { timeout: 600 },
    );
    // A client that stands still tells nothing itself.
    const seen =
      status === 0
        ? ""
        : (
            await onHost(
              "kvm-a",
              "virsh domstate --reason app-1; virsh qemu-monitor-command app-1 --hmp info block; ss -tnp state " +
                "all '( dport = :10809 or dport = :3260 )'; tail -n 20 /var/log/libvirt/qemu/app-1.log",
            )
          ).output;
    expect(status, `${output}\n${seen}`).toBe(0);
    const sums = written.match(/[0-9a-f]{64}/g) ?? [];
    expect(sums).toHaveLength(2);
    await succeed(
      onHost(
        "kvm-a",
        'virsh shutdown app-1 && for i in $(seq 300); do [ "$(virsh domstate app-1 | ' +
          "head -n1)\" = 'shut off' ] && exit 0; sleep 1; done; exit 1",
        { timeout: 400 },
      ),
    );
    await succeed(inGuest(mirrorA, "/usr/local/lib/kvm-mirror/group-stop.sh main", { timeout: 300 }));
    const copies = [];
    for (const mirror of [mirrorA, mirrorB]) {
      const found = await succeed(
        inGuest(
          mirror,
          [
            "set -eu",
            "for volume in r0 r1; do",
            // A Secondary's device cannot be opened; the kernel tells its size all the same.
            "bytes=$(($(cat /sys/block/$(basename $(drbdadm sh-dev $volume))/size) * 512))",
            "disk=$(drbdadm sh-ll-dev $volume); drbdadm down $volume",
            "head -c $bytes $disk | sha256sum",
            "mkdir -p /mnt/$volume; mount -t ext4 -o ro,noload $disk /mnt/$volume; " +
              "sha256sum < /mnt/$volume/filling; umount /mnt/$volume",
            "drbdadm up $volume; done",
          ].join("\n"),
          { timeout: 600 },
        ),
      );
      copies.push(found.match(/[0-9a-f]{64}/g) ?? []);
    }
    expect(copies[0]).toHaveLength(4);
    expect(copies[1]).toEqual(copies[0]);
    expect([copies[0]?.[1], copies[0]?.[3]].sort()).toEqual([...sums].sort());
    await succeed(inGuest(mirrorA, "/usr/local/lib/kvm-mirror/group-start.sh main", { timeout: 300 }));
  });
});

describe("the end", () => {
  it("destroys what it made, and nothing is left on the hosts", async () => {
    const destroy = await pulumi(["destroy", "--yes"]);
    expect(destroy.status, destroy.output).toBe(0);
    for (const host of ["kvm-a", "kvm-b"] as const) {
      const left = await succeed(onHost(host, `virsh list --all --name; virsh net-list --all --name; ls -A ${pool}`));
      expect(left.trim(), host).toBe("");
    }
  });

  it("lab:down leaves no namespace, process, mount or file", async () => {
    const { status, output } = await lab("down.sh");
    expect(status, output).toBe(0);
    const after = traces();
    expect(after.filter((trace) => !before.includes(trace))).toEqual([]);
    expect(existsSync(`${root}.lab`)).toBe(false);
    const again = await operator(["true"]);
    expect(again.status).not.toBe(0);
  });
});
