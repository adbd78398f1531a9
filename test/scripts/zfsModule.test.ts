import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Machine } from "./machine.ts";

let machine: Machine;
beforeAll(async () => {
  machine = await Machine.start();
  // apt installs what it is asked for, unless /run/broken says that nothing is built.
  machine.play(
    "apt-get",
    'words=(); for word; do case $word in -*|*=*) ;; *) words+=("$word") ;; esac; done\n' +
      'echo "${words[*]}" >>/run/asked\n' +
      "[[ ${words[0]} != install || -e /run/broken ]] || touch /run/installed",
  );
  machine.play("modinfo", "[[ -e /run/installed ]]");
  machine.play("apt-cache", 'grep -rqs "main contrib" /etc/apt && echo "zfs-dkms | 2.1.11"; true');
  machine.play("uname", "echo 6.1.0-49-cloud-amd64");
  machine.play("zpool", "exit 0");
});
afterAll(() => machine?.stop());

const mirror = (release: string, sources: string) => {
  machine.ok("rm -rf /run/asked /run/installed /run/broken /etc/apt/sources.list*; mkdir -p /etc/apt/sources.list.d");
  machine.ok("cat >/etc/os-release", release);
  machine.ok("cat >/etc/apt/sources.list.d/debian.sources", sources);
};
const deb822 = "Types: deb\nURIs: mirror+file:///etc/apt/mirrors/debian.list\nSuites: bookworm\nComponents: main\n";
const asked = () => machine.ok("cat /run/asked 2>/dev/null || true");

describe("zfs-module.sh", () => {
  beforeEach(() => mirror('ID=debian\nPRETTY_NAME="Debian GNU/Linux 12"\n', deb822));

  test("on Debian: contrib of the image's own source, the headers of this kernel and of those that come", () => {
    expect(machine.guest("zfs-module.sh")).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(asked()).toBe(
      "update\ninstall linux-headers-6.1.0-49-cloud-amd64 linux-headers-cloud-amd64 zfs-dkms zfsutils-linux",
    );
    expect(machine.ok("cat /etc/apt/sources.list.d/debian.sources")).toBe(
      deb822.trimEnd().replace("main", "main contrib"),
    );
  });

  test("a second time, or in an image that has it: nothing", () => {
    machine.ok("touch /run/installed");
    expect(machine.guest("zfs-module.sh")).toMatchObject({ status: 0 });
    expect([asked(), machine.ok("cat /etc/apt/sources.list.d/debian.sources")]).toEqual(["", deb822.trimEnd()]);
  });

  test("says where to look when no module was built", () => {
    machine.ok("touch /run/broken");
    expect(machine.guest("zfs-module.sh")).toMatchObject({
      status: 1,
      stderr: "zfs-module.sh: no module zfs was built for the kernel 6.1.0-49-cloud-amd64; see /var/lib/dkms/zfs\n",
    });
  });

  test("on Ubuntu: the tools alone, whose module the kernel's package has", () => {
    mirror('ID=ubuntu\nPRETTY_NAME="Ubuntu 24.04"\n', deb822);
    expect(machine.guest("zfs-module.sh")).toMatchObject({ status: 0 });
    expect(asked()).toBe("update\ninstall zfsutils-linux");
    expect(machine.ok("cat /etc/apt/sources.list.d/debian.sources")).toBe(deb822.trimEnd());
  });

  test("elsewhere it says that it knows none, and asks for nothing", () => {
    mirror('ID=rocky\nPRETTY_NAME="Rocky Linux 9"\n', deb822);
    expect(machine.guest("zfs-module.sh")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("Rocky Linux 9 has no ZFS that this knows of; use an image of Debian or Ubuntu"),
    });
    expect(asked()).toBe("");
  });
});
