import { hostname } from "node:os";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Machine } from "./machine.ts";

let machine: Machine;
let disk: string;

/**
 * Pacemaker and corosync, played: /run/cluster/quorum, peer (crm_mon's `online="…" unclean="…"`) and role (of the exports) are what crm_mon shows. The
 * waiting ends when corosync is told to; the exports start with quorum, once the peer's death is known, unless /run/cluster/stuck is there.
 */
const played = {
  crm_mon: `cd /run/cluster && ! [[ -e silent ]] || exit 1
    printf '<pacemaker-result>\\n <current_dc present="true" with_quorum="%s"/>\\n' "$(<quorum)"
    printf ' <node name="%s" id="1" online="true" standby="false" pending="false" unclean="false" />\\n' "$(uname -n)"
    printf ' <node name="the-peer" id="2" %s />\\n' "$(<peer)"
    printf ' <resource id="exports-main" resource_agent="ocf:kvm-mirror:exports" role="%s" active="true">\\n </resource>\\n' "$(<role)"`,
  crm_attribute: "cat /run/cluster/paused 2>/dev/null || echo false",
  "corosync-cmapctl": `echo "corosync-cmapctl $*" >>/run/cluster/calls; echo true >/run/cluster/quorum`,
  stonith_admin: `echo "stonith_admin $*" >>/run/cluster/calls; cd /run/cluster; echo 'online="false" standby="false" pending="false" unclean="false"' >peer
    if [[ $(<quorum) == true && ! -e stuck ]]; then echo Started >role; fi`,
};
const missed = 'online="false" standby="false" pending="false" unclean="true"';
const member = 'online="true" standby="false" pending="false" unclean="false"';
const calls = () => machine.ok("cat /run/cluster/calls 2>/dev/null || true").split("\n").filter(Boolean);
const cluster = (quorum: boolean, peer: string) => machine.ok(`rm -rf /run/cluster; mkdir -p /run/cluster; cd /run/cluster; echo ${quorum} >quorum; echo '${peer}' >peer; echo Stopped >role`);
const flags = (words: string) => machine.ok(`drbdmeta 0 v08 ${disk} internal set-gi --force A5A5A5A5A5A5A5A4:0000000000000004:0:0:${words} >/dev/null </dev/null`);

beforeAll(async () => {
  machine = await Machine.start();
  for (const [name, script] of Object.entries(played)) machine.ok(`cat >/usr/sbin/${name} && chmod 755 /usr/sbin/${name}`, `#!/bin/bash\n${script}\n`);
  disk = machine.volume("r0", 0);
  machine.ok("mkdir -p /etc/kvm-mirror && echo CLUSTER=kvm-mirror-unit >/etc/kvm-mirror/cluster; drbdadm forget r0");
});
afterAll(() => machine?.stop());

describe("cluster-confirm.sh", () => {
  const confirm = (mirror = "the-peer") => machine.guest("cluster-confirm.sh", [mirror, "1"]);

  test("tells Pacemaker of a death that it waits for, and waits for the groups", () => {
    cluster(true, missed);
    expect(confirm()).toMatchObject({ status: 0, stderr: expect.stringContaining("every group runs on") });
    expect(calls()).toEqual(["stonith_admin --confirm the-peer"]);
  });

  test("fails, and says what runs nowhere, when a group does not start", () => {
    cluster(true, missed);
    machine.ok("touch /run/cluster/stuck");
    expect(confirm()).toMatchObject({ status: 1, stderr: expect.stringContaining("not every group runs after 4 s: main") });
  });

  test.each([
    ["a mirror that is a member", member, "the-peer", "does not wait for the death of the-peer"],
    ["one that is fenced already", missed.replace('unclean="true"', 'unclean="false"'), "the-peer", "does not wait for the death of the-peer"],
    ["one that there is not", missed, "mirror-x", "the cluster knows no mirror mirror-x"],
    ["itself", missed, hostname(), "is this mirror, and it runs"],
  ])("refuses the word about %s", (_, peer, mirror, why) => {
    cluster(true, peer);
    expect(confirm(mirror)).toMatchObject({ status: 3, stderr: expect.stringContaining(why) });
    expect(calls()).toEqual([]);
  });
});

describe("cluster-last-copy.sh", () => {
  const lastCopy = (mirror = "the-peer") => machine.guest("cluster-last-copy.sh", [mirror, "1"]);
  const both = ["corosync-cmapctl -s quorum.cancel_wait_for_all u8 1", "stonith_admin --confirm the-peer"];
  beforeEach(() => {
    cluster(false, missed);
    flags("1:1:0:1:0:0:0");
  });

  test("ends the waiting, tells of the death, and waits for the groups; twice is once", () => {
    expect(lastCopy()).toMatchObject({ status: 0, stderr: expect.stringMatching(/does not wait for the-peer any more[^]*every group runs on/) });
    expect(calls()).toEqual(both);
    expect(lastCopy()).toMatchObject({ status: 0 });
    expect(calls()).toEqual([...both, both[1]]);
  });

  test("goes on where one stopped that did not come to its end", () => {
    machine.ok("touch /run/cluster/stuck");
    expect(lastCopy()).toMatchObject({ status: 1, stderr: expect.stringContaining("not every group runs after 4 s: main") });
    machine.ok("rm /run/cluster/stuck /run/cluster/calls");
    expect(lastCopy()).toMatchObject({ status: 0 });
    expect(calls()).toEqual([both[1]]);
  });

  test.each([
    ["is Inconsistent", "0:0:0:1:0:0:0", "volume r0: this copy is Inconsistent"],
    ["is Outdated", "1:0:0:1:0:0:0", "volume r0: this copy is Outdated: the-peer took writes that are missing here"],
  ])("refuses a copy that %s by its own metadata", (_, words, why) => {
    flags(words);
    expect(lastCopy()).toMatchObject({ status: 3, stderr: expect.stringContaining(why) });
    expect(calls()).toEqual([]);
  });

  test.each([
    ["the cluster sees the mirror", `echo '${member}' >/run/cluster/peer`, "the cluster sees the-peer: it is not lost"],
    ["the cluster is paused", "echo true >/run/cluster/paused", "the cluster is paused"],
    ["Pacemaker says nothing", "touch /run/cluster/silent", "Pacemaker does not answer on this mirror"],
  ])("refuses while %s", (_, how, why) => {
    machine.ok(how);
    expect(lastCopy()).toMatchObject({ status: 3, stderr: expect.stringContaining(why) });
    expect(calls()).toEqual([]);
  });

  test("refuses the word about itself, and about a mirror that there is not", () => {
    expect(lastCopy(hostname())).toMatchObject({ status: 3, stderr: expect.stringContaining("is this mirror, and it runs") });
    expect(lastCopy("mirror-x")).toMatchObject({ status: 3, stderr: expect.stringContaining("the cluster knows no mirror mirror-x") });
    expect(calls()).toEqual([]);
  });
});
