import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nbd } from "./diskSamples.ts";
import { groupDocument, r0ByNbd } from "./groupDocument.ts";
import { Machine } from "./machine.ts";
import { domain } from "./playedHost.ts";
import { shellLine } from "../../plugins/serving/shell.ts";

const repository = resolve(import.meta.dirname, "../..");
let machine: Machine;
let hostKey: string;
let otherKey: string;

/** A real sshd, whose machine is mirror and KVM host in one; sudo is a command that runs its arguments. */
beforeAll(async () => {
  machine = await Machine.start();
  machine.ok(`mkdir -p /etc/ssh /root/.ssh /run/sshd && rm -f /root/.ssh/* && chmod 700 /root/.ssh
    for name in host other user; do ssh-keygen -q -t ed25519 -N '' -f /tmp/$name </dev/null; done
    cp /tmp/user /root/.ssh/id_ed25519 && cp /tmp/user.pub /root/.ssh/authorized_keys
    printf '#!/bin/sh\\n[ "$1" = -n ] && shift\\nexec "$@"\\n' >/usr/local/bin/sudo && chmod 755 /usr/local/bin/sudo
    printf '#!/bin/sh\\necho "$@" >>/run/systemctl\\n' >/usr/local/bin/systemctl && chmod 755 /usr/local/bin/systemctl
    usermod -p '*' root
    printf '%s\\n' 'HostKey /tmp/host' 'ListenAddress 127.0.0.1' 'PermitRootLogin prohibit-password' \\
      'AuthorizedKeysFile /root/.ssh/authorized_keys' 'StrictModes no' >/tmp/sshd_config
    setsid /usr/sbin/sshd -D -e -f /tmp/sshd_config </dev/null >/tmp/sshd.log 2>&1 &
    for i in $(seq 100); do ssh-keyscan -t ed25519 127.0.0.1 2>/dev/null | grep -q ed25519 && exit
    sleep 0.1; done; cat /tmp/sshd.log; exit 1`);
  const key = (name: string) => machine.ok(`cut -d' ' -f1,2 /tmp/${name}.pub`);
  [hostKey, otherKey] = [key("host"), key("other")];
});
afterAll(() => machine?.stop());

const operator = (script: string, args: readonly string[], stdin = "") =>
  machine.sh(`cd ${repository}/src && bash ../scripts/operator/${script} ${shellLine(args)}`, stdin);
const target = "root@127.0.0.1";
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
    ).toBe("755\n644\n755\ndisable --quiet --now nbd-server.service\ndaemon-reload");
    expect(
      machine.ok("readlink /etc/systemd/system/nbd-server.service; ls /etc/systemd/system | grep kvm-mirror"),
    ).toBe(
      "/dev/null\nkvm-mirror-cluster-resume@.service\nkvm-mirror-cluster-resume@.timer\n" +
        "kvm-mirror-drbd-module.service\nkvm-mirror-group@.service\nkvm-mirror-nbd@.service\n" +
        "kvm-mirror-watch-peer.service",
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
    expect(operator("install-tools.sh", [target, hostKey])).toMatchObject({ status: 0 });
    expect(machine.ok("ls -d /usr/local/lib/kvm-mirror*; wc -l </run/systemctl")).toBe(
      `/usr/local/lib/kvm-mirror\n${link}\n2`,
    );
  });

  test(
    "leave cloud-init off from the second boot on, interfaces named by udev, " +
      "and the VIP alone when systemd-networkd restarts",
    () => {
      machine.ok(`for nic in 1:replication0 2:storage0 3:management0; do
        ip link add \${nic#*:} address 52:54:00:00:00:0\${nic%:*} type bridge || exit 1
      done
      mkdir -p /etc/cloud
      printf '%s\\n' '#!/bin/sh' 'echo "$@" >>/run/networkctl' \\
        'echo "  Network File: /run/systemd/network/10-netplan-storage0.network"' >/usr/local/bin/networkctl
      chmod 755 /usr/local/bin/networkctl`);
      for (const _ of ["first", "second"])
        expect(operator("install-tools.sh", [target, hostKey])).toMatchObject({ status: 0, stderr: "" });
      expect(
        machine.ok(
          "cd /etc/systemd/network && cat 10-kvm-mirror-storage0.link " +
            "10-netplan-storage0.network.d/kvm-mirror.conf && ls *.link && grep -c reload /run/networkctl && cat " +
            "/etc/cloud/cloud-init.disabled",
        ),
      ).toMatchInlineSnapshot(`
      "[Match]
      MACAddress=52:54:00:00:00:02

      [Link]
      Name=storage0
      [Network]
      KeepConfiguration=static
      10-kvm-mirror-management0.link
      10-kvm-mirror-replication0.link
      10-kvm-mirror-storage0.link
      1
      The first boot is done; settle-boot.sh of kvm-mirror made this file. To run cloud-init again: remove it, cloud-init clean --logs --reboot."
    `);
      machine.ok("rm -r /etc/cloud /usr/local/bin/networkctl");
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

describe("configure-group.sh", () => {
  const vip = "192.0.2.10";
  const document = (admitted: string) => groupDocument({ group: "main", vip, exports: [r0ByNbd(admitted)] });
  const here = ["192.0.2.21", "kvm-a", "qemu:///system"];
  const there = ["192.0.2.22", "kvm-b", "qemu+ssh://root@127.0.0.9:1/system"];
  const configure = (admitted: string, ...hosts: string[]) =>
    operator(
      "configure-group.sh",
      ["main", "one", target, hostKey, "two", target, hostKey, "-", ...hosts],
      document(admitted),
    );
  const admitted = () => machine.ok("cat /etc/nbd-server/kvm-mirror-main-r0.allow");

  test("gives a volume to another host only when the one that had it has let go, with or without a connection", () => {
    machine.ok(
      "mkdir -p /run/virsh/app-1 && tee /run/virsh/app-1/persistent.xml >/run/virsh/app-1/live.xml",
      domain("app-1").replace("  </devices>", `${nbd().replace("10.20.0.10", vip)}  </devices>`),
    );
    expect(operator("install-tools.sh", [target, hostKey])).toMatchObject({ status: 0 });
    expect(configure("192.0.2.21", ...here, ...there)).toMatchObject({ status: 0 });
    const refused = configure("192.0.2.22", ...here, ...there);
    expect(refused).toMatchObject({
      status: 3,
      stderr: expect.stringMatching(
        /^configure-group.sh: refused: .* kvm-a: on .*, app-1 \(running\) has nbd:\S+\/r0 open as vdb\. Shut that /,
      ),
    });
    expect(admitted()).toBe("192.0.2.21");
    machine.ok("rm /run/virsh/app-1/live.xml");
    expect(configure("192.0.2.22", ...here, ...there)).toMatchObject({ status: 0 });
    expect(admitted()).toBe("192.0.2.22");
  });

  test.each([
    [
      "a host that cannot be asked",
      [...here, ...there],
      "KVM host kvm-b cannot be asked (ssh: connect to host 127.0.0.9 port 1: " +
        "Connection refused). What ran there may still run, and write",
    ],
    [
      "a host that is in the stack file no more",
      here,
      "group main admits 192.0.2.22 to nbd:192.0.2.10:10809/r0, and " +
        "no KVM host in the stack file has this storage address",
    ],
  ])("counts %s as one that uses it", (_, hosts, words) => {
    expect(configure("192.0.2.21", ...hosts)).toMatchObject({ status: 3, stderr: expect.stringContaining(words) });
    expect(admitted()).toBe("192.0.2.22");
    expect(configure("192.0.2.22", ...hosts)).toMatchObject({ status: 0 });
  });
});

describe("many commands at once", () => {
  const sshdWith = (settings: string) =>
    machine.ok(`kill $(cat /run/sshd.pid)
      for i in $(seq 100); do ss -Hltn sport = :22 | grep -q . || break; sleep 0.1; done
      { cat /tmp/sshd_config; echo '${settings}'; } >/tmp/sshd_strict
      setsid /usr/sbin/sshd -D -e -f /tmp/sshd_strict </dev/null >/tmp/sshd.log 2>&1 &
      for i in $(seq 100); do [ -s /run/sshd.pid ] && ss -Hltn sport = :22 | grep -q . && exit
      sleep 0.1; done; exit 1`);
  const logins = () => Number(machine.ok("grep -c 'Accepted publickey' /tmp/sshd.log || true"));
  const twelve = (environment: string, command: string) =>
    machine.sh(
      `cd ${repository}/src && export ${environment} && for n in $(seq 12); do ` +
        `{ ${command}; echo "$n: $?" >&2; } & done; wait`,
    );
  /** The login's own start files may say something as well. */
  const ended = (stderr: string) =>
    stderr
      .split("\n")
      .filter((line) => /^\d+: /.test(line))
      .sort();
  const each = (line: (n: number) => string) => Array.from({ length: 12 }, (_, n) => line(n + 1)).sort();
  const onMirror = `bash ../scripts/operator/on-mirror.sh ${target}`;

  test("share one connection to a mirror, also where its sshd admits hardly anybody at once", () => {
    sshdWith("MaxStartups 2:100:2");
    machine.ok(
      `printf '%s\\n' '#!/usr/bin/env bash' 'echo "ran $1"' ` +
        ">/usr/local/lib/kvm-mirror/echo.sh; chmod 755 " +
        "/usr/local/lib/kvm-mirror/echo.sh",
    );
    const done = twelve("KVM_MIRROR_SHARE=yes", `${onMirror} '${hostKey}' echo.sh $n </dev/null`);
    expect(done.stdout.trim().split("\n").sort()).toEqual(each((n) => `ran ${n}`));
    expect(ended(done.stderr)).toEqual(each((n) => `${n}: 0`));
    // Eight sessions on the first connection, the others on a second one.
    expect(logins()).toBeLessThanOrEqual(2);
  });

  test("and are tried again when they are refused before they began, each with a connection of its own", () => {
    sshdWith("MaxStartups 2:100:2");
    const done = twelve("KVM_MIRROR_SHARE=no", `${onMirror} '${hostKey}' echo.sh $n </dev/null`);
    expect(done.stdout.trim().split("\n").sort()).toEqual(each((n) => `ran ${n}`));
    expect(ended(done.stderr)).toEqual(each((n) => `${n}: 0`));
    expect(logins()).toBe(12);
    expect(machine.ok("grep -cE 'drop connection|beginning MaxStartups' /tmp/sshd.log")).not.toBe("0");
  });

  test("a connection that stands opens nothing to who pins another host key, and holds nobody's output open", () => {
    sshdWith("");
    expect(operator("on-mirror.sh", [target, hostKey, "echo.sh", "1"])).toEqual({
      status: 0,
      stdout: "ran 1\n",
      stderr: "",
    });
    expect(operator("on-mirror.sh", [target, hostKey, "echo.sh", "2"])).toEqual({
      status: 0,
      stdout: "ran 2\n",
      stderr: "",
    });
    expect(operator("on-mirror.sh", [target, otherKey, "echo.sh", "1"])).toMatchObject({ status: 255, stdout: "" });
    // The one of the test before may stand still.
    expect(logins()).toBeLessThanOrEqual(1);
  });

  test("a shared connection whose other end is gone is made anew", () => {
    sshdWith("");
    // The one that listens comes last: it is needed to end in good order.
    machine.ok("kill -KILL $(pgrep -x sshd | grep -vx $(cat /run/sshd.pid)); true");
    expect(operator("on-mirror.sh", [target, hostKey, "echo.sh", "2"])).toEqual({
      status: 0,
      stdout: "ran 2\n",
      stderr: "",
    });
  });
});

describe("a login whose .bashrc talks", () => {
  const talking = (work: () => void) => {
    // Not for the test's own shell.
    machine.ok("cat >/root/.bashrc", "[ -z \"$SSH_CLIENT\" ] || { echo 'Welcome to kvm-a'; printf 'no line end'; }\n");
    try {
      work();
    } finally {
      machine.ok("rm /root/.bashrc");
    }
  };

  test("its words are no part of what a script says", () => {
    talking(() => {
      expect(
        machine.ok(
          "ssh -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR root@127.0.0.1 true",
        ),
      ).toContain("Welcome");
      expect(operator("on-mirror.sh", [target, hostKey, "echo.sh", "1"])).toEqual({
        status: 0,
        stdout: "ran 1\n",
        stderr: "",
      });
      const uri = "qemu+ssh://root@127.0.0.1:22/system?keyfile=/tmp/user&known_hosts=/tmp/known";
      machine.ok(`mkdir -p /run/virsh; echo "127.0.0.1 ${hostKey}" >/tmp/known`);
      expect(operator("on-host.sh", [uri, "attach-disk.sh", "app-1", "vdb"], "<disk/>")).toMatchObject({
        status: 3,
        stdout: "",
      });
      machine.ok(
        "mkdir -p /run/virsh/app-1 && touch /run/virsh/app-1/persistent.xml && ln -sf " +
          `${repository}/test/scripts/machine/virsh /usr/local/bin/virsh`,
      );
      expect(JSON.parse(operator("on-host.sh", [uri, "client-state.sh", "app-1"]).stdout)).toMatchObject({
        domains: [{ name: "app-1", state: "shut off" }],
      });
    });
  });
});
