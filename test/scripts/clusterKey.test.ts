/** A cluster at work gets another key for corosync's links: on both members, and only then. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { renderClusterDocument } from "../../src/render/placement/clusterDocument.ts";
import { automaticPlanOf } from "../unit/render/sample.ts";
import { Machine } from "./machine.ts";
import { a, b, playedMirrors } from "./playedMirrors.ts";

const wants = "/etc/systemd/system/multi-user.target.wants";

describe("a member", () => {
  let machine: Machine;
  beforeAll(async () => {
    machine = await Machine.start();
    for (const name of ["corosync", "pacemakerd", "fence_virsh", "crm_mon"]) machine.play(name, "exit 1");
    machine.play("corosync-cfgtool", 'echo "corosync-cfgtool $*" >>/run/units/commands');
  });
  afterAll(() => machine?.stop());
  beforeEach(() => {
    machine.ok(
      `rm -rf /etc/corosync /etc/kvm-mirror /var/lib/kvm-mirror /run/units /run/kvm-mirror ${wants}
      mkdir -p /run/units ${wants} /usr/lib/ocf/resource.d`,
    );
  });

  const configure = (key: string, failover = {}) => {
    const { failover: plan } = automaticPlanOf(failover);
    const [fence] = plan.fences;
    if (!fence) throw new Error("no fencing in the plan");
    const secrets = { corosyncKey: key, fenceKey: "PRIVATE\n", hostKey: "ssh-ed25519 AAAA" };
    const done = machine.guest("cluster-configure.sh", [], renderClusterDocument(plan, fence, secrets));
    expect(done).toMatchObject({ status: 0 });
  };
  const key = (what: string) => machine.guest("cluster-key.sh", [what]);
  const keys = () => machine.ok("cd /etc/corosync; grep -H . authkey*").split("\n");
  const reloads = () => machine.ok("grep -c cfgtool /run/units/commands || true");
  const hash = (text: string) => machine.ok(`echo ${text} | sha256sum | cut -d' ' -f1`);

  it("that is being made has its key at once", () => {
    configure("ONE");
    expect(keys()).toEqual(["authkey:ONE"]);
    expect(key("--seen").stdout).toBe(`${hash("ONE")} in place\n`);
  });

  it("at work goes on with its key, whatever else changes, until both are told", () => {
    configure("ONE");
    configure("TWO", { token: 4000 });
    expect(keys()).toEqual(["authkey:ONE", "authkey.next:TWO"]);
    expect(machine.ok("stat -c %a /etc/corosync/authkey.next")).toBe("400");
    expect(key("--seen").stdout).toBe(`${hash("TWO")} staged\n`);
    expect(reloads()).toBe("1"); // the token's

    expect(key("--take")).toMatchObject({ status: 0, stderr: expect.stringContaining("corosync has a new key") });
    expect(keys()).toEqual(["authkey:TWO"]);
    expect(machine.ok("stat -c %a /etc/corosync/authkey")).toBe("400");
    expect(reloads()).toBe("1");
    expect(key("--take")).toMatchObject({ status: 0, stderr: "" });
    expect(key("--reload")).toMatchObject({ status: 0 });
    expect(reloads()).toBe("2");
  });

  it("forgets a staged key that is no longer wanted", () => {
    configure("ONE");
    configure("TWO");
    configure("ONE");
    expect(keys()).toEqual(["authkey:ONE"]);
  });

  it("refuses to be asked where there is no cluster", () => {
    expect(key("--take")).toMatchObject({ status: 3, stderr: expect.stringContaining("this mirror is in no cluster") });
  });
});

describe("both members", () => {
  const played = playedMirrors();
  beforeAll(() => {
    played.machine.ok(
      "cat >/usr/local/lib/kvm-mirror/cluster-key.sh; chmod 755 /usr/local/lib/kvm-mirror/cluster-key.sh",
      `#!/bin/bash
read -r _ _ address _ <<<"$SSH_CONNECTION"
echo "\${address##*.} $1" >>/run/mirror/calls
[[ $1 != --seen ]] || cat "/run/mirror/$address/seen"
[[ ! -e /run/mirror/$address/fails$1 ]]
`,
    );
  });
  /** Each mirror's key, and what fails there: "1 --take". */
  const change = (one: string, other: string, fails?: string) => {
    played.mirrors("", "");
    for (const [address, seen] of [
      ["127.0.0.1", one],
      ["127.0.0.2", other],
    ])
      played.machine.ok(`echo '${seen}' >/run/mirror/${address}/seen`);
    if (fails) played.machine.ok(`touch /run/mirror/127.0.0.${fails.replace(" ", "/fails")}`);
    const done = played.run("cluster-key.sh", [a, played.hostKey(), b, played.hostKey()]);
    return { ...done, calls: played.calls() };
  };
  const looks = ["1 --seen", "2 --seen"];

  it("take the key, and read it when both have it", () => {
    expect(change("abc staged", "abc staged")).toMatchObject({
      status: 0,
      calls: [...looks, "1 --take", "2 --take", "1 --reload"],
    });
  });

  it("go on from where a run was interrupted", () => {
    expect(change("abc in place", "abc staged")).toMatchObject({
      status: 0,
      calls: expect.arrayContaining(["1 --reload"]),
    });
  });

  it("keep theirs when they would have different ones", () => {
    expect(change("abc staged", "def in place")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("would have different keys for corosync. Nothing is changed"),
      calls: looks,
    });
  });

  it.each([
    ["2 --seen", looks],
    ["1 --take", [...looks, "1 --take"]],
    ["2 --take", [...looks, "1 --take", "2 --take"]],
  ])("read nothing when %s fails", (fails, calls) => {
    const done = change("abc staged", "abc staged", fails);
    expect(done.status).not.toBe(0);
    expect(done.calls).toEqual(calls);
  });
});
