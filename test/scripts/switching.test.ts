import { resolve } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Machine } from "./machine.ts";

const repository = resolve(import.meta.dirname, "../..");
let machine: Machine;
let hostKey: string;
const [a, b] = ["root@127.0.0.1", "root@127.0.0.2"] as const;

/**
 * One real sshd at two addresses is both mirrors. Their scripts are played: /run/mirror/ADDRESS/does is what group-where.sh answers, a file named after a
 * script there makes it fail, and all calls are recorded in order.
 */
beforeAll(async () => {
  machine = await Machine.start();
  machine.ok(`mkdir -p /root/.ssh /run/sshd /usr/local/lib/kvm-mirror && rm -f /root/.ssh/* && chmod 700 /root/.ssh
    for name in host user; do ssh-keygen -q -t ed25519 -N '' -f /tmp/$name </dev/null; done
    cp /tmp/user /root/.ssh/id_ed25519 && cp /tmp/user.pub /root/.ssh/authorized_keys && usermod -p '*' root
    printf '#!/bin/sh\\n[ "$1" = -n ] && shift\\nexec "$@"\\n' >/usr/local/bin/sudo && chmod 755 /usr/local/bin/sudo
    printf 'HostKey /tmp/host\\nListenAddress 127.0.0.1\\nListenAddress 127.0.0.2\\nPermitRootLogin prohibit-password\\nAuthorizedKeysFile /root/.ssh/authorized_keys\\nStrictModes no\\nPidFile none\\n' >/tmp/sshd_config
    /usr/sbin/sshd -f /tmp/sshd_config -E /tmp/sshd.log
    for i in $(seq 100); do ssh-keyscan -t ed25519 127.0.0.2 2>/dev/null | grep -q ed25519 && break; sleep 0.1; done`);
  machine.ok(
    "cat >/usr/local/lib/kvm-mirror/play && cd /usr/local/lib/kvm-mirror && chmod 755 play && for script in group-where group-start group-stop; do ln -s play $script.sh; done",
    `#!/usr/bin/env bash
set -euo pipefail
read -r _ _ address _ <<<"$SSH_CONNECTION"
here=/run/mirror/$address there=/run/mirror/127.0.0.$((3 - \${address##*.}))
call="\${0##*/} $*"
[[ $call == group-where* ]] || printf '%s %s\\n' "\${address##*.}" "$call" >>/run/mirror/calls
! [[ -e "$here/\${call// /_}" ]] || { echo "played: $call fails" >&2; exit 1; }
case $call in
  group-where*) cat "$here/does" ;;
  group-stop*) echo idle >"$here/does" ;;
  *--take-over)
    echo waiting
    until grep -q idle "$there/does"; do
      status=0
      read -r -t 0.05 _ || status=$?
      ((status == 0 || status > 128)) || { echo "called off" >>/run/mirror/calls; exit 3; }
    done
    ! [[ -e $here/cannot-take ]] || exit 1
    echo serving >"$here/does" ;;
  group-start*) echo serving >"$here/does" ;;
esac
`,
  );
  hostKey = machine.ok("cut -d' ' -f1,2 /tmp/host.pub");
});
afterAll(() => {
  machine?.sh("pkill -f '^/usr/sbin/sshd'");
  machine?.stop();
});

const run = (script: string, args: readonly string[], environment = "") =>
  machine.sh(`cd ${repository}/src && ${environment} bash ../scripts/operator/${script} ${args.map((word) => `'${word}'`).join(" ")}`);
const calls = () => machine.ok("cat /run/mirror/calls 2>/dev/null || true").split("\n").filter(Boolean);
/** What the two mirrors do now; extra: files that make a script fail. */
function mirrors(one: string, other: string, ...extra: string[]): void {
  machine.ok(`rm -rf /run/mirror && mkdir -p /run/mirror/127.0.0.1 /run/mirror/127.0.0.2 && echo ${one} >/run/mirror/127.0.0.1/does && echo ${other} >/run/mirror/127.0.0.2/does`);
  for (const file of extra) machine.ok(`touch '/run/mirror/${file}'`);
}

describe("switch-group.sh", () => {
  const change = () => run("switch-group.sh", ["main", a, hostKey, b, hostKey]);
  test("the other mirror is ready before the first lets go", () => {
    mirrors("serving", "idle");
    expect(change()).toMatchObject({ status: 0, stderr: expect.stringContaining("group main moved from root@127.0.0.1 to root@127.0.0.2") });
    expect(calls()).toEqual(["2 group-start.sh main --take-over", "1 group-stop.sh main"]);
  });

  test("nothing is touched when the other one cannot take it", () => {
    mirrors("serving", "idle", "127.0.0.2/group-start.sh_main_--take-over");
    expect(change()).toMatchObject({ status: 1, stderr: expect.stringContaining("group main stays where it is: root@127.0.0.2 cannot take it") });
    expect(calls()).toEqual(["2 group-start.sh main --take-over"]);
  });

  test("the first serves again when it cannot let go, and the other one is called off", () => {
    mirrors("serving", "idle", "127.0.0.1/group-stop.sh_main");
    expect(change()).toMatchObject({ status: 1, stderr: expect.stringContaining("group main did not leave root@127.0.0.1 (its words are above); it serves there as before") });
    expect(calls()).toEqual(["2 group-start.sh main --take-over", "1 group-stop.sh main", "called off", "1 group-start.sh main"]);
  });

  test("the first serves again when the other one does not take what it let go", () => {
    mirrors("serving", "idle", "127.0.0.2/cannot-take");
    expect(change()).toMatchObject({ status: 1, stderr: expect.stringContaining("root@127.0.0.2 did not take group main (its words are above); root@127.0.0.1 serves it again") });
    expect(calls()).toEqual(["2 group-start.sh main --take-over", "1 group-stop.sh main", "1 group-start.sh main"]);
  });

  test("says so when nobody serves any more", () => {
    mirrors("serving", "idle", "127.0.0.2/cannot-take", "127.0.0.1/group-start.sh_main");
    expect(change()).toMatchObject({ status: 1, stderr: expect.stringContaining("no client can use it now") });
  });
});

describe("place-group.sh", () => {
  const place = (preferred: string, before = "") =>
    run("place-group.sh", ["main", preferred, "one", a, hostKey, "two", b, hostKey], before === "" ? "" : `PULUMI_COMMAND_STDOUT='preferred ${before}'`);
  beforeEach(() => mirrors("idle", "idle"));
  const startedOn = (mirror: 1 | 2) => [`${3 - mirror} group-stop.sh main`, `${mirror} group-start.sh main`];

  test("starts a new group where it is preferred, and remembers that", () => {
    expect(place("one")).toMatchObject({ status: 0, stdout: "preferred one\n" });
    expect(calls()).toEqual(startedOn(1));
  });

  test.each([
    ["runs", "serving"],
    ["ran last", "waiting"],
  ])("leaves a group where it %s", (_, does) => {
    mirrors("idle", does);
    expect(place("one", "one")).toMatchObject({ status: 0, stdout: "preferred one\n", stderr: expect.stringContaining("group main stays on two, where it was moved to") });
    expect(calls()).toEqual(startedOn(2));
  });

  test("switches it when another mirror is preferred than before", () => {
    mirrors("serving", "idle");
    expect(place("two", "one")).toMatchObject({ status: 0, stdout: "preferred two\n" });
    expect(calls()).toEqual([...startedOn(1), "2 group-start.sh main --take-over", "1 group-stop.sh main"]);
    expect(place("two", "two")).toMatchObject({ status: 0 });
    expect(machine.ok("cat /run/mirror/*/does")).toBe("idle\nserving");
  });

  test("a preference that was met already, by an operator, moves nothing", () => {
    mirrors("idle", "serving");
    expect(place("two", "one")).toMatchObject({ status: 0, stdout: "preferred two\n" });
    expect(calls()).toEqual(startedOn(2));
  });

  test("refuses when both serve", () => {
    mirrors("serving", "serving");
    expect(place("one", "one")).toMatchObject({ status: 1, stdout: "", stderr: expect.stringContaining("group main is served by both one and two") });
    expect(calls()).toEqual([]);
  });

  test("starts nothing while a mirror cannot be asked", () => {
    mirrors("serving", "idle", "127.0.0.2/group-where.sh_main");
    expect(place("one", "one")).toMatchObject({ status: 1, stdout: "" });
    expect(calls()).toEqual([]);
  });
});
