import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { renderGroupDocument } from "../../src/render/groupDocument.ts";
import { groupOf, planOf } from "../unit/render/sample.ts";
import { Machine } from "./machine.ts";

// The sample's group (r0 by NBD, r1 by NBD and iSCSI) on this machine's own storage0.
const plan = planOf();
const vip = groupOf(plan).vip;
let machine: Machine;
const agent = (action: string, group = "main") => machine.sh(`OCF_RESKEY_group=${group} bash $GUEST_SCRIPTS/ocf/exports ${action}`);
const both = (state: string) => machine.ok(`drbdadm state r0 ${state} && drbdadm state r1 ${state}`);
const listeners = () => machine.ok(`ss -Hltn src ${vip} | awk '{ print $4 }' | sort`).split("\n").filter(Boolean);
/** After a stop: NBD listens on, where nobody reaches it without the VIP; tgtd has neither portal nor target. */
const ready = [`${vip}:10809`];
const hasVip = () => machine.ok(`ip -4 -o addr show dev storage0 to ${vip}/32`) !== "";

beforeAll(async () => {
  machine = await Machine.start();
  machine.ok("ip link add storage0 type bridge && ip link set storage0 up && ip addr add 10.20.0.11/24 dev storage0");
  machine.volume("r0", 0);
  machine.volume("r1", 1);
  both("Connected Secondary Secondary UpToDate UpToDate");
  const configured = machine.guest("group-configure.sh", ["main"], renderGroupDocument(groupOf(plan), plan.volumes));
  if (configured.status !== 0) throw new Error(configured.stderr);
});
afterAll(() => machine?.stop());

describe("ocf:kvm-mirror:exports", () => {
  test("describes itself", () => {
    const { status, stdout } = agent("meta-data");
    expect(status).toBe(0);
    expect(stdout).toContain('<parameter name="group" unique="1" required="1">');
    expect(machine.sh("xmllint --noout - 2>/dev/null || python3 -c 'import sys, xml.etree.ElementTree as t; t.parse(sys.stdin)'", stdout).status).toBe(0);
  });

  test("says what it does not know", () => {
    expect(agent("monitor", "")).toMatchObject({ status: 2 });
    expect(agent("monitor", "../etc")).toMatchObject({ status: 2 });
    expect(agent("reload")).toMatchObject({ status: 3 });
    // A mirror without the group's files: nothing runs, nothing can be started.
    expect([agent("monitor", "other").status, agent("stop", "other").status, agent("start", "other").status]).toEqual([7, 0, 6]);
  });

  test("is not running before it is started, and stopping it is no failure", () => {
    expect(agent("monitor")).toEqual({ status: 7, stdout: "", stderr: "" });
    expect(agent("stop")).toMatchObject({ status: 0 });
  });

  test("does not serve volumes that are not Primary here", () => {
    expect(agent("start")).toMatchObject({ status: 1, stderr: expect.stringContaining("volume r0 is not Primary here") });
    expect([hasVip(), listeners()]).toEqual([false, ready]);
    expect(agent("monitor").status).toBe(7);
  });

  test("serves, twice is once, and hands over the VIP last", () => {
    both("Connected Primary Secondary UpToDate UpToDate");
    expect(agent("start")).toMatchObject({ status: 0 });
    expect(agent("start")).toMatchObject({ status: 0 });
    expect(agent("monitor")).toEqual({ status: 0, stdout: "", stderr: "" });
    expect([hasVip(), listeners()]).toEqual([true, [`${vip}:10809`, `${vip}:3260`]]);
    // Nothing preloads what clients may have written to.
    expect(machine.ok("ls /var/lib/kvm-mirror/*.exported")).toBe("/var/lib/kvm-mirror/r0.exported\n/var/lib/kvm-mirror/r1.exported");
  });

  test("half of it is a failure", () => {
    machine.ok("systemctl stop kvm-mirror-nbd@main.service");
    expect(agent("monitor")).toMatchObject({ status: 1, stderr: expect.stringContaining("not every server listens") });
    expect(agent("start")).toMatchObject({ status: 0 });
    machine.ok(`ip addr del ${vip}/24 dev storage0`);
    expect(agent("monitor")).toMatchObject({ status: 1, stderr: expect.stringContaining(`the VIP ${vip} is not here`) });
    expect(agent("start")).toMatchObject({ status: 0 });
    expect(agent("monitor").status).toBe(0);
  });

  test("stops, ready for the next start, and can be stopped again", () => {
    expect(agent("stop")).toMatchObject({ status: 0 });
    expect([hasVip(), listeners(), agent("monitor").status]).toEqual([false, ready, 7]);
    expect(agent("stop")).toMatchObject({ status: 0 });
  });

  test("cleans up after a start that was cut short", () => {
    machine.ok("sysctl -q -w net.ipv4.ip_nonlocal_bind=1; touch /run/kvm-mirror/active/main; systemctl start kvm-mirror-nbd@main.service");
    expect(agent("monitor")).toMatchObject({ status: 1, stderr: expect.stringContaining(`the VIP ${vip} is not here`) });
    expect(agent("stop")).toMatchObject({ status: 0 });
    expect([listeners(), agent("monitor").status]).toEqual([ready, 7]);
  });
});

describe("a mirror whose groups Pacemaker decides about", () => {
  test.each(["group-start.sh", "group-stop.sh"])("refuses %s", (script) => {
    machine.ok("echo CLUSTER=kvm-mirror-unit >/etc/kvm-mirror/cluster");
    expect(machine.guest(script, ["main"])).toMatchObject({ status: 3, stderr: expect.stringContaining("Pacemaker starts and stops the groups of this mirror") });
    machine.ok("rm /etc/kvm-mirror/cluster");
  });

  test("moves one by hand while the cluster is paused; its servers go on listening, and nothing is left to start at boot", () => {
    machine.ok(`echo CLUSTER=kvm-mirror-unit >/etc/kvm-mirror/cluster; rm -f /etc/systemd/system/multi-user.target.wants/*
      printf '#!/bin/sh\\necho true\\n' >/usr/sbin/crm_attribute && chmod 755 /usr/sbin/crm_attribute`);
    both("Connected Secondary Secondary UpToDate UpToDate");
    expect(machine.guest("group-start.sh", ["main"])).toMatchObject({ status: 0, stderr: expect.stringContaining("the cluster, which is paused, has to be told") });
    expect([agent("monitor").status, hasVip()]).toEqual([0, true]);
    expect(machine.guest("group-stop.sh", ["main"])).toMatchObject({ status: 0 });
    expect([agent("monitor").status, hasVip(), listeners()]).toEqual([7, false, ready]);
    expect(machine.ok("ls /etc/systemd/system/multi-user.target.wants; rm /etc/kvm-mirror/cluster")).toBe("");
  });
});
