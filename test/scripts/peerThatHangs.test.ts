/** A standby whose disk answers nothing: DRBD's tools wait in its kernel, and the Primary's clients for its answer. */
import { beforeAll, describe, expect, test } from "vitest";
import { guestScript, type Machine } from "./machine.ts";
import { playedPeer } from "./playedPeer.ts";

const peer = playedPeer();
const { alone, mark, state, configure, blankMarks } = peer;
let machine: Machine;
beforeAll(() => {
  machine = peer.machine;
  expect(configure()).toMatchObject({ status: 0 });
});

describe("a disk of the peer that hangs keeps no client waiting", () => {
  /** What still waits in the kernel has whatever was open when it was started. */
  const asked = (command: string, name: string, does: string) => {
    machine.ok(
      `mkdir -p /run/bent; cat >/run/bent/${name}; chmod 755 /run/bent/${name}`,
      `#!/bin/bash\n${does}\nPATH=\${PATH#/run/bent:}; exec ${name} "$@"\n`,
    );
    const began = Date.now();
    const done = machine.sh(`DRBD_RESOURCE=r0 DRBD_PEER=the-peer PATH=/run/bent:$PATH bash ${command}`);
    machine.ok("rm -r /run/bent; pkill -x sleep || true");
    return { ...done, seconds: (Date.now() - began) / 1000 };
  };

  test.each([
    ["does not end", "exec sleep 55"],
    ["ends, and what it started does not", "{ sleep 55 & }; sleep 0.3; exit 20"],
  ])("where drbdadm %s, outdate.sh answers that the disk is not marked", (_, does) => {
    state(alone);
    const done = asked(`${guestScript("outdate.sh")} r0`, "drbdadm", `[[ $1 != outdate ]] || { ${does}; }`);
    expect(done).toMatchObject({ status: 1, stderr: expect.stringMatching(/outdate r0 (failed|does not end)/) });
    expect(done.seconds).toBeLessThan(25);
  });

  test("and where no answer comes at all, the Primary leaves its mark", () => {
    state("WFConnection Primary Unknown UpToDate DUnknown");
    const done = asked(guestScript("fence-peer.sh"), "ssh", "exec sleep 110");
    expect(done).toMatchObject({ status: 5 });
    expect(machine.ok(mark)).not.toBe("");
    blankMarks();
    expect(done.seconds).toBeLessThan(80);
  });
});
