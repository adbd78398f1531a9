/** Clients that are started, shut down, paused and let go on, and whether what they need answers. */
import { beforeEach, describe, expect, test } from "vitest";
import { qemu } from "./diskSamples.ts";
import { playedHost } from "./playedHost.ts";

const host = playedHost();

describe("resume-client.sh", () => {
  const resume = (args = "app-1 20") => host.script("resume-client.sh", args);
  const pause = (reason = "I/O error") => host.machine.ok(`printf '${reason}' >/run/virsh/app-1/paused`);
  const serve = () =>
    host.machine.ok(
      "ip address add 10.20.0.10/32 dev lo 2>/dev/null; truncate -s 1M /run/r0.raw; qemu-nbd --fork " +
        "--pid-file=/run/nbd.pid --persistent --shared=0 -f raw -x r0 -b 10.20.0.10 /run/r0.raw",
    );
  const unserve = () =>
    host.machine.ok(
      "[ ! -e /run/nbd.pid ] || kill $(cat /run/nbd.pid); for i in $(seq 50); do [ -z " +
        '"$(ss -Hltn sport = :10809)" ] && exit; sleep 0.1; done; exit 1',
    );
  beforeEach(() => {
    host.attach("vdb", qemu());
    host.run();
  });

  test(
    "lets a paused client go on once its export can be opened, though the " +
      "first try fails, and does nothing to one that runs",
    () => {
      pause();
      expect(host.state()).toMatchObject({ state: "paused", reason: "I/O error" });
      host.machine.ok("echo 2 >/run/virsh/app-1/failing");
      serve();
      try {
        expect(resume()).toEqual({ status: 0, stdout: "", stderr: "resume-client.sh: app-1 runs again\n" });
      } finally {
        unserve();
      }
      expect(host.state()).toMatchObject({ state: "running", reason: "" });
      expect(resume()).toMatchObject({ status: 0, stderr: "resume-client.sh: app-1 is running: nothing to resume\n" });
    },
  );

  test("fails when it pauses again and again", () => {
    pause();
    host.machine.ok("echo 99 >/run/virsh/app-1/failing");
    serve();
    try {
      expect(resume("app-1 3")).toMatchObject({
        status: 1,
        stderr: expect.stringContaining("app-1 pauses again and again"),
      });
    } finally {
      unserve();
    }
  });

  test.each([
    ["while the export cannot be opened", () => pause(), "nbd://10.20.0.10:10809/r0, and it cannot be opened from"],
    ["what somebody paused", () => pause("user"), "was not paused by an I/O error; the reason is: user"],
    ["what is off", () => host.machine.ok("rm /run/virsh/app-1/live.xml"), "app-1 is shut off, not paused"],
  ])("refuses %s", (_, prepare, words) => {
    prepare();
    const before = host.state();
    expect(resume()).toMatchObject({ status: 3, stderr: expect.stringContaining(words) });
    expect(host.state()).toEqual(before);
  });
});

describe("shutdown-client.sh", () => {
  const shutdown = (args: string) => host.script("shutdown-client.sh", args);

  test("shuts down what runs, once", () => {
    host.run();
    expect(shutdown("app-1")).toEqual({ status: 0, stdout: "", stderr: "shutdown-client.sh: app-1 is off\n" });
    expect(shutdown("app-1")).toMatchObject({ status: 0 });
    expect(shutdown("app-9")).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("there is no domain app-9 here"),
    });
  });

  test("never cuts the power", () => {
    host.run();
    host.machine.ok("touch /run/virsh/app-1/deaf");
    expect(shutdown("app-1 1")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("did not shut down within 1 s and runs on"),
    });
    expect(host.state()).toMatchObject({ state: "running" });
  });

  test("refuses a paused one", () => {
    host.run();
    host.machine.ok("printf 'I/O error' >/run/virsh/app-1/paused");
    expect(shutdown("app-1")).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("is paused (I/O error) and cannot shut down"),
    });
  });
});

describe("a client that is not known to be off", () => {
  const shutdown = (args = "app-1 1") => host.script("shutdown-client.sh", args);
  const says = (state: string) => host.machine.ok("tee /run/virsh/app-1/state", `${state}\n\n`);

  test("runs also where virsh speaks German, and is shut down", () => {
    host.run();
    expect(host.machine.ok("virsh domstate app-1")).toBe("laufend");
    expect(shutdown()).toEqual({ status: 0, stdout: "", stderr: "shutdown-client.sh: app-1 is off\n" });
    expect(host.machine.sh("ls /run/virsh/app-1/live.xml").status).not.toBe(0);
  });

  test.each([
    ["in shutdown", 1, "did not shut down within 1 s"],
    ["idle", 1, "did not shut down within 1 s"],
    ["pmsuspended", 1, "did not shut down within 1 s"],
    ["a new word", 1, "did not shut down within 1 s"],
    ["crashed", 3, "the guest of app-1 has crashed and cannot shut down"],
    ["", 1, "libvirt has not said for 1 s whether app-1 is off"],
  ])("'%s' is not off", (state, status, words) => {
    host.run();
    says(state);
    expect(shutdown()).toMatchObject({ status, stderr: expect.stringContaining(words) });
  });

  test("while libvirt does not answer it counts as running, and is neither shut down nor started", () => {
    host.machine.ok("touch /run/virsh/app-1/silent");
    expect(shutdown()).toMatchObject({ status: 1, stderr: expect.stringContaining("It counts as running") });
    expect(host.script("start-client.sh", "app-1")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("neither on nor off: its state is 'unknown'"),
    });
    expect(host.state()).toMatchObject({ state: "unknown" });
  });

  test("one whose memory is saved to disk is not shut down, and is not woken where its disks may have moved on", () => {
    host.machine.ok("touch /run/virsh/app-1/managed-save");
    expect(host.state()).toMatchObject({ state: "saved" });
    expect(shutdown()).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("app-1 is not shut down but saved to disk"),
    });
    expect(host.script("start-client.sh", "app-1")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("the memory of app-1 was saved to disk here"),
    });
    host.machine.ok("virsh managedsave-remove app-1");
    expect(shutdown()).toMatchObject({ status: 0 });
    expect(host.script("start-client.sh", "app-1")).toMatchObject({ status: 0 });
  });
});

test("client-state.sh says whether the host saves its VMs to disk when it shuts down", () => {
  const suspends = () => (JSON.parse(host.script("client-state.sh", "app-1").stdout) as { suspends: boolean }).suspends;
  const guests = (text: string) => host.machine.ok("cat >/etc/default/libvirt-guests", text);
  const link = "/etc/systemd/system/multi-user.target.wants/libvirt-guests.service";
  host.machine.ok(`rm -f ${link}`);
  guests("ON_SHUTDOWN=suspend\n");
  expect(suspends()).toBe(false);
  host.machine.ok(
    `mkdir -p /etc/systemd/system/multi-user.target.wants && ln -s /lib/systemd/system/libvirt-guests.service ${link}`,
  );
  expect(suspends()).toBe(true);
  guests("#ON_SHUTDOWN=shutdown\n");
  expect(suspends()).toBe(true);
  guests('ON_SHUTDOWN="shutdown"\n');
  expect(suspends()).toBe(false);
});

test("start-client.sh starts what is off, once", () => {
  expect(host.script("start-client.sh", "app-1")).toEqual({
    status: 0,
    stdout: "",
    stderr: "start-client.sh: app-1 is started\n",
  });
  expect(host.state()).toMatchObject({ state: "running" });
  expect(host.script("start-client.sh", "app-1")).toEqual({
    status: 0,
    stdout: "",
    stderr: "start-client.sh: app-1 is on already\n",
  });
  expect(host.script("start-client.sh", "app-9")).toMatchObject({
    status: 3,
    stderr: expect.stringContaining("this host has no domain app-9"),
  });
});

test("exports-answer.sh says what does not answer", () => {
  host.machine.ok(
    "ip address add 10.20.0.10/32 dev lo 2>/dev/null; setsid socat " +
      "TCP-LISTEN:10810,bind=10.20.0.10,fork EXEC:cat >/dev/null 2>&1 & echo $! >/run/answer.pid; " +
      'for i in $(seq 50); do [ -n "$(ss -Hltn sport = :10810)" ] && exit; sleep 0.1; done; exit 1',
  );
  expect(host.script("exports-answer.sh", "10.20.0.10 10810")).toEqual({ status: 0, stdout: "", stderr: "" });
  expect(host.script("exports-answer.sh", "10.20.0.10 10810 3261")).toMatchObject({
    status: 3,
    stderr: expect.stringContaining("nothing answers at 10.20.0.10:3261 from"),
  });
  host.machine.ok("kill $(cat /run/answer.pid)");
});

test("client-state.sh tells of a domain that is not there", () => {
  expect(JSON.parse(host.script("client-state.sh", "app-7").stdout).domains).toEqual([
    { name: "app-7", permit: "none", state: "undefined", reason: "", disks: [] },
  ]);
});
