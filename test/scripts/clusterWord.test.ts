import { hostname } from "node:os";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Machine } from "./machine.ts";

let machine: Machine;
let disk: string;

const fenced = 'online="false" standby="false" pending="false" unclean="false"';

/**
 * Pacemaker and corosync, played: /run/cluster/quorum, peer (crm_mon's `online="…" unclean="…"`) and role (of the exports) are what crm_mon shows. The
 * waiting ends when corosync is told to. With quorum, once the peer's death is known, volumes come up alone, and so Consistent; the exports are starting at the
 * first look, and started at the next one, when the disks are UpToDate, unless /run/cluster/stuck is there. DRBD's handler, played, allows what the constraint allows.
 */
const played = {
  crm_mon: `cd /run/cluster && ! [[ -e silent ]] || exit 1
    if ! [[ -e stuck ]] && [[ $(<quorum) == true && $(<peer) == *'unclean="false"'* ]] && ! grep -q Consistent $PROC_DRBD; then case $(<role) in Stopped) echo Starting ;; *) echo Started ;; esac >role.new && mv role.new role; fi
    printf '<pacemaker-result>\\n <current_dc present="true" with_quorum="%s"/>\\n' "$(<quorum)"
    printf ' <node name="%s" id="1" online="true" standby="false" pending="false" unclean="false" />\\n' "$(uname -n)"
    printf ' <node name="the-peer" id="2" %s />\\n' "$(<peer)"
    printf ' <resource id="fence-the-peer" resource_agent="stonith:fence_virsh" role="%s" active="true" blocked="false" failed="false">\\n  <node name="%s" id="1" cached="true"/>\\n </resource>\\n' "$(cat fencing 2>/dev/null || echo Started)" "$(uname -n)"
    printf ' <resource id="exports-main" resource_agent="ocf:kvm-mirror:exports" role="%s" active="true" blocked="false" failed="false">\\n' "$(<role)"
    [[ $(<role) == Stopped ]] || printf '  <node name="%s" id="1" cached="true"/>\\n' "$(uname -n)"
    printf ' </resource>\\n'`,
  crm_attribute: "cat /run/cluster/paused 2>/dev/null || echo false",
  cibadmin: `case $1 in --query) cat /run/cluster/constraints 2>/dev/null || true ;; --create) echo "cibadmin --create" >>/run/cluster/calls; echo "\${!#}" >>/run/cluster/constraints ;; esac`,
  "corosync-cmapctl": `echo "corosync-cmapctl $*" >>/run/cluster/calls; echo true >/run/cluster/quorum`,
  stonith_admin: `echo "stonith_admin $*" >>/run/cluster/calls; cd /run/cluster; echo '${fenced}' >peer
    if [[ $(<quorum) == true ]] && ! grep -q ' 0: cs' $PROC_DRBD; then drbdadm state r0 WFConnection Secondary Unknown Consistent DUnknown; fi`,
};
const missed = 'online="false" standby="false" pending="false" unclean="true"';
const member = 'online="true" standby="false" pending="false" unclean="false"';
const constraint = `<rsc_location rsc="drbd-r0-clone" id="drbd-fence-by-handler-r0-drbd-r0-clone"><rule role="Master" score="-INFINITY" id="drbd-fence-by-handler-r0-rule-drbd-r0-clone"><expression attribute="#uname" operation="ne" value="${hostname()}" id="drbd-fence-by-handler-r0-expr-drbd-r0-clone"/></rule></rsc_location>`;
const calls = () => machine.ok("cat /run/cluster/calls 2>/dev/null || true").split("\n").filter(Boolean);
const cluster = (quorum: boolean, peer: string) => machine.ok(`rm -rf /run/cluster; mkdir -p /run/cluster; cd /run/cluster; echo ${quorum} >quorum; echo '${peer}' >peer; echo Stopped >role`);
const flags = (words: string) => machine.ok(`drbdmeta 0 v08 ${disk} internal set-gi --force A5A5A5A5A5A5A5A4:0000000000000004:0:0:${words} >/dev/null </dev/null`);

beforeAll(async () => {
  machine = await Machine.start();
  for (const [name, script] of Object.entries(played)) machine.ok(`cat >/usr/sbin/${name} && chmod 755 /usr/sbin/${name}`, `#!/bin/bash\n${script}\n`);
  disk = machine.volume("r0", 0);
  // As crm-fence-peer.sh: 4 for the constraint that it would have set itself, 5 for a Consistent disk without.
  machine.ok(`cat >/usr/sbin/handler && chmod 755 /usr/sbin/handler && sed -i '1a handlers { fence-peer "/usr/sbin/handler"; }' /etc/drbd.d/r0.res`, `#!/bin/bash\ngrep -qxF '${constraint}' /run/cluster/constraints && exit 4; exit 5\n`);
  machine.ok("mkdir -p /etc/kvm-mirror && echo CLUSTER=kvm-mirror-unit >/etc/kvm-mirror/cluster; drbdadm forget r0");
});
afterAll(() => machine?.stop());

describe("cluster-confirm.sh", () => {
  const confirm = (mirror = "the-peer") => machine.guest("cluster-confirm.sh", [mirror, "1"]);
  beforeEach(() => void machine.ok("drbdadm state r0 WFConnection Secondary Unknown UpToDate DUnknown"));

  test("tells Pacemaker of a death that it waits for, and waits for the groups", () => {
    cluster(true, missed);
    expect(confirm()).toMatchObject({ status: 0, stderr: expect.stringContaining("every group runs on") });
    expect(machine.ok("cat /run/cluster/role")).toBe("Started");
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
  const word = ["corosync-cmapctl -s quorum.cancel_wait_for_all u8 1", "stonith_admin --confirm the-peer", "cibadmin --create"];
  beforeEach(() => {
    cluster(false, missed);
    flags("1:1:0:1:0:0:0");
    machine.ok("drbdadm forget r0; mkdir -p /run/drbd; touch /run/drbd/commands");
  });

  test("ends the waiting, tells of the death, vouches for the disk, and waits for the groups; twice is once", () => {
    expect(lastCopy()).toMatchObject({ status: 0, stderr: expect.stringMatching(/does not wait for the-peer any more[^]*volume r0: this copy counts as UpToDate[^]*every group runs on/) });
    expect(calls()).toEqual(word);
    // Who promotes it to stay is Pacemaker.
    expect(machine.ok("cat /run/drbd/proc")).toContain("ro:Secondary/Unknown ds:UpToDate/Outdated");
    expect(lastCopy()).toMatchObject({ status: 0 });
    expect(calls()).toEqual([...word, word[1]]);
  });

  test("goes on where one stopped that did not come to its end", () => {
    machine.ok("touch /run/cluster/stuck /run/drbd/r0.stuck");
    expect(lastCopy()).toMatchObject({ status: 1, stderr: expect.stringContaining("volume r0 does not become Primary") });
    machine.ok("rm /run/cluster/calls /run/drbd/r0.stuck");
    expect(lastCopy()).toMatchObject({ status: 1, stderr: expect.stringContaining("not every group runs after 4 s: main") });
    machine.ok("rm /run/cluster/stuck");
    expect(lastCopy()).toMatchObject({ status: 0 });
    expect(calls()).toEqual([word[1], word[1]]);
  });

  test("leaves a disk alone that is UpToDate", () => {
    machine.ok("drbdadm state r0 WFConnection Secondary Unknown UpToDate Outdated");
    expect(lastCopy()).toMatchObject({ status: 0 });
    expect(calls()).toEqual(word.slice(0, 2));
  });

  test("does not wait for ever for a volume that Pacemaker does not bring up", () => {
    machine.ok("drbdadm state r0 WFConnection Secondary Unknown Diskless DUnknown");
    expect(lastCopy()).toMatchObject({ status: 1, stderr: expect.stringContaining("Pacemaker has not brought up volume r0 within 1 s") });
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

describe("state.sh", () => {
  const seen = () => (JSON.parse(machine.guest("state.sh").stdout) as { cluster: unknown }).cluster;

  test("tells of members, quorum, groups, and whether fencing is ready", () => {
    cluster(false, missed);
    const nodes = [{ name: hostname(), online: true, standby: false, unclean: false }, { name: "the-peer", online: false, standby: false, unclean: true }];
    const state = { answers: true, quorum: false, paused: false, nodes, groups: [{ name: "main", mirror: null }] };
    expect(seen()).toEqual({ ...state, fences: [{ mirror: "the-peer", ready: true }], qdevice: null });
    machine.ok("echo Stopped >/run/cluster/fencing");
    expect(seen()).toEqual({ ...state, fences: [{ mirror: "the-peer", ready: false }], qdevice: null });
  });

  test.each([["Connected", true], ["Connect failed", false]])("tells of the third vote, where there is one (%s)", (state, there) => {
    machine.ok("mkdir -p /etc/systemd/system/multi-user.target.wants && ln -sfn /lib/systemd/system/corosync-qdevice.service /etc/systemd/system/multi-user.target.wants/; cat >/usr/sbin/corosync-qdevice-tool; chmod 755 /usr/sbin/corosync-qdevice-tool", `#!/bin/bash\nprintf 'Qdevice information\\nState:                  ${state}\\n'\n`);
    expect(seen()).toMatchObject({ qdevice: there });
    machine.ok("rm /etc/systemd/system/multi-user.target.wants/corosync-qdevice.service");
  });

  test("tells that Pacemaker does not answer", () => {
    machine.ok("touch /run/cluster/silent");
    expect(seen()).toEqual({ answers: false, quorum: false, paused: false, nodes: [], groups: [], fences: [], qdevice: null });
  });
});
