import { describe, expect, it } from "vitest";
import { scriptsAtWork } from "../../../../src/operate/decide/scriptsAtWork.ts";
import type { Process } from "../../../../src/operate/observe/atWork.ts";

const process = (pid: number, parent: number, program: string, command: string | null = null): Process => ({
  pid,
  parent,
  seconds: 30,
  program,
  command,
  unit: null,
});
const init = process(1, 0, "systemd");
const installed = "/usr/local/lib/kvm-mirror";
const scriptsOf = (...processes: readonly Process[]) => scriptsAtWork([init, ...processes]);

describe("scripts at work on a machine", () => {
  it("are told once, by name and arguments, with what they have started", () => {
    const processes = [
      process(10, 1, "pulumi"),
      process(11, 10, "pulumi-resource-command"),
      process(12, 11, "sh"),
      process(13, 12, "bash", "bash ../scripts/operator/place-group.sh main mirror-a"),
      process(14, 13, "bash", "bash ../scripts/operator/place-group.sh main mirror-a"),
      process(15, 14, "bash", "bash ../scripts/operator/on-mirror.sh storage@10.30.0.11 group-start.sh"),
      process(16, 15, "ssh"),
    ];
    expect(scriptsOf(...processes)).toEqual([
      { pid: 13, command: "place-group.sh main mirror-a", seconds: 30, awaited: true },
    ]);
  });

  it.each([
    ["pulumi", [process(10, 1, "pulumi"), process(11, 10, "node"), process(12, 11, "sh")], true],
    ["kvm-mirror", [process(12, 1, "kvm-mirror")], true],
    ["a login", [process(10, 1, "sshd:"), process(11, 10, "sudo"), process(12, 11, "bash")], true],
    ["a terminal", [process(11, 1, "tmux:"), process(12, 11, "bash")], true],
    ["a plugin whose pulumi was killed", [process(11, 1, "pulumi-resource-command"), process(12, 11, "sh")], false],
    ["a shell whose login is gone", [process(11, 1, "sudo"), process(12, 11, "bash")], false],
    ["a process that has just ended", [], false],
  ])("below %s", (_, ancestors, awaited) => {
    const script = process(20, 12, "bash", `bash ${installed}/drbd-grow.sh r0`);
    expect(scriptsOf(...ancestors, script)).toMatchObject([{ command: "drbd-grow.sh r0", awaited }]);
  });

  it("are not those of services, of DRBD and the peer, nor what asks", () => {
    const command = `bash ${installed}/group-start.sh main`;
    const processes = [
      { ...process(10, 1, "bash", command), unit: "kvm-mirror-group@main.service" },
      { ...process(11, 1, "bash", command), unit: "pacemaker.service" },
      process(12, 2, "bash", `bash ${installed}/fence-peer.sh`),
      process(13, 1, "bash", `bash ${installed}/watch-peer.sh`),
      process(14, 1, "bash", `bash ${installed}/outdate.sh r0`),
      process(15, 1, "bash", "bash /tmp/kvm-mirror.aB3/at-work.sh"),
      process(16, 1, "bash", "bash /srv/clone/scripts/operator/on-host.sh qemu:///system at-work.sh"),
    ];
    expect(scriptsOf(...processes)).toEqual([]);
    // The ssh server's own service is where a login's scripts run on a machine without user sessions.
    expect(scriptsOf({ ...process(10, 1, "bash", command), unit: "ssh.service" })).toHaveLength(1);
  });
});
