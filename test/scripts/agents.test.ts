import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exportsOf } from "../../src/plan/exports/exports.ts";
import { renderGroupDocument } from "../../src/render/placement/groupDocument.ts";
import { groupOf, planOf } from "../unit/render/sample.ts";
import { Machine } from "./machine.ts";

// The sample's group (r0 by NBD, r1 by NBD and iSCSI) on this machine's own storage0.
const plan = planOf();
const vip = exportsOf(groupOf(plan)).vip;
let machine: Machine;
const run = (name: string, action: string, group: string) =>
  machine.sh(`OCF_RESKEY_group=${group} bash $GUEST_SCRIPTS/ocf/${name} ${action}`);
const agent = (action: string, group = "main") => run("exports", action, group);
const vipAgent = (action: string, group = "main") => run("vip", action, group);
const both = (state: string) => machine.ok(`drbdadm state r0 ${state} && drbdadm state r1 ${state}`);
const listeners = () => machine.ok(`ss -Hltn src ${vip} | awk '{ print $4 }' | sort`).split("\n").filter(Boolean);
/** Without volumes: NBD listens, where nobody reaches it without the VIP; tgtd has neither portal nor target. */
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

const cluster = "CLUSTER=kvm-mirror-unit\nPEER=mirror-b";
/** What an NBD client hears first; "nothing" when that is not within the given time. */
const greeting = (seconds: number) =>
  machine.ok(`python3 -c '
import socket
s = socket.create_connection(("${vip}", 10809), 5)
s.settimeout(${seconds})
try: print(s.recv(8).decode() or "closed")
except TimeoutError: print("nothing")'`);

describe.each(["exports", "vip"])("ocf:kvm-mirror:%s", (name) => {
  test("describes itself", () => {
    const { status, stdout } = run(name, "meta-data", "");
    expect(status).toBe(0);
    expect(stdout).toContain('<parameter name="group" unique="1" required="1">');
    expect(
      machine.sh(
        "xmllint --noout - 2>/dev/null || python3 -c 'import sys, xml.etree.ElementTree as t; t.parse(sys.stdin)'",
        stdout,
      ).status,
    ).toBe(0);
  });

  test("says what it does not know", () => {
    expect(run(name, "monitor", "")).toMatchObject({ status: 2 });
    expect(run(name, "monitor", "../etc")).toMatchObject({ status: 2 });
    expect(run(name, "reload", "main")).toMatchObject({ status: 3 });
    // A mirror without the group's files: nothing runs, nothing can be started.
    expect(["monitor", "stop", "start"].map((action) => run(name, action, "other").status)).toEqual([7, 0, 6]);
  });

  test("is not running before it is started, and stopping it is no failure", () => {
    expect(run(name, "monitor", "main")).toEqual({ status: 7, stdout: "", stderr: "" });
    expect(run(name, "stop", "main")).toMatchObject({ status: 0 });
  });
});

describe("VIP and exports of a group", () => {
  test("clients wait at the VIP while the volumes are not Primary, and open none", () => {
    expect(vipAgent("start")).toMatchObject({
      status: 0,
      stderr: expect.stringContaining(`the VIP ${vip} of group main is here`),
    });
    expect(vipAgent("start")).toMatchObject({ status: 0 });
    expect([vipAgent("monitor").status, agent("monitor").status]).toEqual([0, 7]);
    expect([hasVip(), listeners(), greeting(1)]).toEqual([true, ready, "nothing"]);
  });

  test("clients that wait are disconnected when the VIP goes, and the next ones wait again", () => {
    expect(vipAgent("stop")).toMatchObject({ status: 0 });
    expect(vipAgent("stop")).toMatchObject({ status: 0 });
    expect([hasVip(), listeners(), vipAgent("monitor").status]).toEqual([false, ready, 7]);
    expect(vipAgent("start")).toMatchObject({ status: 0 });
    expect(greeting(1)).toBe("nothing");
  });

  test("does not serve volumes that are not Primary here", () => {
    expect(agent("start")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("volume r0 is not Primary here"),
    });
    expect([listeners(), greeting(1), agent("monitor").status]).toEqual([ready, "nothing", 7]);
  });

  test("serves who waits there, and twice is once", () => {
    both("Connected Primary Secondary UpToDate UpToDate");
    expect(agent("start")).toMatchObject({ status: 0 });
    expect(agent("start")).toMatchObject({ status: 0 });
    expect(agent("monitor")).toEqual({ status: 0, stdout: "", stderr: "" });
    expect([greeting(20), listeners()]).toEqual(["NBDMAGIC", [`${vip}:10809`, `${vip}:3260`]]);
    // Started once more beside exports that are served, the VIP holds nobody up.
    machine.ok(`ip addr del ${vip}/24 dev storage0`);
    expect(vipAgent("monitor").status).toBe(7);
    expect(vipAgent("start")).toMatchObject({ status: 0 });
    expect([greeting(20), agent("monitor").status]).toEqual(["NBDMAGIC", 0]);
    // Nothing preloads what clients may have written to.
    expect(machine.ok("ls /var/lib/kvm-mirror/*.exported")).toBe(
      "/var/lib/kvm-mirror/r0.exported\n/var/lib/kvm-mirror/r1.exported",
    );
  });

  test("half of it is a failure", () => {
    machine.ok("systemctl stop kvm-mirror-nbd@main.service");
    expect(agent("monitor")).toMatchObject({ status: 1, stderr: expect.stringContaining("not every server listens") });
    expect(agent("start")).toMatchObject({ status: 0 });
    machine.ok("kill -STOP $(cat /run/kvm-mirror-nbd-main.pid)");
    expect(agent("monitor")).toMatchObject({ status: 1, stderr: expect.stringContaining("its NBD server is stopped") });
    expect(agent("start")).toMatchObject({ status: 0 });
    machine.ok(`ip addr del ${vip}/24 dev storage0`);
    expect(agent("monitor")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(`the VIP ${vip} is not here`),
    });
    expect(agent("start")).toMatchObject({ status: 0 });
    expect(agent("monitor").status).toBe(0);
  });

  test("stop, exports first, ready for the next start, and can be stopped again", () => {
    expect(agent("stop")).toMatchObject({ status: 0 });
    expect([hasVip(), listeners(), agent("monitor").status]).toEqual([true, [], 7]);
    expect(agent("stop")).toMatchObject({ status: 0 });
    expect(vipAgent("stop")).toMatchObject({ status: 0 });
    expect([hasVip(), listeners(), vipAgent("monitor").status]).toEqual([false, ready, 7]);
  });

  test("exports clean up after a start that was cut short", () => {
    machine.ok(
      "sysctl -q -w net.ipv4.ip_nonlocal_bind=1; touch " +
        "/run/kvm-mirror/active/main; systemctl start " +
        "kvm-mirror-nbd@main.service",
    );
    expect(agent("monitor")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(`the VIP ${vip} is not here`),
    });
    expect(agent("stop")).toMatchObject({ status: 0 });
    expect([listeners(), agent("monitor").status]).toEqual([[], 7]);
  });
});

describe("clients of a group in a cluster", () => {
  test("are told to the peer, once, while they are connected", () => {
    machine.ok(`mkdir -p /run/played && echo '${cluster}' >/etc/kvm-mirror/cluster`);
    both("Connected Primary Secondary UpToDate UpToDate");
    expect([vipAgent("start").status, agent("start").status]).toEqual([0, 0]);
    machine.ok(`python3 -c '
import socket, time
s = socket.create_connection(("${vip}", 10809), 5)
open("/run/played/socket", "w").write("%s:%d" % s.getsockname())
s.recv(8)
time.sleep(60)' >/dev/null 2>&1 </dev/null & echo $! >/run/played/client
for i in $(seq 50); do [ -s /run/played/socket ] && break
sleep 0.1; done`);
    const updates = () => Number(machine.ok("wc -l </run/attributes/updates"));
    expect(agent("monitor").status).toBe(0);
    expect(machine.ok("cat /run/attributes/kvm-mirror-clients-main.mirror-b")).toBe(
      `${vip}:10809-${machine.ok("cat /run/played/socket")}`,
    );
    const before = updates();
    expect(agent("monitor").status).toBe(0);
    expect(updates()).toBe(before);
    // A cluster that takes no list is no reason to call the exports failed.
    machine.ok("touch /run/attributes/silent");
    expect(agent("monitor")).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("the cluster did not take the list of clients"),
    });
    machine.ok("rm /run/attributes/silent");
    // The peer's list is forgotten when the peer leaves the cluster.
    machine.ok("rm /run/attributes/kvm-mirror-clients-main.mirror-b");
    expect(agent("monitor").status).toBe(0);
    expect(
      machine.ok("cat /run/attributes/kvm-mirror-clients-main.mirror-b; kill $(cat /run/played/client)"),
    ).toContain(`${vip}:10809-`);
    expect([agent("stop").status, vipAgent("stop").status]).toEqual([0, 0]);
  });

  test(
    "of the other mirror lose their old connections: by NBD when the VIP comes up, by iSCSI when the portal is " +
      "open",
    () => {
      machine.ok(
        `printf '${vip}:10809-10.20.0.2:50001,${vip}:10809-10.20.0.3:50002,${vip}:3260-10.20.0.2:50003' ` +
          ">/run/attributes/kvm-mirror-clients-main.$(uname -n); rm -f /run/tickled",
      );
      expect(vipAgent("start").status).toBe(0);
      // Each three times: the announcement of the VIP may come later than the first.
      const tickled = (lines: number) =>
        machine.ok(
          `for i in $(seq 300); do [ $(wc -l </run/tickled) -ge ${lines} ] && break; sleep 0.1; done; ` +
            "cat /run/tickled; rm -f /run/tickled",
        );
      const byNbd = [`${vip}:10809 10.20.0.2:50001`, `${vip}:10809 10.20.0.3:50002`];
      expect(tickled(6).split("\n")).toEqual([...byNbd, ...byNbd, ...byNbd]);
      expect(agent("start").status).toBe(0);
      expect(tickled(3).split("\n")).toEqual(Array(3).fill(`${vip}:3260 10.20.0.2:50003`));
      expect([agent("stop").status, vipAgent("stop").status]).toEqual([0, 0]);
      machine.ok("rm /etc/kvm-mirror/cluster");
    },
  );
});

describe("a mirror whose groups Pacemaker decides about", () => {
  test.each(["group-start.sh", "group-stop.sh"])("refuses %s", (script) => {
    machine.ok("echo CLUSTER=kvm-mirror-unit >/etc/kvm-mirror/cluster");
    expect(machine.guest(script, ["main"])).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("Pacemaker starts and stops the groups of this mirror"),
    });
    machine.ok("rm /etc/kvm-mirror/cluster");
  });

  test(
    "moves one by hand while the cluster is paused; its servers go on " +
      "listening, and nothing is left to start at boot",
    () => {
      machine.ok(`echo CLUSTER=kvm-mirror-unit >/etc/kvm-mirror/cluster
      rm -f /etc/systemd/system/multi-user.target.wants/*
      printf '#!/bin/sh\\necho true\\n' >/usr/sbin/crm_attribute && chmod 755 /usr/sbin/crm_attribute`);
      both("Connected Secondary Secondary UpToDate UpToDate");
      expect(machine.guest("group-start.sh", ["main"])).toMatchObject({
        status: 0,
        stderr: expect.stringContaining("The cluster is paused; resume it: cluster-resume.sh"),
      });
      expect([agent("monitor").status, vipAgent("monitor").status]).toEqual([0, 0]);
      expect(machine.guest("group-stop.sh", ["main"])).toMatchObject({ status: 0 });
      expect([agent("monitor").status, vipAgent("monitor").status, listeners()]).toEqual([7, 7, ready]);
      expect(machine.ok("ls /etc/systemd/system/multi-user.target.wants; rm /etc/kvm-mirror/cluster")).toBe("");
    },
  );
});
