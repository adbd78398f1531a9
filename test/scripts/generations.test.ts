/** By DRBD's identifiers it is decided whose data is newer: each volume must get its own. */
import { beforeAll, expect, test } from "vitest";
import type { Machine } from "./machine.ts";
import { playedGroup } from "./playedGroup.ts";

const played = playedGroup();
let machine: Machine;
const words = (current: string) => `${current.repeat(16)}:${"0".repeat(16)}:${"0".repeat(16)}:${"0".repeat(16)}`;

beforeAll(() => {
  machine = played.machine;
  for (const [volume, current] of [
    ["r0", "A"],
    ["r1", "B"],
  ])
    machine.ok(
      `v=${volume}; /usr/sbin/drbdmeta "$(drbdadm sh-minor $v)" v08 "$(drbdadm sh-md-dev $v)" internal ` +
        `set-gi --force ${current!.repeat(16)}:0:0:0:1:1:1:1:0:0:0 </dev/null`,
    );
  played.both("WFConnection Secondary Unknown UpToDate DUnknown");
});

const seen = (): Record<string, string | null> =>
  Object.fromEntries(
    (played.state().volumes as { name: string; generation: string | null }[]).map(({ name, generation }) => [
      name,
      generation,
    ]),
  );
const own = (volume: string) => machine.guest("volume-generation.sh", [volume]).stdout.trimEnd();

test("those that one call says for all are those that each volume has", () => {
  expect(seen()).toEqual({ r0: own("r0"), r1: own("r1") });
  expect([own("r0").startsWith(words("A")), own("r1").startsWith(words("B"))]).toEqual([true, true]);
});

test("the real drbdadm says them in the order in which it is asked", () => {
  const lines = machine.ok("drbdadm get-gi r1 r0 </dev/null").split("\n");
  expect(lines.map((line) => line.slice(0, 16))).toEqual(["B".repeat(16), "A".repeat(16)]);
});

test.each([
  ["fails", "for volume; do /usr/sbin/drbdadm get-gi $volume </dev/null; done; exit 10"],
  ["says one line twice, and not the other", "for i; do /usr/sbin/drbdadm get-gi r1 </dev/null; done; exit 10"],
  ["says one line too many", "for volume in r1 $*; do /usr/sbin/drbdadm get-gi $volume </dev/null; done"],
  ["says one line too few", "/usr/sbin/drbdadm get-gi r1 </dev/null"],
])("each volume is asked by itself where the call for all %s", (_, says) => {
  const before = seen();
  const path = machine.ok("mkdir -p /run/bent && echo /run/bent");
  machine.ok(
    `cat >${path}/drbdadm && chmod 755 ${path}/drbdadm`,
    `#!/bin/bash
    if [ "$1" = get-gi ] && [ $# -gt 2 ]; then shift; ${says}; exit; fi
    exec ${machine.ok("type -P drbdadm")} "$@"\n`,
  );
  const bent = machine.sh(`PATH=${path}:$PATH bash $GUEST_SCRIPTS/machines/state.sh`);
  machine.ok(`rm -r ${path}`);
  const volumes = JSON.parse(bent.stdout).volumes as { name: string; generation: string | null }[];
  expect(Object.fromEntries(volumes.map(({ name, generation }) => [name, generation]))).toEqual(before);
});

test("the other volumes keep theirs where one has none", () => {
  const before = seen();
  machine.ok("dd if=/dev/zero of=$(drbdadm sh-md-dev r0) bs=1M conv=notrunc status=none || true");
  expect(seen()).toEqual({ r0: null, r1: before.r1 });
});

test("nobody waits for a DRBD that answers nothing, because a disk hangs; looks add no call to one that waits", () => {
  const path = machine.ok("mkdir -p /run/bent && echo /run/bent");
  machine.ok(
    `cat >${path}/drbdadm && chmod 755 ${path}/drbdadm`,
    `#!/bin/bash
    if [ "$1" = get-gi ]; then echo asked >>/run/asked; read -t 60 <> <(:); exit 1; fi
    exec ${machine.ok("type -P drbdadm")} "$@"\n`,
  );
  const look = () => {
    const began = Date.now();
    const done = machine.sh(`PATH=${path}:$PATH bash $GUEST_SCRIPTS/machines/state.sh`);
    // Neither does whoever asked wait: what is left holds nothing of ours open.
    expect(Date.now() - began).toBeLessThan(40_000);
    const said = JSON.parse(done.stdout) as { drbdHangs: boolean; volumes: { generation: unknown }[] };
    return [done.status, said.drbdHangs, said.volumes.map(({ generation }) => generation)];
  };
  expect(look()).toEqual([0, true, [null, null]]);
  // What drbdadm leaves is drbdsetup, which nothing can end: played by a parent that waits for its vfork.
  machine.ok(`perl -e '$0 = "drbdsetup"; syscall(58); sleep 120' </dev/null >/dev/null 2>&1 & sleep 9`);
  const waits = machine.ok("grep -lE '^[0-9]+ \\(drbdsetup\\) D ' /proc/[0-9]*/stat").split("/")[2];
  expect([look(), look()]).toEqual([
    [0, true, [null, null]],
    [0, true, [null, null]],
  ]);
  expect(machine.ok("cat /run/asked")).toBe("asked");
  machine.ok(`rm -r ${path}; pkill -x drbdadm || true; kill -9 ${waits}`);
  expect(played.state()).toMatchObject({ drbdHangs: false });
});
