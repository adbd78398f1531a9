import { resolve } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Machine } from "./machine.ts";

const scripts = resolve(import.meta.dirname, "../../scripts/host");
let machine: Machine;
beforeAll(async () => {
  machine = await Machine.start();
});
afterAll(() => machine?.stop());
beforeEach(() => {
  machine.ok(
    "rm -rf /run/virsh /root/.ssh /root/.local && mkdir -p /run/virsh/mirror-a /run/virsh/mirror-b && " +
      "touch /run/virsh/mirror-{a,b}/persistent.xml /run/virsh/mirror-{a,b}/live.xml",
  );
});

const shell = (delay: number, lines: readonly string[]) =>
  machine.sh(
    `LIBVIRT_DEFAULT_URI= bash ${scripts}/fence-shell.sh mirror-a ${delay}`,
    lines.map((line) => `${line}\n`).join(""),
  );
/** What the shell answers to each line. */
const answersAfter = (delay: number, lines: readonly string[]) =>
  shell(delay, lines)
    .stdout.split("[EXPECT]# ")
    .slice(1, -1)
    .map((text) => text.trim());
const answers = (...lines: string[]) => answersAfter(0, lines);

describe("fence-shell.sh", () => {
  test("turns its one domain off and on", () => {
    expect(
      answers(
        "virsh domstate mirror-a",
        "virsh destroy mirror-a",
        "virsh domstate mirror-a",
        "virsh start mirror-a",
        "virsh domstate mirror-a",
      ),
    ).toEqual(["running", "Domain 'mirror-a' destroyed", "shut off", "Domain 'mirror-a' started", "running"]);
  });

  describe("with a delay", () => {
    const delayed = (...lines: string[]) => answersAfter(7, lines);
    const waits = () => machine.ok("grep -c '^7$' /run/slept || true");
    /** `sleep 7` takes no time here; `meanwhile` happens in it. */
    const sleeping = (meanwhile: string) =>
      machine.play(
        "sleep",
        `echo "$1" >>/run/slept; [[ $1 != 7 ]] || { ${meanwhile}; exit; }; exec /usr/bin/sleep "$1"`,
      );
    beforeEach(() => machine.ok(": >/run/slept"));
    afterAll(() => machine.ok("rm /usr/sbin/sleep"));

    test("waits once before it says that the domain runs, as fence_virsh asks before it destroys", () => {
      sleeping("true");
      expect(delayed("virsh domstate mirror-a")).toEqual(["running"]);
      expect(waits()).toBe("1");
      expect(
        delayed(
          "virsh domstate mirror-a",
          "virsh destroy mirror-a",
          "virsh domstate mirror-a",
          "virsh start mirror-a",
          "virsh domstate mirror-a",
        ).at(-1),
      ).toBe("running");
      expect(waits()).toBe("2");
    });

    test("says what is true after it", () => {
      sleeping("rm /run/virsh/mirror-a/live.xml");
      expect(delayed("virsh domstate mirror-a")).toEqual(["shut off"]);
    });

    test(
      "does not wait for a domain that is off, nor in a look at whether fencing could work, " +
        "nor with an order to destroy, which would outlive who gave it",
      () => {
        sleeping("true");
        delayed(
          "virsh list --all",
          "virsh destroy mirror-a",
          "virsh domstate mirror-a",
          "virsh start mirror-a",
          "virsh domstate mirror-a",
        );
        expect(waits()).toBe("0");
      },
    );
  });

  // Started by setsid, so that whoever waits for it is process 1.
  const frozen = (domain: string) =>
    machine.ok(`setsid python3 -c 'import os, signal; os.kill(os.getpid(), signal.SIGSTOP)' \\
        -name guest=${domain},debug-threads=on >/dev/null 2>&1 </dev/null &
      mkdir -p /run/qemu; echo $! | tee /run/qemu/mirror-a.pid >/run/virsh/mirror-a/frozen
      for i in $(seq 100); do grep -q '^State:.*T' /proc/$(cat /run/qemu/mirror-a.pid)/status && break
      sleep 0.1; done`);

  test("does not wait for a frozen QEMU process", () => {
    frozen("mirror-a");
    expect(
      machine.sh(`QEMU_RUN=/run/qemu bash ${scripts}/fence-shell.sh mirror-a 0`, "virsh destroy mirror-a\nquit\n")
        .stdout,
    ).toContain("Domain 'mirror-a' destroyed");
  });

  test("kills no process but the domain's own", () => {
    frozen("mirror-ab");
    expect(
      machine.sh(`QEMU_RUN=/run/qemu bash ${scripts}/fence-shell.sh mirror-a 0`, "virsh destroy mirror-a\nquit\n")
        .stdout,
    ).toContain("Failed to terminate process");
    machine.ok("kill -KILL $(cat /run/qemu/mirror-a.pid)");
  });

  test("ends with the session", () => {
    expect(shell(0, ["quit", "virsh destroy mirror-a"])).toEqual({ status: 0, stdout: "[EXPECT]# ", stderr: "" });
    expect(machine.ok("ls /run/virsh/mirror-a")).toContain("live.xml");
  });

  test.each([
    "virsh destroy mirror-b",
    "virsh destroy mirror-a --graceful",
    "virsh undefine mirror-a",
    "virsh domstate mirror-b",
    "id; virsh destroy mirror-a",
    "$(touch /run/found)",
    "sudo virsh destroy mirror-a",
  ])("does nothing for %s", (line) => {
    expect(answers(line)).toEqual(["error: this key turns mirror-a off and on, and nothing else"]);
    expect(machine.ok("ls -d /run/virsh/*/live.xml /run/found 2>/dev/null || true")).toBe(
      "/run/virsh/mirror-a/live.xml\n/run/virsh/mirror-b/live.xml",
    );
  });

  test.each(["in shutdown", "crashed", "pmsuspended", "paused", "a new word"])(
    "does not let a domain that is '%s' pass for off",
    (state) => {
      machine.ok("tee /run/virsh/mirror-a/state", `${state}\n\n`);
      expect(answers("virsh domstate mirror-a")).toEqual(["running"]);
    },
  );

  test("does not let a domain pass for off whose memory is saved on disk: removes that, and boots afresh", () => {
    machine.ok("rm /run/virsh/mirror-a/live.xml && touch /run/virsh/mirror-a/managed-save");
    expect(answers("virsh domstate mirror-a", "virsh destroy mirror-a", "virsh domstate mirror-a")).toEqual([
      "running",
      "the memory of mirror-a, saved on disk, is removed: it can only boot afresh",
      "shut off",
    ]);
    machine.ok("touch /run/virsh/mirror-a/managed-save");
    expect(answers("virsh start mirror-a", "virsh domstate mirror-a")).toEqual([
      "Domain 'mirror-a' started",
      "running",
    ]);
    expect(machine.ok("ls /run/virsh/mirror-a")).toBe("live.xml\npersistent.xml");
  });

  test("does not let a domain that cannot be asked pass for off", () => {
    machine.ok("rm -r /run/virsh/mirror-a");
    expect(answers("virsh domstate mirror-a")).toEqual(["error: failed to get domain 'mirror-a'"]);
  });
});

describe("fence-mirror.sh", () => {
  const fence = (domain: string) => machine.sh(`QEMU_RUN=/run/qemu bash ${scripts}/fence-mirror.sh ${domain}`);

  test("turns a mirror off and sees it, twice is once", () => {
    expect(fence("mirror-a")).toMatchObject({ status: 0, stderr: expect.stringContaining("mirror-a is off now") });
    expect(fence("mirror-a")).toMatchObject({ status: 0, stderr: expect.stringContaining("mirror-a is off already") });
  });

  test.each(["in shutdown", "crashed", "paused"])("does not call a mirror off that is '%s' and stays so", (state) => {
    machine.ok("tee /run/virsh/mirror-a/state", `${state}\n\n`);
    expect(fence("mirror-a")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(`mirror-a is not off 20 s after virsh destroy: ${state}`),
    });
  });

  test("removes the memory of a mirror that was saved to disk, and calls it off only when that is gone", () => {
    machine.ok("rm /run/virsh/mirror-a/live.xml && touch /run/virsh/mirror-a/managed-save /run/virsh/mirror-a/kept");
    expect(fence("mirror-a")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("mirror-a is off, but a start could restore it as the primary that it was"),
    });
    machine.ok("rm /run/virsh/mirror-a/kept");
    expect(fence("mirror-a")).toMatchObject({
      status: 0,
      stderr: expect.stringContaining(
        "saved on disk, is removed: it can only boot afresh\nfence-mirror.sh: mirror-a is off already",
      ),
    });
    expect(fence("mirror-a")).toEqual({ status: 0, stdout: "", stderr: "fence-mirror.sh: mirror-a is off already\n" });
    machine.ok("virsh start mirror-a");
    expect(machine.ok("ls /run/virsh/mirror-a")).toBe("live.xml\npersistent.xml");
  });

  test("does not call a mirror off that cannot be asked", () => {
    expect(fence("mirror-c")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("libvirt does not say whether mirror-c is on"),
    });
  });
});

describe("fence-allow.sh and fence-forget.sh", () => {
  const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBnbjsF3/p0VV4VWSlN5VYSQOH+nb0APiwAmpsNJTb/w";
  const allow = (stdin: string, domain = "mirror-a", delay = "3") =>
    machine.sh(
      `HOME=/root bash ${scripts}/fence-allow.sh ${domain} 10.30.0.12,10.20.0.12 ${delay} 127.0.0.1 2222`,
      stdin,
    );
  const forget = (domain: string) => machine.sh(`HOME=/root bash ${scripts}/fence-forget.sh ${domain}`);
  const lines = () => machine.ok("cat /root/.ssh/authorized_keys").split("\n");

  test("lets one key in for one domain, beside other people's keys, and says the host's own", () => {
    machine.ok(
      "mkdir -p /root/.ssh /run/sshd; ssh-keygen -q -t ed25519 -N '' -f /run/hostkey; /usr/sbin/sshd -f " +
        "/dev/null -h /run/hostkey -p 2222 -o ListenAddress=127.0.0.1 -o PidFile=/run/sshd.pid",
    );
    machine.ok("tee /root/.ssh/authorized_keys", "ssh-ed25519 AAAA somebody@example.net\n");
    const hostKey = machine.ok("cut -d' ' -f1,2 /run/hostkey.pub");
    expect(allow(key)).toEqual({ status: 0, stdout: `${hostKey}\n`, stderr: "" });
    expect(allow(key, "mirror-b")).toMatchObject({ status: 0 });
    expect(allow(key, "mirror-a", "5")).toMatchObject({ status: 0 });
    const line = (domain: string, delay: number) =>
      `restrict,from="10.30.0.12,10.20.0.12",command="bash ` +
      `~/.local/lib/kvm-mirror/fence-shell.sh ${domain} ${delay}" ${key} ` +
      `kvm-mirror-fence-${domain}`;
    expect(lines()).toEqual(["ssh-ed25519 AAAA somebody@example.net", line("mirror-b", 3), line("mirror-a", 5)]);
    expect(forget("mirror-b")).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(forget("mirror-b")).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(lines()).toEqual(["ssh-ed25519 AAAA somebody@example.net", line("mirror-a", 5)]);
    machine.ok("kill $(cat /run/sshd.pid)");
  });

  test("fails when the mirrors would find no sshd there", () => {
    expect(allow(key)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("does not answer at 127.0.0.1 port 2222"),
    });
  });

  test.each(["", "ssh-rsa AAAA", `command="id" ${key}`, `${key} x`])("refuses the key '%s'", (stdin) => {
    expect(allow(stdin)).toMatchObject({ status: 3 });
    expect(machine.sh("cat /root/.ssh/authorized_keys").status).toBe(1);
  });
});
