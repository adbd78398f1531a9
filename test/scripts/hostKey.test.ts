/** A machine that runs gets another SSH host key, over a real sshd. */
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { deriveKeys } from "../../src/plan/secrets.ts";
import { playedOperator, target } from "./playedOperator.ts";

const at = (generation: number) => deriveKeys("a".repeat(64), generation, { project: "p", stack: "s" });
const wanted = at(3).sshHostKey("mirror-a");
const earlier = at(3).earlierHostKeys("mirror-a");
const file = "/etc/ssh/ssh_host_ed25519_key";

const played = playedOperator();

/** The machine shows this host key. */
function shows(privateKey: string): void {
  played.machine.sh(`umask 077; cat >${file}; ssh-keygen -y -P '' -f ${file} >${file}.pub`, privateKey);
  played.machine.ok("systemctl reload ssh.service; sleep 0.3");
}
const readsKeyFrom = (path: string) => played.machine.ok(`sed -i 's!^HostKey .*!HostKey ${path}!' /tmp/sshd_config`);
const shown = (): string => played.machine.ok("ssh-keyscan -t ed25519 127.0.0.1 2>/dev/null | cut -d' ' -f2,3");
const change = (deadline = "20", trusted: readonly string[] = earlier) =>
  played.operator("host-key.sh", [target, wanted.publicKey, deadline, ...trusted], wanted.privateKey);
const left = (): string => played.machine.ok("ls -A /etc/ssh | grep kvm-mirror || true");

beforeAll(() => {
  played.machine.sh(`umask 077; cat >${file}`, at(1).sshHostKey("mirror-a").privateKey);
  played.machine.ok(`sed -i 's!^HostKey .*!HostKey ${file}!' /tmp/sshd_config
    printf '#!/bin/sh\\n[ "$1" != reload ] || pkill -HUP -o -f "sshd.*-f /tmp/sshd_config"\\n' >/usr/local/bin/systemctl
    systemctl reload; sleep 0.5`);
});
beforeEach(() => {
  readsKeyFrom(file);
  shows(at(1).sshHostKey("mirror-a").privateKey);
});

describe("host-key.sh", () => {
  test.each([1, 2])("has a machine of generation %i show its key of generation 3", (generation) => {
    shows(at(generation).sshHostKey("mirror-a").privateKey);
    expect(change()).toMatchObject({
      status: 0,
      stderr: `host-key.sh: ${target} shows its new host key\n`,
    });
    expect(shown()).toBe(wanted.publicKey);
    expect(played.machine.ok(`stat -c %a ${file} ${file}.pub; cut -d' ' -f1,2 ${file}.pub`).split("\n")).toEqual([
      "600",
      "644",
      wanted.publicKey,
    ]);
    expect(change()).toMatchObject({ status: 0, stderr: "" });
    expect(left()).toBe("");
  });

  test("leaves a machine alone whose key is of no generation of this secret", () => {
    const stranger = deriveKeys("b".repeat(64), 1, { project: "p", stack: "s" }).sshHostKey("mirror-a");
    shows(stranger.privateKey);
    expect(change()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(
        "shows neither its host key nor an earlier one. Another machine has this address",
      ),
    });
    expect(shown()).toBe(stranger.publicKey);
  });

  test("brings the earlier key back where sshd does not show the new one", () => {
    played.machine.ok(`cp ${file} /tmp/elsewhere`);
    readsKeyFrom("/tmp/elsewhere");
    played.machine.ok("systemctl reload ssh.service; sleep 0.3");
    expect(change()).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(
        /nobody has logged in with the new host key; the one before is back\n[^]*did not take its new host key/,
      ),
    });
    expect(played.machine.ok(`cut -d' ' -f1,2 ${file}.pub`)).toBe(at(1).sshHostKey("mirror-a").publicKey);
    expect(left()).toBe("");
  });

  test("takes no damaged key", () => {
    const done = played.operator("host-key.sh", [target, wanted.publicKey, "20", ...earlier], "no key\n");
    expect(done).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("ssh-keygen does not take the new host key; the host key stays as it is"),
    });
    expect(shown()).toBe(at(1).sshHostKey("mirror-a").publicKey);
  });

  test("gives up at its deadline where nobody answers", () => {
    const done = played.operator("host-key.sh", ["root@127.0.0.9", wanted.publicKey, "1", ...earlier], "");
    expect(done).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("root@127.0.0.9 does not answer after 1 s"),
    });
  });

  test("says nothing of the key", () => {
    const said = JSON.stringify([change(), change()]);
    expect(said).not.toContain("PRIVATE KEY");
    expect(said).not.toContain(wanted.privateKey.split("\n")[1]);
  });
});
