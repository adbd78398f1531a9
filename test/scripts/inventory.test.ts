import { resolve } from "node:path";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { a, b, playedMirrors } from "./playedMirrors.ts";

const played = playedMirrors();
const repository = resolve(import.meta.dirname, "../..");
const document = '{"version":1,"stack":"lab"}';
const there = "/var/lib/kvm-mirror/inventory.json";
const here = "/tmp/state/kvm-mirror/lab/inventory.json";

// The real script, at both addresses: one machine is both mirrors and the operator's.
beforeAll(
  () =>
    void played.machine.ok(
      `ln -sfn ${repository}/scripts/guest/machines/inventory.sh /usr/local/lib/kvm-mirror/inventory.sh`,
    ),
);
beforeEach(() => void played.machine.ok(`rm -rf ${there} /tmp/state`));
const guest = (action: string, stdin = "") => played.machine.guest("inventory.sh", [action], stdin);

describe("inventory.sh", () => {
  test("keeps a document for root alone, and shows it with its date", () => {
    expect(guest("show")).toMatchObject({
      status: 3,
      stdout: "",
      stderr: expect.stringContaining("there is no inventory on this mirror"),
    });
    for (const _ of ["once", "twice"]) expect(guest("keep", document)).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(played.machine.ok(`stat -c %a ${there}`)).toBe("600");
    played.machine.ok(`touch -d '2026-11-26 08:15:00 UTC' ${there}`);
    expect(guest("show")).toEqual({
      status: 0,
      stdout: `${document}\n`,
      stderr: "inventory.sh: left here by `pulumi up` at 2026-11-26 08:15:00 UTC\n",
    });
  });

  test.each(["", document.slice(0, 9), '"04da6b54"'])("keeps what it has when it gets %j", (cut) => {
    expect(guest("keep", document)).toMatchObject({ status: 0 });
    expect(guest("keep", cut)).toMatchObject({ status: 3, stderr: expect.stringContaining("stdin is no JSON object") });
    expect(guest("show").stdout).toBe(`${document}\n`);
  });
});

describe("keep-inventory.sh", () => {
  const keep = (other: string = b) =>
    run(
      "keep-inventory.sh",
      ["lab", a, played.hostKey(), other, played.hostKey()],
      `cat <<'END' |\n${document}\nEND\n`,
    );
  const run = (script: string, args: readonly string[], before: string) =>
    played.run(script, args, `${before} XDG_STATE_HOME=/tmp/state`);

  test("leaves it on the mirrors and on the operator's machine", () => {
    for (const _ of ["once", "twice"]) expect(keep()).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(played.machine.ok(`cat ${there} ${here}; stat -c %a ${here}; ls /tmp/state/kvm-mirror/lab`)).toBe(
      `${document}\n${document}\n600\ninventory.json`,
    );
  });

  test("keeps the operator's copy as it was when a mirror cannot be reached", () => {
    expect(keep()).toMatchObject({ status: 0 });
    played.machine.ok(`echo before >${here}`);
    expect(keep("root@127.0.0.9")).toMatchObject({ status: 255 });
    expect(played.machine.ok(`cat ${here}`)).toBe("before");
  });

  test("is fetched from a mirror with a host key that is given or known, and with no other", () => {
    expect(keep()).toMatchObject({ status: 0 });
    expect(played.run("fetch-inventory.sh", [a, played.hostKey()])).toMatchObject({
      status: 0,
      stdout: `${document}\n`,
      stderr: expect.stringContaining("left here by `pulumi up` at 20"),
    });
    expect(played.run("fetch-inventory.sh", [a])).toMatchObject({ status: 255, stdout: "" });
    expect(played.run("fetch-inventory.sh", [a, played.machine.ok("cut -d' ' -f1,2 /tmp/user.pub")])).toMatchObject({
      status: 255,
      stdout: "",
    });
    played.machine.ok(`echo "127.0.0.1 ${played.hostKey()}" >/root/.ssh/known_hosts`);
    expect(played.run("fetch-inventory.sh", [a])).toMatchObject({ status: 0, stdout: `${document}\n` });
    for (const args of [[], ["127.0.0.1;id"], [a, "key"]])
      expect(played.run("fetch-inventory.sh", args)).toMatchObject({ status: 2 });
  });
});
