import { beforeAll, describe, expect, test } from "vitest";
import type { Machine } from "./machine.ts";
import { playedOperator, repository, target } from "./playedOperator.ts";

const played = playedOperator();
const { operator } = played;
let machine: Machine;
let hostKey: string;
let otherKey: string;
beforeAll(() => {
  machine = played.machine;
  hostKey = played.hostKey;
  otherKey = played.otherKey;
});

const awkward = ["two words", "it's", '"$HOME" `id` $(id)', "a;b&c|d>e", "*", ""];

describe("install-tools.sh and on-mirror.sh", () => {
  test("install by one switch, and nothing the second time", () => {
    expect(operator("install-tools.sh", [target, hostKey])).toMatchObject({ status: 0 });
    const link = machine.ok("readlink /usr/local/lib/kvm-mirror");
    expect(link).toMatch(/^\/usr\/local\/lib\/kvm-mirror-[0-9a-f]{16}$/);
    expect(
      machine.ok(
        "cd /usr/local/lib/kvm-mirror && for room in */; do diff -r $room $GUEST_SCRIPTS/$room; done && stat -Lc %a " +
          "group-start.sh lib/base.sh . && cat /run/systemctl",
      ),
    ).toBe(
      "755\n644\n755\nrestart systemd-journald.service\ndisable --quiet --now nbd-server.service\ndaemon-reload\n" +
        "start kvm-mirror-watch-writes.service",
    );
    expect(
      machine.ok("readlink /etc/systemd/system/nbd-server.service; ls /etc/systemd/system | grep kvm-mirror"),
    ).toBe(
      "/dev/null\nkvm-mirror-cluster-resume@.service\nkvm-mirror-cluster-resume@.timer\n" +
        "kvm-mirror-drbd-module.service\nkvm-mirror-firewall.service\nkvm-mirror-group@.service\n" +
        "kvm-mirror-lvm.service\nkvm-mirror-metrics.service\nkvm-mirror-metrics.timer\nkvm-mirror-nbd@.service\n" +
        "kvm-mirror-notify.service\nkvm-mirror-scrub.service\nkvm-mirror-scrub.timer\n" +
        "kvm-mirror-verify.service\nkvm-mirror-verify.timer\n" +
        "kvm-mirror-watch-peer.service\nkvm-mirror-watch-writes.service\nkvm-mirror-zfs.service",
    );
    // Everybody calls a script by its name alone, whichever room it is in: units, DRBD's handler, older operators.
    expect(machine.ok("cd /usr/local/lib/kvm-mirror && for name in *.sh; do readlink $name; done").split("\n")).toEqual(
      machine.ok("cd $GUEST_SCRIPTS && ls [!l]*/*.sh | sort -t / -k 2").split("\n"),
    );
    expect(machine.sh("/usr/local/lib/kvm-mirror/group-where.sh main")).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("group-where.sh: refused: there is no group main on this mirror"),
    });
    // A mirror that is older than these is made blind to its data disks, and upgrades nothing by itself any more.
    expect(
      machine.sh("ls /etc/udev/rules.d/40-kvm-mirror-data-disks.rules /etc/apt/apt.conf.d/99zz-kvm-mirror-updates")
        .status,
    ).toBe(0);
    // And its journal outlives a reboot.
    expect(machine.ok("cat /etc/systemd/journald.conf.d/50-kvm-mirror.conf")).toContain("\nStorage=persistent\n");
    expect(operator("install-tools.sh", [target, hostKey])).toMatchObject({ status: 0 });
    expect(machine.ok("ls -d /usr/local/lib/kvm-mirror*; wc -l </run/systemctl")).toBe(
      `/usr/local/lib/kvm-mirror\n${link}\n5`,
    );
  });

  test(
    "leave cloud-init off from the second boot on, interfaces named by udev, " +
      "the VIP alone when systemd-networkd restarts, and addresses where they are without a carrier",
    () => {
      machine.ok(`for nic in 1:replication0 2:storage0 3:management0; do
        ip link add \${nic#*:} address 52:54:00:00:00:0\${nic%:*} type bridge || exit 1
      done
      mkdir -p /etc/cloud
      printf '%s\\n' '#!/bin/sh' 'echo "$@" >>/run/networkctl' \\
        '[ "$2" != status ] || echo "  Network File: /run/systemd/network/10-netplan-$3.network"' \\
        >/usr/local/bin/networkctl
      chmod 755 /usr/local/bin/networkctl`);
      for (const _ of ["first", "second"])
        expect(operator("install-tools.sh", [target, hostKey])).toMatchObject({ status: 0, stderr: "" });
      expect(
        machine.ok(
          "cd /etc/systemd/network && cat 10-kvm-mirror-storage0.link " +
            "10-netplan-storage0.network.d/kvm-mirror.conf && ls *.link *.d && grep -c reload /run/networkctl && cat " +
            "/etc/cloud/cloud-init.disabled",
        ),
      ).toMatchInlineSnapshot(`
        "[Match]
        MACAddress=52:54:00:00:00:02

        [Link]
        Name=storage0
        [Link]
        RequiredForOnline=no-carrier
        [Network]
        ConfigureWithoutCarrier=yes
        IgnoreCarrierLoss=yes
        KeepConfiguration=static
        10-kvm-mirror-management0.link
        10-kvm-mirror-replication0.link
        10-kvm-mirror-storage0.link

        10-netplan-management0.network.d:
        kvm-mirror.conf

        10-netplan-replication0.network.d:
        kvm-mirror.conf

        10-netplan-storage0.network.d:
        kvm-mirror.conf
        1
        The first boot is done; settle-boot.sh of kvm-mirror made this file. To run cloud-init again: remove it, cloud-init clean --logs --reboot."
      `);
      // With volumes, which a reload would part for a moment, they are for the next boot.
      const older = "/etc/systemd/network/10-netplan-storage0.network.d/kvm-mirror.conf";
      machine.ok(`echo '[Network]' >${older}; mkdir -p /etc/drbd.d; touch /etc/drbd.d/r0.res`);
      expect(operator("install-tools.sh", [target, hostKey])).toMatchObject({ status: 0, stderr: "" });
      expect(machine.ok(`grep -c ConfigureWithoutCarrier ${older}; grep -c reload /run/networkctl`)).toBe("1\n1");
      machine.ok("rm -r /etc/cloud /usr/local/bin/networkctl /etc/drbd.d/r0.res");
    },
  );

  test("need the interfaces that cloud-init names", () => {
    machine.ok("mkdir -p /etc/cloud; ip link del storage0");
    const failed = operator("install-tools.sh", [target, hostKey]);
    machine.ok("rmdir /etc/cloud");
    expect(failed).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("there is no network interface storage0 on this mirror"),
    });
  });

  test("say what is missing on a mirror whose first boot did not reach the packages", () => {
    machine.ok("mv /usr/sbin/tgtd /usr/sbin/tgtd.away");
    const failed = operator("install-tools.sh", [target, hostKey]);
    machine.ok("mv /usr/sbin/tgtd.away /usr/sbin/tgtd");
    expect(failed).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/missing on .*: tgtd - cloud-init did not install/),
    });
  });

  test("clear up after an interrupted installation and keep the version before", () => {
    machine.ok(
      "cd /usr/local/lib && cp -a kvm-mirror-* kvm-mirror-0000000000000000 && ln -sfn " +
        "/usr/local/lib/kvm-mirror-0000000000000000 kvm-mirror && mkdir kvm-mirror.new.cut " +
        "kvm-mirror-1111111111111111",
    );
    expect(operator("install-tools.sh", [target, hostKey])).toMatchObject({ status: 0 });
    expect(machine.ok("cd /usr/local/lib && ls -d kvm-mirror*").split("\n")).toEqual([
      "kvm-mirror",
      "kvm-mirror-0000000000000000",
      expect.stringMatching(/^kvm-mirror-[0-9a-f]{16}$/),
    ]);
  });

  test("arguments, stdin, stdout and exit codes pass through as they are", () => {
    machine.ok(
      `printf '%s\\n' '#!/usr/bin/env bash' 'cat; printf "[%s]" "$@"; echo oops >&2; exit 7' ` +
        ">/usr/local/lib/kvm-mirror/echo.sh; chmod 755 /usr/local/lib/kvm-mirror/echo.sh",
    );
    expect(operator("on-mirror.sh", [target, hostKey, "echo.sh", ...awkward], "line 1\nline 2\n")).toEqual({
      status: 7,
      stdout: `line 1\nline 2\n${awkward.map((word) => `[${word}]`).join("")}`,
      stderr: "oops\n",
    });
  });

  test("a mirror that stands still is given up after the silence that is allowed, not one that is slow", () => {
    machine.ok(`printf '%s\\n' '#!/usr/bin/env bash' 'sleep 8; echo slow' >/usr/local/lib/kvm-mirror/slow.sh
      printf '%s\\n' '#!/usr/bin/env bash' \\
        'at=$PPID; until [[ $(</proc/$at/comm) == sshd* ]]; do read -r _ _ _ at _ </proc/$at/stat; done' \\
        'kill -STOP "$at"; echo "$at" >/run/stopped; sleep 60' >/usr/local/lib/kvm-mirror/still.sh
      chmod 755 /usr/local/lib/kvm-mirror/slow.sh /usr/local/lib/kvm-mirror/still.sh`);
    const ask = (script: string) =>
      machine.sh(
        `KVM_MIRROR_SILENCE=6 bash ${repository}/scripts/operator/on-mirror.sh ${target} '${hostKey}' ${script}`,
      );
    expect(ask("slow.sh")).toMatchObject({ status: 0, stdout: "slow\n" });
    const still = ask("still.sh");
    machine.ok("kill -KILL $(cat /run/stopped)");
    expect(still).toMatchObject({ status: 255, stdout: "" });
  });

  test("another host key than the pinned one is refused, and nothing is remembered", () => {
    expect(operator("on-mirror.sh", [target, otherKey, "echo.sh"])).toMatchObject({ status: 255, stdout: "" });
    expect(machine.ok("ls /root/.ssh")).toBe("authorized_keys\nid_ed25519");
  });

  test.each([
    ["no such user@address", ["127.0.0.1;id", "KEY", "echo.sh"]],
    ["a key of another kind", [target, "ssh-rsa AAAA", "echo.sh"]],
    ["a path instead of a script's name", [target, "KEY", "../echo.sh"]],
  ])("usage: %s", (_, args) => {
    expect(
      operator(
        "on-mirror.sh",
        args.map((word) => (word === "KEY" ? hostKey : word)),
      ),
    ).toMatchObject({ status: 2, stderr: expect.stringContaining("on-mirror.sh TARGET HOSTKEY SCRIPT") });
  });
});

describe("wait-for-mirror.sh", () => {
  const wait = (deadline: string, key = hostKey, to = target) => operator("wait-for-mirror.sh", [to, key, deadline]);
  const result = (errors: string[]) =>
    machine.ok("mkdir -p /run/cloud-init && cat >/run/cloud-init/result.json", JSON.stringify({ v1: { errors } }));

  test("ready when cloud-init has ended without errors", () => {
    result([]);
    expect(wait("20")).toMatchObject({ status: 0, stderr: expect.stringContaining("ready") });
  });

  test("fails with cloud-init's errors", () => {
    result(["('scripts-user', RuntimeError('x'))"]);
    machine.ok("echo 'E: Unable to locate package drbd-utils' >/var/log/cloud-init-output.log");
    const failed = wait("20");
    expect(failed.status).toBe(1);
    expect(failed.stderr).toContain("cloud-init finished with errors");
    expect(failed.stderr).toContain("E: Unable to locate package drbd-utils");
    expect(failed.stderr).toContain("sudo cloud-init clean --logs --reboot; and pulumi up again");
  });

  test("says what was seen last when the deadline passes", () => {
    expect(wait("1", hostKey, "root@127.0.0.9")).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/not ready after 1 s. Seen last:\n.*Connection refused/s),
    });
    // ssh ends its lines with a carriage return.
    expect(wait("1", hostKey, "root@127.0.0.9").stderr).toMatch(
      /waiting for ssh: [^\r\n]*Connection refused \(\d+ s\)\n/,
    );
  });

  test("fails at once on another host key", () => {
    expect(wait("60", otherKey)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("shows another host key than the pinned one"),
    });
  });
});

describe("on-host.sh", () => {
  const uri = "qemu+ssh://root@127.0.0.1:22/system?keyfile=/tmp/user&known_hosts=/tmp/known";
  test("runs a script of scripts/host over ssh, with its stdin, and leaves nothing behind", () => {
    machine.ok(`echo "127.0.0.1 ${hostKey}" >/tmp/known; ls -A /tmp >/run/before`);
    const there = operator("on-host.sh", [uri, "attach-disk.sh", "app-1", "vdb"], "<disk/>");
    expect(there).toMatchObject({
      status: 3,
      stderr: "attach-disk.sh: refused: stdin must hold the XML of one network disk\n",
    });
    expect(machine.ok("ls -A /tmp | diff /run/before - || true")).toBe("");
  });

  test("runs it here for a local URI", () => {
    expect(operator("on-host.sh", ["qemu:///system", "ufw-allow.sh", "kvm-mirror/lab", "10809"])).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("ufw is not active"),
    });
  });

  test.each([
    ["a script that is not there", ["qemu:///system", "nothing.sh"]],
    ["a URI of another kind", ["qemu+tcp://h/system", "ufw-allow.sh"]],
  ])("usage: %s", (_, args) => {
    expect(operator("on-host.sh", args)).toMatchObject({ status: 2 });
  });
});
