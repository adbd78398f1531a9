import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { globSync, mkdtempSync, rmSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join, resolve } from "node:path";

const here = import.meta.dirname;
const repository = resolve(here, "../..");

/** What a command left behind. */
export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A machine of its own (network, processes, files) on which the scripts run for
 * real; see machine/enter.sh. Ends with all its processes.
 */
export class Machine {
  readonly #process: ChildProcess;
  readonly #pid: number;
  readonly root: string;
  readonly #loops: string[] = [];

  private constructor(process: ChildProcess, pid: number, root: string) {
    this.#process = process;
    this.#pid = pid;
    this.root = root;
  }

  static async start(): Promise<Machine> {
    const root = mkdtempSync(join(tmpdir(), "kvm-mirror-machine-"));
    const process = spawn("bash", [join(here, "machine/enter.sh"), root], { stdio: ["pipe", "pipe", "pipe"] });
    const pid = await new Promise<number>((done, failed) => {
      let out = "";
      let err = "";
      process.stdout.on("data", (chunk) => {
        out += chunk;
        const ready = /^ready (\d+)$/m.exec(out);
        if (ready) done(Number(ready[1]));
      });
      process.stderr.on("data", (chunk) => (err += chunk));
      process.on("exit", () => failed(new Error(`machine/enter.sh ended: ${err}`)));
    });
    return new Machine(process, pid, root);
  }

  /** Runs a shell command on the machine as root. Commands of machine/ come before the system's. */
  sh(command: string, stdin = ""): Outcome {
    const environment =
      `GUEST_SCRIPTS=${repository}/scripts/guest PROC_DRBD=/run/drbd/proc ZFS_MODULE=/run/zfs-module ` +
      `PATH=${here}/machine:/usr/sbin:/usr/bin:/sbin:/bin DRBD_DRIVER_VERSION_OVERRIDE=8.4.11`;
    const result = spawnSync(
      "nsenter",
      [
        "--target",
        String(this.#pid),
        "--mount",
        "--net",
        "--pid",
        "chroot",
        join(this.root, "merged"),
        "env",
        ...environment.split(" "),
        "bash",
        // Node's pipes are sockets, which bash takes for a login by rsh: it would read /root/.bashrc first.
        "--norc",
        "-c",
        command,
      ],
      // nsenter stops itself with a child that is stopped, and then takes no other signal.
      { input: stdin, encoding: "utf8", timeout: 100_000, killSignal: "SIGKILL" },
    );
    if (result.error) throw result.error;
    return { status: result.status ?? -1, stdout: result.stdout, stderr: result.stderr };
  }

  /** As `sh`, for preparation: throws unless it succeeds; stdout without the last line's end. */
  ok(command: string, stdin = ""): string {
    const { status, stdout, stderr } = this.sh(command, stdin);
    if (status !== 0) throw new Error(`${command}: status ${status}\n${stdout}${stderr}`);
    return stdout.trimEnd();
  }

  /** Puts a program of this name into the place of the real one: a bash script. */
  play(name: string, script: string): void {
    this.ok(`cat >/usr/sbin/${name} && chmod 755 /usr/sbin/${name}`, `#!/bin/bash\n${script}\n`);
  }

  /** Runs one of scripts/guest. */
  guest(script: string, args: readonly string[] = [], stdin = ""): Outcome {
    return this.sh(["bash", guestScript(script), ...args.map((word) => `'${word}'`)].join(" "), stdin);
  }

  /** Puts scripts/guest where install-tools.sh puts it: each by its name alone. */
  installGuest(): void {
    this.ok("mkdir -p /usr/local/lib/kvm-mirror && ln -sfn $GUEST_SCRIPTS/*/*.sh /usr/local/lib/kvm-mirror/");
  }

  /** A block device of zeros (a loop device over a sparse file). Returns its path. */
  disk(name: string, mebibytes: number): string {
    this.ok(`truncate -s ${mebibytes}M /tmp/${name}.img`);
    // The kernel makes further loop devices on demand, their nodes not in this
    // machine's /dev; others on this computer take some, too.
    const loop = this.ok(
      `for try in $(seq 50); do loop=$(losetup --find); [ -b $loop ] || mknod $loop b 7 \${loop#/dev/loop}; ` +
        `losetup $loop /tmp/${name}.img 2>/tmp/losetup && echo $loop && exit; done; cat /tmp/losetup >&2; exit 1`,
    );
    this.#loops.push(loop);
    return loop;
  }

  /**
   * The disk on which this machine says that it goes on alone
   * (scripts/guest/replication/lib/marks.sh), blank. Returns its loop device.
   */
  marksDisk(): string {
    const disk = this.disk("marks", 2);
    this.ok(`mkdir -p /dev/disk/by-id && ln -sfn ${disk} /dev/disk/by-id/virtio-kvm-mirror.marks`);
    return disk;
  }

  /** Names the marks disk as this mirror's own. */
  prepareMarks(): void {
    this.ok(`bash -c '. $GUEST_SCRIPTS/lib/base.sh; . $GUEST_SCRIPTS/replication/lib/marks.sh; prepare_marks'`);
  }

  /** Stands in for the module's block device: the volume's /dev/drbdN is the data disk itself. */
  drbdDevice(minor: number, loop: string): void {
    this.ok(`mknod -m 0660 /dev/drbd${minor} b 7 ${loop.replace("/dev/loop", "")} && chgrp disk /dev/drbd${minor}`);
  }

  /** A volume with configuration and metadata, up and alone. Returns its data disk. */
  volume(name: string, minor: number): string {
    const disk = this.disk(name, 64);
    this.ok(
      `[ -e /etc/drbd.conf.ours ] || { printf 'include "drbd.d/global_common.conf";\ninclude ` +
        `"drbd.d/*.res";\n' >/etc/drbd.conf; printf 'global { usage-count no; }\n' ` +
        ">/etc/drbd.d/global_common.conf; touch /etc/drbd.conf.ours; }",
    );
    for (const [script, stdin] of [
      ["drbd-configure.sh", resourceFile(hostname(), name, minor, disk)],
      ["drbd-create-metadata.sh", ""],
    ] as const) {
      const done = this.guest(script, [name], stdin);
      if (done.status !== 0) throw new Error(`${script} ${name}: ${done.stderr}`);
    }
    this.drbdDevice(minor, disk);
    return disk;
  }

  stop(): void {
    for (const loop of this.#loops) this.sh(`losetup --detach ${loop}`);
    this.#process.stdin?.end();
    this.#process.kill("SIGKILL");
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** Where one of scripts/guest is, in whichever room. @param script its file name, by which everybody calls it */
export function guestScript(script: string): string {
  const [path] = globSync(`${repository}/scripts/guest/*/${script}`);
  if (!path) throw new Error(`no room of scripts/guest has ${script}`);
  return path;
}

/** A resource file of one volume for this machine and a peer that nobody plays. */
export function resourceFile(host: string, volume: string, minor: number, disk: string): string {
  const section = (name: string, address: string) =>
    `  on ${name} {\n    device /dev/drbd${minor};\n    disk ${disk};\n    address ` +
    `${address}:${7788 + minor};\n    meta-disk internal;\n  }\n`;
  return (
    `resource ${volume} {\n  net { shared-secret "s3cret-of-${volume}"; ` +
    `}\n${section(host, "10.10.0.11")}${section("the-peer", "10.10.0.12")}}\n`
  );
}
