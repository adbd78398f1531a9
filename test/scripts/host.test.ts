import { resolve } from "node:path";
import { afterAll, beforeEach, beforeAll, describe, expect, test } from "vitest";
import { Machine } from "./machine.ts";

const scripts = resolve(import.meta.dirname, "../../scripts/host");
let machine: Machine;
beforeAll(async () => {
  machine = await Machine.start();
});
afterAll(() => machine?.stop());

const nbd = (target = "vdb", name = "r0", serial = "stack-r0") =>
  `<disk type='network' device='disk'>
  <driver name='qemu' type='raw' cache='none'/>
  <source protocol='nbd' name='${name}'>
    <host name='10.20.0.10' port='10809'/>
  </source>
  <target dev='${target}' bus='virtio'/>
  <serial>${serial}</serial>
</disk>
`;
const iscsi = `<disk type="network" device="disk"><driver name="qemu" type="raw" cache="none"/><source protocol="iscsi" name="iqn.2026-11.net.example:r1/1"><host name="10.20.0.10" port="3260"/></source><target dev="sdb" bus="sata"/><serial>stack-r1</serial></disk>
`;
const domain = `<domain>
  <devices>
    <disk type='file' device='disk'>
      <source file='/os.qcow2'/>
      <target dev='vda' bus='virtio'/>
    </disk>
  </devices>
</domain>
`;
const script = (name: string, args: string, stdin = "") => machine.sh(`bash ${scripts}/${name} ${args}`, stdin);
const attach = (target: string, xml: string, name = "app-1") => script("attach-disk.sh", `${name} ${target}`, xml);
const state = () => JSON.parse(script("client-state.sh", "app-1").stdout).domains[0];
const run = () => machine.ok("cp /run/virsh/app-1/persistent.xml /run/virsh/app-1/live.xml");

beforeEach(() => {
  machine.ok("rm -rf /run/virsh /run/ufw && mkdir -p /run/virsh/app-1 /run/virsh/app-2 /run/ufw && tee /run/virsh/app-1/persistent.xml >/run/virsh/app-2/persistent.xml", domain);
});

describe("attach-disk.sh", () => {
  test("puts a disk into the definition of a domain that is off, once", () => {
    expect(attach("vdb", nbd())).toMatchObject({ status: 0, stderr: "attach-disk.sh: r0 is in the definition of app-1 as vdb\n" });
    expect(attach("vdb", nbd())).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(attach("sdb", iscsi)).toMatchObject({ status: 0 });
    expect(state()).toEqual({
      name: "app-1",
      state: "shut off",
      disks: [
        { target: "vdb", source: "r0", protocol: "nbd" },
        { target: "sdb", source: "iqn.2026-11.net.example:r1/1", protocol: "iscsi" },
      ],
    });
  });

  test("plugs a virtio disk into a running domain and its definition", () => {
    run();
    expect(attach("vdb", nbd())).toMatchObject({ status: 0 });
    expect(machine.ok("cd /run/virsh/app-1; grep -c stack-r0 live.xml persistent.xml")).toBe("live.xml:1\npersistent.xml:1");
  });

  test("goes on after an interruption between the running domain and its definition", () => {
    run();
    machine.ok("cp /run/virsh/app-1/persistent.xml /run/kept");
    attach("vdb", nbd());
    machine.ok("cp /run/kept /run/virsh/app-1/persistent.xml");
    expect(attach("vdb", nbd())).toMatchObject({ status: 0 });
    expect(machine.ok("cd /run/virsh/app-1; grep -c stack-r0 live.xml persistent.xml")).toBe("live.xml:1\npersistent.xml:1");
  });

  test("says that a SATA disk appears at the next start of a running domain", () => {
    run();
    const result = attach("sdb", iscsi);
    expect(result).toMatchObject({ status: 0, stderr: expect.stringContaining("a sata disk cannot be hot-plugged: sdb appears when app-1 is next started") });
    expect(machine.ok("cd /run/virsh/app-1; grep -l stack-r1 *.xml")).toBe("persistent.xml");
  });

  test("names the cause when the export does not answer, and leaves the definition as it was", () => {
    run();
    machine.ok("touch /run/virsh/unreachable");
    expect(attach("vdb", nbd())).toMatchObject({ status: 1, stderr: expect.stringContaining("the export on 10.20.0.10:10809 must be up before") });
    expect(state().disks).toEqual([]);
  });

  test.each([
    ["another disk on the target", () => attach("vdb", nbd("vdb", "r9", "stack-r9")), "has another disk on target vdb"],
    ["the OS disk's target", () => attach("vda", nbd("vda", "r8", "stack-r8")), "has another disk on target vda: one that is no network disk"],
    ["the same volume on another target", () => attach("vdc", nbd("vdc")), "volume r0 (serial stack-r0) is the disk vdb (virtio) of domain app-1 already"],
    ["the same volume in another domain", () => attach("vdb", nbd(), "app-2"), "is the disk vdb (virtio) of domain app-1 already"],
    ["the same volume by the other protocol", () => attach("sdb", iscsi.replace("stack-r1", "stack-r0"), "app-2"), "is the disk vdb (virtio) of domain app-1 already"],
    ["XML for another target", () => attach("vdd", nbd()), "the XML on stdin is for target vdb, not vdd"],
    ["a domain that is not there", () => attach("vdb", nbd(), "app-3"), "this host has no domain app-3"],
    ["no XML", () => attach("vdb", ""), "stdin must hold the XML of one network disk"],
  ])("refuses %s", (_, attempt, words) => {
    attach("vdb", nbd());
    const before = machine.ok("cat /run/virsh/*/*.xml");
    expect(attempt()).toMatchObject({ status: 3, stderr: expect.stringContaining(words) });
    expect(machine.ok("cat /run/virsh/*/*.xml")).toBe(before);
  });
});

describe("detach-disk.sh", () => {
  const detach = (args: string) => script("detach-disk.sh", args);

  test("takes the disk from the running domain and its definition, once", () => {
    attach("vdb", nbd());
    run();
    expect(detach("app-1 vdb r0")).toMatchObject({ status: 0 });
    expect(machine.ok("cat /run/virsh/app-1/live.xml; cat /run/virsh/app-1/persistent.xml")).toBe((domain + domain).trimEnd());
    expect(detach("app-1 vdb r0")).toMatchObject({ status: 0 });
    expect(detach("app-9 vdb r0")).toMatchObject({ status: 0, stderr: expect.stringContaining("there is no domain app-9 here") });
  });

  test.each([
    ["another network disk", "app-1 vdb r1"],
    ["the OS disk", "app-1 vda r0"],
  ])("never detaches %s", (_, args) => {
    attach("vdb", nbd());
    const before = machine.ok("cat /run/virsh/*/*.xml");
    expect(detach(args)).toMatchObject({ status: 3 });
    expect(machine.ok("cat /run/virsh/*/*.xml")).toBe(before);
  });

  test("refuses to unplug a SATA disk from a running domain", () => {
    attach("sdb", iscsi);
    run();
    expect(detach("app-1 sdb iqn.2026-11.net.example:r1/1")).toMatchObject({ status: 3, stderr: expect.stringContaining("its sata disk sdb cannot be unplugged; shut it down first") });
  });

  test("fails, with the definition as it was, when the guest does not release the disk", () => {
    attach("vdb", nbd());
    run();
    machine.ok("touch /run/virsh/app-1/stubborn");
    expect(detach("app-1 vdb r0 2")).toMatchObject({ status: 1, stderr: expect.stringContaining("did not release vdb within 2 s") });
    expect(state().disks).toHaveLength(1);
  });
});

test("client-state.sh tells of a domain that is not there", () => {
  expect(JSON.parse(script("client-state.sh", "app-7").stdout).domains).toEqual([{ name: "app-7", state: "undefined", disks: [] }]);
});

describe("ufw rules", () => {
  const rules = () => machine.ok("cat /run/ufw/rules 2>/dev/null || true");

  test("are added once and only ours are removed", () => {
    machine.ok("touch /run/ufw/active && echo 'ufw allow out 3260/tcp' >/run/ufw/rules");
    expect(script("ufw-allow.sh", "10809 3260")).toMatchObject({ status: 0 });
    expect(script("ufw-allow.sh", "10809 3260")).toMatchObject({ status: 0 });
    expect(rules()).toBe("ufw allow out 3260/tcp\nufw allow out 10809/tcp comment 'kvm-mirror'");
    expect(script("ufw-forget.sh", "10809 3260")).toMatchObject({ status: 0, stderr: expect.stringContaining("the rule for 3260/tcp is not from here and stays") });
    expect(rules()).toBe("ufw allow out 3260/tcp");
  });

  test("nothing is changed where ufw is not active", () => {
    expect(script("ufw-allow.sh", "10809")).toMatchObject({ status: 0, stderr: expect.stringContaining("ufw is not active") });
    expect(rules()).toBe("");
  });
});
