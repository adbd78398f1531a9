/** Permits: a client is not started by hand where it is not active, whatever was interrupted. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { playedHost } from "./playedHost.ts";

const host = playedHost();
const uuid = "3b0c9d3e-53a7-5c2f-9d1e-2f6f7f1a0b11";
const file = "/var/lib/kvm-mirror/permits/app-1@kvm-mirror,lab";
const hook = "/etc/libvirt/hooks/qemu.d/kvm-mirror";

const permit = (start: "here" | "elsewhere", more = "", active = start === "here" ? "kvm-a" : "kvm-b") =>
  host.script("permit-client.sh", `${more} kvm-mirror/lab app-1 ${start} ${active} kvm-a machine ${uuid}`);
const start = (domain = "app-1") => host.machine.sh(`LC_ALL=C virsh start ${domain}`);
const hookState = () => host.machine.ok(`cd ${scripts}; export LC_ALL=C; . lib/permits.sh; hook_state`);
const scripts = new URL("../../scripts/host", import.meta.url).pathname;

beforeEach(() => {
  host.machine.ok("rm -rf /var/lib/kvm-mirror/permits /etc/libvirt/hooks /run/kvm-mirror");
  host.startDaemon();
});
afterEach(host.stopDaemon);

test("refuses to start what is active elsewhere, says why and what to type, and starts what may start", () => {
  expect(permit("elsewhere")).toEqual({ status: 0, stdout: "", stderr: "" });
  expect(start()).toEqual({
    status: 1,
    stdout: "",
    stderr: expect.stringContaining(
      "kvm-mirror: refused: client app-1 of stack lab is active on kvm-b, not here on kvm-a: two copies would write " +
        "to its disks. To have it here: kvm-mirror client app-1 --to kvm-a --stack lab. To start it on kvm-b: " +
        "kvm-mirror client app-1 --start --stack lab\n",
    ),
  });
  expect(host.state()).toMatchObject({ state: "shut off", permit: "elsewhere" });
  expect(start("app-2")).toMatchObject({ status: 0 });
  expect(permit("here")).toEqual({ status: 0, stdout: "", stderr: "" });
  expect(host.machine.ok(`cat ${file}`)).toMatchInlineSnapshot(`
    "# Written by kvm-mirror for libvirt's hook /etc/libvirt/hooks/qemu.d/kvm-mirror.
    start here
    active kvm-a
    here kvm-a
    kind machine
    uuid 3b0c9d3e-53a7-5c2f-9d1e-2f6f7f1a0b11"
  `);
  expect(start()).toMatchObject({ status: 0 });
  expect(host.state()).toMatchObject({ state: "running", permit: "here" });
});

test("start-client.sh shows libvirt's words with the hook's sentence", () => {
  permit("elsewhere");
  expect(host.script("start-client.sh", "app-1")).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("is active on kvm-b, not here on kvm-a"),
  });
});

test("a machine of the stack is known by its UUID, too; a domain of the VM team by its name alone", () => {
  permit("elsewhere");
  const xml = (id: string) => `<domain>\n  <name>copy</name>\n  <uuid>${id}</uuid>\n</domain>\n`;
  const asked = (id: string) => host.machine.sh(`bash ${hook} copy prepare begin -`, xml(id));
  expect(asked(uuid.toUpperCase())).toMatchObject({ status: 3, stderr: expect.stringContaining("client app-1 of") });
  expect(asked("3b0c9d3e-53a7-5c2f-9d1e-2f6f7f1a0b12")).toEqual({ status: 0, stdout: "", stderr: "" });
  expect(host.script("permit-client.sh", "kvm-mirror/lab app-2 elsewhere kvm-b kvm-a existing -")).toMatchObject({
    status: 0,
  });
  expect(start("app-2")).toMatchObject({
    status: 1,
    stderr: expect.stringContaining(
      "the exports admit kvm-b alone. To have it here: shut it down on kvm-b, set clients.app-2.active to kvm-a in " +
        "stacks/Pulumi.lab.yaml, and run pulumi up --stack lab",
    ),
  });
  expect(host.machine.sh(`bash ${hook} copy prepare begin -`, "<domain/>")).toMatchObject({ status: 0 });
});

test("only what comes before a new QEMU process is refused: a guest that runs is never killed by it", () => {
  permit("elsewhere");
  const asked = (at: string) => host.machine.sh(`bash ${hook} app-1 ${at} -`, "<domain/>").status;
  expect(asked("prepare begin")).toBe(3);
  for (const at of ["reconnect begin", "stopped end", "release end", "migrate begin", "restore begin", "started begin"])
    expect(asked(at), at).toBe(0);
});

describe("sequences", () => {
  test("nothing is said against the host on which the client is on", () => {
    permit("here");
    host.run();
    expect(permit("elsewhere")).toMatchObject({
      status: 3,
      stderr: expect.stringMatching(/refused: app-1 is running on \S+, and is to be active on kvm-b/),
    });
    expect(host.state()).toMatchObject({ permit: "here" });
    host.machine.ok("rm /run/virsh/app-1/live.xml; touch /run/virsh/app-1/silent");
    expect(permit("elsewhere")).toMatchObject({ status: 3, stderr: expect.stringContaining("app-1 is unknown on") });
    host.machine.ok("rm /run/virsh/app-1/silent");
    expect(permit("elsewhere")).toMatchObject({ status: 0 });
  });

  test("interrupted between the two hosts the client may start nowhere; a half-written permit changes nothing", () => {
    permit("here");
    // kvm-a was told, kvm-b not yet: what kvm-b says until then is `elsewhere`.
    permit("elsewhere");
    expect(start()).toMatchObject({ status: 1 });
    host.machine.ok(`printf 'start here' >${file.replace(/[^/]*$/, ".new")}`);
    expect(start()).toMatchObject({ status: 1 });
    expect(permit("here")).toMatchObject({ status: 0 });
    expect(start()).toMatchObject({ status: 0 });
  });

  test("an empty permit refuses, and says how it is written anew", () => {
    permit("here");
    host.machine.ok(`: >${file}`);
    expect(host.state()).toMatchObject({ permit: "unreadable" });
    expect(start()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(
        `refused: ${file} does not say whether app-1 may start here. kvm-mirror client app-1 --permit --stack lab`,
      ),
    });
    expect(permit("here")).toMatchObject({ status: 0 });
    expect(start()).toMatchObject({ status: 0 });
  });

  test("saved memory is not woken where the client is not active", () => {
    host.machine.ok("touch /run/virsh/app-1/managed-save");
    expect(permit("elsewhere")).toMatchObject({ status: 0 });
    expect(start()).toMatchObject({ status: 1 });
    host.machine.ok("[ -e /run/virsh/app-1/managed-save ] && [ ! -e /run/virsh/app-1/woken ]");
  });

  test("two stacks with one domain: each may refuse; the last permit takes our hook with it, and no other", () => {
    host.machine.ok(`mkdir -p ${hook.replace(/[^/]*$/, "")} && printf '#!/bin/sh\n' >${hook}-of-others`);
    permit("here");
    host.script("permit-client.sh", "kvm-mirror/other app-1 elsewhere kvm-b kvm-a existing -");
    expect(start()).toMatchObject({ status: 1, stderr: expect.stringContaining("client app-1 of stack other") });
    expect(host.script("permit-forget.sh", "kvm-mirror/other app-1")).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(start()).toMatchObject({ status: 0 });
    host.machine.ok(`[ -x ${hook} ]`);
    for (let time = 0; time < 2; time++)
      expect(host.script("permit-forget.sh", "kvm-mirror/lab app-1")).toEqual({ status: 0, stdout: "", stderr: "" });
    host.machine.ok(`[ ! -e ${hook} ] && [ -e ${hook}-of-others ]`);
  });

  test("--known leaves a host alone that never had the client, and forbids one that it leaves", () => {
    expect(permit("elsewhere", "--known")).toEqual({ status: 0, stdout: "", stderr: "" });
    host.machine.ok(`[ ! -e ${file} ] && [ ! -e ${hook} ]`);
    permit("here");
    expect(permit("elsewhere", "--known")).toMatchObject({ status: 0 });
    expect(start()).toMatchObject({ status: 1 });
  });

  test("a UUID that the caller does not know stays", () => {
    permit("here");
    host.script("permit-client.sh", "kvm-mirror/lab app-1 elsewhere kvm-b kvm-a machine -");
    expect(host.machine.ok(`cat ${file}`)).toContain(
      `start elsewhere\nactive kvm-b\nhere kvm-a\nkind machine\nuuid ${uuid}`,
    );
  });
});

describe("whether libvirt calls the hook", () => {
  test("a daemon that found no hooks at its start is told to look again", () => {
    expect(hookState()).toBe("absent");
    expect(permit("elsewhere")).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(hookState()).toBe("called");
  });

  test("installed behind its back, the hook waits, until the daemon is told to look or starts anew", () => {
    host.machine.ok(
      `mkdir -p ${hook.replace(/[^/]*$/, "")} && cp ${scripts}/permit-hook.sh ${hook} && chmod 755 ${hook}`,
    );
    expect(hookState()).toBe("waits");
    host.machine.ok("kill -HUP $(cat /run/libvirtd.pid)");
    start();
    expect(hookState()).toBe("called");
    host.stopDaemon();
    // None runs: it looks when it starts.
    expect(hookState()).toBe("called");
  });

  test("a libvirt that does not call it is said, and the permit is written all the same", () => {
    host.stopDaemon();
    host.machine.ok("echo 6.0.0 >/run/virsh/version");
    expect(permit("elsewhere")).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(/libvirt of \S+ does not call .*nothing but the exports keeps app-1 from/),
    });
    expect(host.state()).toMatchObject({ permit: "elsewhere" });
    expect(hookState()).toBe("old");
  });
});

test("wrong arguments are told", () => {
  for (const args of [
    "lab app-1 here kvm-a kvm-a machine -",
    "kvm-mirror/lab ../app here kvm-a kvm-a machine -",
    "kvm-mirror/lab app-1 there kvm-a kvm-a machine -",
    "kvm-mirror/lab app-1 here kvm-a kvm-a ours -",
    "kvm-mirror/lab app-1 here kvm-a kvm-a machine 12",
  ])
    expect(host.script("permit-client.sh", args), args).toMatchObject({ status: 2 });
  expect(host.script("permit-forget.sh", "kvm-mirror/lab")).toMatchObject({ status: 2 });
});
