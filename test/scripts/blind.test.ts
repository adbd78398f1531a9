import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Machine } from "./machine.ts";

let machine: Machine;
beforeAll(async () => {
  machine = await Machine.start();
  // Loop devices are all tests' on this computer; this one's have names of their own.
  machine.ok(`mkdir -p /etc/lvm && printf 'devices { filter = [ "r|^/dev/loop|", "a|.*|" ] }\\n' >/etc/lvm/lvm.conf`);
});
afterAll(() => machine?.stop());

const blind = (...args: string[]) => machine.guest("blind.sh", args);
const lines = (command: string) => machine.ok(command).split("\n");

/** A block device that the tools find under the name of a mirror's data disk. */
function dataDisk(name: string): string {
  const loop = machine.disk(name, 64);
  machine.ok(`mknod /dev/${name} b 7 ${loop.replace("/dev/loop", "")}`);
  return `/dev/${name}`;
}

describe("blind.sh", () => {
  test.each([
    ["filters", ""],
    ["a devices file, with which it ignores filters", "devices { use_devicesfile = 1 }\n"],
  ])("LVM does not see a client's volume group on a data disk; the machine has %s", (what, lvm) => {
    const disk = dataDisk(what === "filters" ? "vdb" : "vdc");
    const group = `client${disk.slice(-1)}`;
    machine.ok(`rm -rf /etc/lvm/devices; printf '%s' '${lvm}' >>/etc/lvm/lvm.conf
      printf 'local {\\n}\\n' >/etc/lvm/lvmlocal.conf
      vgcreate -q ${group} ${disk}`);
    expect(lines("vgs --noheadings -o vg_name")).toContain(`  ${group}`);
    expect(blind()).toMatchObject({ status: 0, stderr: "" });
    expect(machine.ok("vgs --noheadings -o vg_name; pvs --noheadings -a -o pv_name")).not.toMatch(/client|vd/);
    expect(machine.ok("lvmconfig local; grep -c 'kvm-mirror begin' /etc/lvm/lvmlocal.conf")).toBe("local {\n}\n1");
  });

  test("LVM sees the mirror's own volume group on its LVM disk, by that disk's serial, and no group inside it", () => {
    const disk = dataDisk("vdzx");
    const own = "/dev/disk/by-id/virtio-kvm-mirror.lvm";
    machine.ok(`mkdir -p /dev/disk/by-id && ln -sfn ${disk} ${own} && vgcreate -q own ${own}`);
    expect(machine.ok("vgs --noheadings -o vg_name").trim()).toBe("own");
    // A logical volume of ours, on which a client has made a group.
    const volume = dataDisk("kvm-client").replace("/dev/", "");
    machine.ok(`rm -rf /run/lvm; mkdir -p /dev/kvm-mirror /dev/mapper && cp -a /dev/${volume} /dev/kvm-mirror/r0
      mv /dev/${volume} /dev/mapper/kvm--mirror-r0
      pvcreate -q --config 'devices { global_filter = [ "a|.*|" ] }' /dev/mapper/kvm--mirror-r0
      vgcreate -q --config 'devices { global_filter = [ "a|.*|" ] }' inside /dev/mapper/kvm--mirror-r0`);
    expect(machine.ok("vgs --noheadings -o vg_name").trim()).toBe("own");
    machine.ok(`ln -sfn /dev/null ${own}; rm -rf /run/lvm`);
    expect(machine.ok("vgs --noheadings -o vg_name").trim()).toBe("");
  });

  test("a logical volume of ours is as blind as a disk: udev asks it nothing and links to nothing in it", () => {
    expect(lines("grep -F 'dm/name' /etc/udev/rules.d/40-kvm-mirror-data-disks.rules")).toEqual([
      'KERNEL=="dm-*", ATTR{dm/name}=="kvm--mirror-*", ENV{DM_UDEV_DISABLE_DISK_RULES_FLAG}="1", ' +
        'GOTO="kvm_mirror_blind"',
    ]);
  });

  test("leaves LVM's configuration alone where LVM is not installed: its package would stop at it", () => {
    machine.ok("mv /etc/lvm /etc/lvm.away");
    expect(blind()).toMatchObject({ status: 0 });
    expect(machine.sh("ls /etc/lvm").status).toBe(2);
    machine.ok("mv /etc/lvm.away /etc/lvm");
  });

  test("mdadm takes up no array, by itself", () => {
    expect(
      machine.ok(
        "mkdir -p /etc/mdadm; echo 'HOMEHOST <system>' >/etc/mdadm/mdadm.conf; cat /etc/mdadm/mdadm.conf.d/*.conf",
      ),
    ).toContain("DEVICE /dev/vda*\nAUTO -all");
    const { stdout, stderr } = machine.sh("mdadm --incremental /dev/vdb");
    expect(stdout + stderr).toContain("not permitted by mdadm.conf");
  });

  test("writes nothing the second time", () => {
    const state = () =>
      machine.ok(
        "find /etc/udev/rules.d /etc/lvm /etc/mdadm /etc/multipath /etc/initramfs-tools " +
          "/etc/apt/apt.conf.d -type f -newer /run/before -printf '%p\\n'",
      );
    machine.ok("touch -d '+1 second' /run/before; until [ $(date +%s) -gt $(stat -c %Y /run/before) ]; do :; done");
    expect(blind()).toMatchObject({ status: 0, stderr: "" });
    expect(state()).toBe("");
  });

  test("the initial file system is made anew once, and again when LVM came", () => {
    machine.play("update-initramfs", 'echo "$*" >>/run/initramfs');
    machine.ok("mv /etc/lvm /etc/lvm.away");
    for (const _ of ["first", "second"]) expect(blind("--initramfs")).toMatchObject({ status: 0 });
    expect(lines("cat /run/initramfs")).toEqual(["-u -k all"]);
    machine.ok("mv /etc/lvm.away /etc/lvm");
    expect(blind("--initramfs")).toMatchObject({ status: 0 });
    expect(lines("cat /run/initramfs")).toHaveLength(2);
  });

  test("an initial file system that could not be made is tried again", () => {
    machine.ok("rm /var/lib/kvm-mirror/blind.initramfs");
    machine.play("update-initramfs", "echo 'No space left on device' >&2; exit 1");
    expect(blind("--initramfs")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("No space left on device"),
    });
    machine.play("update-initramfs", "touch /run/made");
    expect(blind("--initramfs")).toMatchObject({ status: 0 });
    machine.ok("rm /run/made /usr/sbin/update-initramfs");
  });

  test("what goes into the initial file system: the rules for udev, and no array that mdadm saw meanwhile", () => {
    machine.ok(`mkdir -p /usr/share/initramfs-tools /tmp/ramfs/etc/mdadm
      printf 'copy_exec() { mkdir -p "$DESTDIR$2"; cp "$1" "$DESTDIR$2/"; }\\n' \\
        >/usr/share/initramfs-tools/hook-functions
      printf 'HOMEHOST <system>\\nARRAY /dev/md/app UUID=1:2:3:4\\n' >/tmp/ramfs/etc/mdadm/mdadm.conf
      DESTDIR=/tmp/ramfs /etc/initramfs-tools/hooks/kvm-mirror`);
    expect(machine.ok("/etc/initramfs-tools/hooks/kvm-mirror prereqs")).toBe("udev mdadm lvm2");
    expect(lines("cd /tmp/ramfs && find . -type f | LC_ALL=C sort; grep -v '^#' etc/mdadm/mdadm.conf")).toEqual([
      "./etc/mdadm/mdadm.conf",
      "./etc/udev/rules.d/40-kvm-mirror-data-disks.rules",
      "./usr/bin/delpart",
      "HOMEHOST <system>",
      "DEVICE /dev/vda*",
      "AUTO -all",
    ]);
  });
});

describe("the root file system", () => {
  /** Disks as /sys shows them, partitions and labels as blkid does; the answer is what the boot goes on with. */
  function root(
    wanted: string,
    disks: Readonly<Record<string, { readonly serial: string; readonly parts: Readonly<Record<string, string>> }>>,
  ): string {
    machine.ok(
      "umount /sys/block 2>/dev/null; mount -t tmpfs none /sys/block; rm -rf /conf /run/blkid; mkdir /run/blkid",
    );
    for (const [disk, { serial, parts }] of Object.entries(disks)) {
      machine.ok(`mkdir -p /sys/block/${disk} && printf '%s' '${serial}' >/sys/block/${disk}/serial`);
      for (const [part, tag] of Object.entries(parts))
        machine.ok(`mkdir -p /sys/block/${disk}/${part}; echo '${tag}' >/run/blkid/${part}`);
    }
    machine.play("blkid", 'sed -n "s/^$4=//p" "/run/blkid/${5#/dev/}" 2>/dev/null');
    machine.play("sleep", "true");
    machine.ok(`ROOT='${wanted}' sh /etc/initramfs-tools/scripts/local-top/kvm-mirror-root`);
    const found = machine.sh("cat /conf/param.conf").stdout.trim();
    machine.ok("umount /sys/block; rm -f /usr/sbin/blkid /usr/sbin/sleep");
    return found;
  }
  const label = "LABEL=cloudimg-rootfs";

  test("is the one on the OS disk, also where a client's disk has the same label and comes first", () => {
    expect(
      root(label, {
        vda: { serial: "r0", parts: { vda1: label } },
        vdb: { serial: "", parts: { vdb14: "LABEL=UEFI", vdb1: label } },
      }),
    ).toBe("ROOT=/dev/vdb1");
  });

  test("is the one on the OS disk, also where both come from one image", () => {
    const same = "PARTUUID=0fc63daf-01";
    expect(
      root(same, { vda: { serial: "", parts: { vda1: same } }, vdb: { serial: "r0", parts: { vdb1: same } } }),
    ).toBe("ROOT=/dev/vda1");
  });

  test("is left to others where the OS disk has no such thing, or it is named by its device", () => {
    expect(
      root(label, {
        vda: { serial: "", parts: { vda1: "LABEL=other" } },
        vdb: { serial: "r0", parts: { vdb1: label } },
      }),
    ).toBe("");
    expect(root("/dev/vda1", { vda: { serial: "", parts: { vda1: label } } })).toBe("");
  });
});

describe("updates-by-hand.sh", () => {
  test("no upgrade comes by itself, whatever the packages' own files say", () => {
    machine.ok(
      "printf 'APT::Periodic::Update-Package-Lists " +
        `"1";\\nAPT::Periodic::Unattended-Upgrade "1";\\n' ` +
        ">/etc/apt/apt.conf.d/20auto-upgrades",
    );
    for (const _ of ["first", "second"])
      expect(machine.guest("updates-by-hand.sh")).toMatchObject({ status: 0, stderr: "" });
    expect(machine.ok("apt-config shell enable APT::Periodic::Enable upgrade APT::Periodic::Unattended-Upgrade")).toBe(
      "enable='0'\nupgrade='0'",
    );
  });

  test("needrestart leaves the daemons that serve volumes alone, and no others", () => {
    // As needrestart.conf reads the folder, and as needrestart looks a service up.
    const perl = `our %nrconf = (override_rc => {});
      eval do { local(@ARGV, $/) = "/etc/needrestart/conf.d/kvm-mirror.conf"; <> }; die $@ if $@;
      my $rc = $nrconf{override_rc};
      for my $service (@ARGV) { print "$service\\n" if grep { $service =~ /$_/ and !$rc->{$_} } keys %$rc }`;
    const kept = [
      "corosync.service",
      "corosync-qdevice.service",
      "pacemaker.service",
      "tgt.service",
      "drbd.service",
      "kvm-mirror-nbd@main.service",
    ];
    expect(lines(`perl -e '${perl}' ${kept.join(" ")} ssh.service cron.service`)).toEqual(kept);
  });
});
