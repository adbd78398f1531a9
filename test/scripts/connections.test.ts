/** Connections of the operator's scripts: many at once, shared, and to logins that talk. */
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
  expect(operator("install-tools.sh", [target, hostKey])).toMatchObject({ status: 0 });
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
