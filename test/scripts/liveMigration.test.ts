/** A live migration's scripts on the two KVM hosts: the guest never runs on both, and what is left is what it is. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { playedHost } from "./playedHost.ts";

const host = playedHost();
const socket = "/run/other/libvirt-sock";
const there = `${socket}.domains/app-1`;
const owner = "kvm-mirror/lab app-1";
const uuid = "3b0c9d3e-53a7-5c2f-9d1e-2f6f7f1a0b11";
const permit = "/var/lib/kvm-mirror/permits/app-1@kvm-mirror,lab";
const token = "0123456789abcdef0123456789abcdef";
const ok = (command: string, stdin = "") => host.machine.ok(command, stdin);

/** Another host's libvirt. */
const openDoor = () =>
  ok(
    `setsid python3 ${doorkeeper} ${socket} >/dev/null 2>&1 & ` +
      `for i in $(seq 100); do [ -S ${socket} ] && exit; sleep 0.1; done; exit 1`,
  );
const doorkeeper = new URL("machine/libvirt-door.py", import.meta.url).pathname;

beforeEach(() => {
  ok("rm -rf /var/lib/kvm-mirror/permits /etc/libvirt/hooks /run/kvm-mirror /run/other /run/virsh-cpu-asked");
  host.startDaemon();
  openDoor();
  ok(`mkdir -p ${there} && cp /run/virsh/app-1/persistent.xml ${there}/`);
});

afterEach(() => {
  host.stopDaemon();
  ok("pkill -f '[l]ibvirt-door' || true");
});

/** app-1 stands still here, and QEMU says so of itself. */
const stands = (status: string, reason = "migrating") => {
  host.run();
  ok(`printf '${reason}' >/run/virsh/app-1/paused; printf ${status} >/run/virsh/app-1/qemu-status`);
};
const incoming = (more = "") =>
  host.script("permit-client.sh", `--token=${token} ${more} ${owner} incoming kvm-b kvm-a machine ${uuid}`);
const migrate = (args = `app-1 ${socket} 10.20.0.3`) =>
  host.script("migrate-client.sh", args, "<domain><name>app-1</name></domain>\n");

describe("migrate-client.sh", () => {
  test("lets the guest go on there when libvirt has ended it here", () => {
    host.run();
    expect(migrate(`app-1 ${socket} 10.20.0.3 vda,vdb`)).toMatchObject({ status: 0 });
    expect(ok("cat /run/virsh/migrated")).toBe(
      "migrate --live --suspend --abort-on-error --auto-converge --copy-storage-all --migrate-disks vda,vdb --xml " +
        "FILE --migrateuri tcp://10.20.0.3 app-1 qemu+unix:///system?socket=SOCKET",
    );
    expect(host.state()).toMatchObject({ state: "shut off" });
    expect(ok(`cat ${there}/live.xml`)).toContain("<name>app-1</name>");
    expect(ok(`ls ${there}`)).not.toContain("paused");
  });

  test("copies nothing unless it is told to", () => {
    host.run();
    expect(migrate()).toMatchObject({ status: 0 });
    expect(ok("cat /run/virsh/migrated")).not.toContain("storage");
  });

  test("lets it go on nowhere while it is not ended here", () => {
    host.run();
    ok("touch /run/virsh/app-1/stays");
    expect(migrate()).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/app-1 has been migrated, and is still running on \S+\n$/),
    });
    ok(`[ -e ${there}/paused ]`);
  });

  test("says that it is not let go there", () => {
    host.run();
    ok(`touch ${there}/stands`);
    expect(migrate()).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(
        /has been migrated, and is not let go on the other host: .*error: Failed to resume/,
      ),
    });
  });

  test("fails with libvirt's words, and changes nothing of one that does not run", () => {
    host.run();
    ok("printf 'operation failed: migration out job: unexpectedly failed' >/run/virsh/app-1/migrate-fails");
    expect(migrate()).toMatchObject({
      status: 1,
      stderr:
        "error: operation failed: migration out job: unexpectedly failed\n" +
        "migrate-client.sh: app-1 was not migrated; libvirt's error message is above\n",
    });
    ok("rm /run/virsh/migrated; rm /run/virsh/app-1/live.xml");
    expect(migrate()).toMatchObject({ status: 1, stderr: expect.stringMatching(/app-1 is shut off on \S+, not run/) });
    ok("[ ! -e /run/virsh/migrated ]");
  });

  test("begins nothing where libvirt of the other host does not answer", () => {
    host.run();
    expect(migrate("app-1 /run/nobody 10.20.0.3")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("libvirt of the other host does not answer: error: failed to connect"),
    });
    ok("[ ! -e /run/virsh/migrated ]");
    for (const args of ["app-1", `app-1 ${socket} kvm-b`, `app-1 ${socket} 10.20.0.3 'vda;'`, "'app 1' /x 10.0.0.1"])
      expect(migrate(args)).toMatchObject({ status: 2 });
  });
});

describe("what is left", () => {
  const look = () => JSON.parse(host.script("client-migration.sh", "app-1").stdout);

  test("is what libvirt, QEMU and the permit say", () => {
    expect(look()).toMatchObject({ state: "shut off", qemu: "", migrating: false, permit: "none", attached: [] });
    ok(`printf 3221225472 >/run/virsh/app-1/vda.bytes`);
    host.run();
    expect(look()).toMatchObject({ state: "running", sizes: [{ target: "vda", bytes: 3221225472 }] });
    expect(Buffer.from(look().xml, "base64").toString()).toBe(`${ok("cat /run/virsh/app-1/live.xml")}\n`);
    expect(Buffer.from(look().cpu, "base64").toString()).toContain("<model>EPYC</model>");
    ok("touch /run/virsh/app-1/migrating");
    expect(look()).toMatchObject({ migrating: true });
    ok("rm /run/virsh/app-1/migrating");
    stands("postmigrate");
    expect(look()).toMatchObject({ state: "paused", reason: "migrating", qemu: "postmigrate", attached: [] });
    ok("rm /run/virsh/app-1/live.xml /run/virsh/app-1/paused; echo migrated >/run/virsh/app-1/reason");
    expect(look()).toMatchObject({ state: "shut off", reason: "migrated" });
    ok("touch /run/virsh/app-1/silent");
    expect(look()).toMatchObject({ state: "unknown", xml: "Cg==" });
    expect(host.script("client-migration.sh", "app-9")).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('"state":"undefined"'),
    });
  });

  test.each(["postmigrate", "inmigrate"])("is ended where its guest does not run: QEMU says %s", (status) => {
    stands(status);
    expect(host.script("end-client.sh", "app-1")).toMatchObject({ status: 0 });
    expect(host.state()).toMatchObject({ state: "shut off" });
    expect(host.script("end-client.sh", "app-1")).toEqual({ status: 0, stdout: "", stderr: "" });
  });

  test("one that came in and was not let go is known by the permit", () => {
    expect(incoming()).toMatchObject({ status: 0 });
    stands("paused", "user");
    expect(host.script("let-go-client.sh", "app-1")).toEqual({
      status: 0,
      stdout: "",
      stderr: "let-go-client.sh: app-1 goes on\n",
    });
    expect(host.state()).toMatchObject({ state: "running" });
    expect(host.script("let-go-client.sh", "app-1")).toMatchObject({ status: 0, stderr: "" });
  });

  test.each(["end-client.sh", "let-go-client.sh"])("%s touches nothing else", (script) => {
    const refused = {
      status: 3,
      stderr: expect.stringMatching(/refused: app-1 is paused on \S+ \(.*no live migration/),
    };
    stands("paused", "user");
    expect(host.script(script, "app-1")).toMatchObject(refused);
    stands("io-error", "I/O error");
    incoming();
    expect(host.script(script, "app-1")).toMatchObject(refused);
    expect(host.state()).toMatchObject({ state: "paused" });
  });

  test("a guest that runs is not ended, one that has not come in whole is not let go", () => {
    host.run();
    expect(host.script("end-client.sh", "app-1")).toMatchObject({
      status: 3,
      stderr: expect.stringMatching(/refused: app-1 is running on \S+: no live migration has left that/),
    });
    stands("inmigrate");
    expect(host.script("let-go-client.sh", "app-1")).toMatchObject({ status: 3 });
    expect(host.state()).toMatchObject({ state: "paused" });
  });
});

describe("permits", () => {
  const hook = (xml: string) => host.machine.sh("bash /etc/libvirt/hooks/qemu.d/kvm-mirror app-1 prepare begin -", xml);
  const xml = (its: string) =>
    `<domain><metadata><migration:migration xmlns:migration="x" token="${its}"/></metadata></domain>`;

  test("`incoming` lets one migration in, and no start", () => {
    expect(incoming("--torn=/run/virsh/app-1/persistent.xml")).toMatchObject({ status: 0 });
    expect(ok(`sed 's/ [0-9]* [0-9]*$/ INODE BIRTH/' ${permit}`)).toMatchInlineSnapshot(`
      "# Written by kvm-mirror for libvirt's hook /etc/libvirt/hooks/qemu.d/kvm-mirror.
      start incoming
      active kvm-b
      here kvm-a
      kind machine
      uuid 3b0c9d3e-53a7-5c2f-9d1e-2f6f7f1a0b11
      token 0123456789abcdef0123456789abcdef
      torn /run/virsh/app-1/persistent.xml INODE BIRTH"
    `);
    expect(hook(xml(token))).toMatchObject({ status: 0 });
    for (const other of ["<domain/>", xml(token.replace("0", "1")), `<domain><title>token="${token}"</title></domain>`])
      expect(hook(other)).toMatchObject({
        status: 3,
        stderr: expect.stringContaining(
          "client app-1 of stack lab is being migrated from kvm-b to kvm-a: a second copy would write to its disks. " +
            "What was begun is ended by: kvm-mirror client app-1 --to kvm-a --live --stack lab",
        ),
      });
    expect(host.state()).toMatchObject({ permit: "incoming" });
    ok(`sed -i /^token/d ${permit}`);
    expect(hook(xml(token))).toMatchObject({ status: 3 });
  });

  test("the host that a client is about to leave loses its permit while it runs there; no other way", () => {
    host.run();
    const leave = (more: string) => host.script("permit-client.sh", `${more} ${owner} elsewhere kvm-b kvm-a machine -`);
    expect(leave("")).toMatchObject({ status: 3 });
    expect(leave("--leaving")).toMatchObject({ status: 0 });
    expect(host.state()).toMatchObject({ state: "running", permit: "elsewhere" });
    expect(incoming()).toMatchObject({ status: 3, stderr: expect.stringContaining("app-1 is running on") });
    expect(host.script("permit-client.sh", `${owner} incoming kvm-b kvm-a machine -`)).toMatchObject({ status: 2 });
  });

  test("a disk that is half a copy starts nothing, until it is whole or another disk", () => {
    const disk = "/run/os disk.qcow2";
    ok(`: >'${disk}'`);
    const here = (more = "") => host.script("permit-client.sh", `${more} ${owner} here kvm-a kvm-a machine -`);
    expect(incoming(`'--torn=${disk}'`)).toMatchObject({ status: 0 });
    expect(here()).toMatchObject({
      status: 3,
      stderr: expect.stringMatching(
        /refused: \/run\/os disk\.qcow2 of app-1 on \S+ is half a copy: a live migration to here was not ended\./,
      ),
    });
    // It was given up: what is on the disk is known all the same.
    expect(host.script("permit-client.sh", `${owner} elsewhere kvm-b kvm-a machine -`)).toMatchObject({ status: 0 });
    expect(ok(`cat ${permit}`)).toMatch(/^torn \/run\/os disk\.qcow2 \d+ \d+$/m);
    expect(here()).toMatchObject({ status: 3 });
    ok(`cp -a '${disk}' /run/kept; sleep 1.1; rm '${disk}'; : >'${disk}'`);
    expect(here()).toMatchObject({ status: 0 });
    expect(incoming(`'--torn=${disk}'`)).toMatchObject({ status: 0 });
    expect(here("--whole")).toMatchObject({ status: 0 });
    expect(ok(`cat ${permit}`)).not.toContain("torn");
  });
});

describe("cpu-fits.sh", () => {
  test("asks libvirt, and says what is missing", () => {
    expect(host.script("cpu-fits.sh", "kvm pc-i440fx-7.2", "<cpu/>\n")).toMatchObject({ status: 0, stderr: "" });
    expect(ok("cat /run/virsh-cpu-asked")).toBe(
      "hypervisor-cpu-compare cpu.xml --virttype kvm --machine pc-i440fx-7.2 --error\n<cpu/>",
    );
    expect(host.script("cpu-fits.sh", "host", "<cpu>a</cpu>\n")).toMatchObject({ status: 0 });
    expect(ok("cat /run/virsh-cpu-asked")).toBe("cpu-compare cpu.xml --error\n<cpu>a</cpu>");
    ok("printf avx512f >/run/virsh/cpu-lacks");
    expect(host.script("cpu-fits.sh", "host", "<cpu/>\n")).toMatchObject({
      status: 3,
      stderr: expect.stringMatching(
        /refused: the CPU of \S+ does not fit a client that runs: error: .*not provide required features: avx512f\. /,
      ),
    });
    expect(host.script("cpu-fits.sh", "", "")).toMatchObject({ status: 2 });
  });
});
