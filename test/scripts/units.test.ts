/** systemd's units of a mirror: it takes every word of them, and what speaks with clients is shut in. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Machine } from "./machine.ts";

const units = resolve(import.meta.dirname, "../../scripts/guest/systemd");
let machine: Machine;
beforeAll(async () => {
  machine = await Machine.start();
  machine.installGuest();
  // The real one: nothing is started here.
  machine.ok("cp -r $GUEST_SCRIPTS/systemd/. /etc/systemd/system/");
});
afterAll(() => machine?.stop());

test.each([
  "kvm-mirror-firewall.service",
  "kvm-mirror-nbd@main.service",
  "kvm-mirror-group@main.service",
  "kvm-mirror-watch-peer.service",
  "kvm-mirror-watch-writes.service",
  "kvm-mirror-drbd-module.service",
  "kvm-mirror-verify.service",
  "kvm-mirror-verify.timer",
  "kvm-mirror-notify.service",
  "kvm-mirror-lvm.service",
  "kvm-mirror-zfs.service",
  "kvm-mirror-scrub.timer",
  "tgt.service",
  "systemd-udevd.service",
])("systemd takes %s", (unit) => {
  expect(machine.sh(`systemd-analyze verify --man=no ${unit}`)).toEqual({ status: 0, stdout: "", stderr: "" });
});

test("systemd would say so of a word that it does not know", () => {
  machine.ok("cd /etc/systemd/system && sed 's/^PrivateTmp=.*/PrivateTmpp=yes/' kvm-mirror-nbd@.service >bad@.service");
  expect(machine.sh("systemd-analyze verify --man=no bad@main.service").stderr).toContain("PrivateTmpp");
});

describe("what clients speak with", () => {
  const servers = [
    ["NBD", "kvm-mirror-nbd@.service", "CAP_SETUID CAP_SETGID CAP_NET_BIND_SERVICE"],
    ["iSCSI", "tgt.service.d/kvm-mirror.conf", "CAP_SYS_RESOURCE CAP_NET_BIND_SERVICE"],
  ] as const;
  const settings = (file: string) =>
    readFileSync(resolve(units, file), "utf8")
      .split("\n")
      .filter((line) => /^[A-Z][A-Za-z]+=/.test(line));

  test.each(servers)("by %s opens DRBD's devices alone, and has the rights that it needs", (_, file, rights) => {
    const lines = settings(file);
    expect(lines.filter((line) => /^Device/.test(line))).toEqual([
      "DevicePolicy=closed",
      // A number holds also while the module is not loaded yet, and a running server gets it with daemon-reload.
      "DeviceAllow=block-147 rw",
      "DeviceAllow=block-drbd rw",
    ]);
    expect(lines).toContain(`CapabilityBoundingSet=${rights}`);
    for (const line of ["NoNewPrivileges=yes", "ProtectSystem=strict", "ProtectHome=yes", "PrivateTmp=yes"])
      expect(lines).toContain(line);
    // Our own scripts in the unit need what the server must not have.
    const ours = lines.filter((line) => line.includes("/usr/local/lib/kvm-mirror/") || line.includes("sysctl"));
    expect(ours.length).toBeGreaterThan(0);
    expect(ours.filter((line) => !/^Exec\w+=\+/.test(line))).toEqual([]);
  });
});

describe("what tells people of trouble", () => {
  const unit = readFileSync(resolve(units, "kvm-mirror-notify.service"), "utf8").split("\n");

  test("comes after everything that clients need", () => {
    for (const line of ["Nice=10", "IOSchedulingClass=idle", "OOMScoreAdjust=900", "MemoryMax=128M", "TasksMax=16"])
      expect(unit).toContain(line);
  });

  test("has no rights, sees no device, and writes nowhere but where it remembers", () => {
    for (const line of ["CapabilityBoundingSet=", "PrivateDevices=yes", "ProtectSystem=strict", "NoNewPrivileges=yes"])
      expect(unit).toContain(line);
    expect(unit.filter((line) => /^(ReadWrite|Runtime)/.test(line))).toEqual([
      "RuntimeDirectory=kvm-mirror/notify",
      "RuntimeDirectoryPreserve=yes",
      "ReadWritePaths=-/var/lib/kvm-mirror",
    ]);
  });
});
