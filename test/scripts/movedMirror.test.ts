/**
 * A mirror that `virsh migrate` took to another KVM host: its own host still has a definition, old disks, and calls it
 * "shut off". It must not pass for off, neither to an operator nor to a cluster.
 */
import { beforeEach, describe, expect, test } from "vitest";
import { playedHost } from "./playedHost.ts";

const host = playedHost();
const folder = "/run/virsh/mirror-a";
const uuid = (digit: number): string => `00000000-0000-4000-8000-00000000000${digit}`;

beforeEach(() => {
  host.machine.ok(
    `rm -rf /root/.local /var/log/libvirt/qemu && mkdir -p ${folder} && touch ${folder}/persistent.xml
      echo ${uuid(1)} >${folder}/uuid`,
  );
  offBecause("migrated");
});
const offBecause = (reason: string): void =>
  void host.machine.ok(`rm -f ${folder}/live.xml && echo '${reason}' >${folder}/reason`);
/** libvirt's daemon has forgotten why what is off is off; Debian's ends after two minutes without work. */
const daemonStartsAnew = (): void => offBecause("unknown");
/** libvirt's log of a domain; QEMU's own words stand between its lines. */
const log = (file: string, ...lines: readonly string[]): void =>
  void host.machine.ok(
    `mkdir -p /var/log/libvirt/qemu && cat >/var/log/libvirt/qemu/${file}`,
    lines.map((line) => `2026-11-28 09:10:11.123+0000: ${line}\nchar device redirected to /dev/pts/1\n`).join(""),
  );
const starts = (): void => void host.machine.ok(`touch ${folder}/live.xml`);

const evidence = (): { readonly domain: string } => JSON.parse(host.script("mirror-evidence.sh", "mirror-a").stdout);
const fence = () => host.script("fence-mirror.sh", "mirror-a");
const shell = (...lines: readonly string[]): readonly string[] =>
  host
    .script("fence-shell.sh", "mirror-a 0", lines.map((line) => `${line}\n`).join(""))
    .stdout.split("[EXPECT]# ")
    .slice(1, -1)
    .map((text: string) => text.trim());
const advice =
  "mirror-a was migrated away from this KVM host (virsh migrate), and may run elsewhere. Find it, and migrate it " +
  "back, or turn it off there; then have libvirt here know that it is off: virsh start mirror-a --paused " +
  "--force-boot && virsh destroy mirror-a";

describe("a mirror that was migrated away", () => {
  test("is not off to an operator, and what is left of its marks says nothing", () => {
    host.machine.ok("echo 'kvm-mirror marks 1' >/run/virsh/marks");
    expect(evidence()).toEqual({
      domain: "moved",
      marks: null,
      why: "virsh migrate",
    });
    expect(fence()).toMatchObject({ status: 1, stderr: `fence-mirror.sh: ${advice}\n` });
  });

  test("is not off to a cluster, which can neither turn it off nor start its old disks", () => {
    expect(shell("virsh domstate mirror-a", "virsh destroy mirror-a", "virsh domstate mirror-a")).toEqual([
      "running",
      `error: ${advice}`,
      "running",
    ]);
    expect(shell("virsh start mirror-a")).toEqual([`error: ${advice}`]);
    expect(host.machine.ok(`ls ${folder}`)).not.toContain("live.xml");
    expect(shell("virsh list --all")[0]).toMatch(/mirror-a +running/);
  });

  test.each([
    ["an operator", () => evidence().domain],
    ["a cluster", () => shell("virsh list --all").join("")],
  ])("stays so when libvirt has forgotten it, once %s has looked", (_, look) => {
    look();
    daemonStartsAnew();
    expect(evidence().domain).toBe("moved");
    expect(fence().status).toBe(1);
    expect(shell("virsh domstate mirror-a")).toEqual(["running"]);
  });

  test.each([
    ["migrated", [], "moved"],
    ["migrated", ["starting up libvirt version: 9.0.0, package: 9.0.0-4"], "off"],
    ["destroyed", [], "off"],
  ])("is told by libvirt's log where nobody looked in time: reason=%s, then %j: %s", (reason, later, word) => {
    log("mirror-a.log.1", "starting up libvirt version: 9.0.0", "shutting down, reason=migrated");
    log("mirror-a.log", "starting up libvirt version: 9.0.0", `shutting down, reason=${reason}`, ...later);
    daemonStartsAnew();
    expect(evidence().domain).toBe(word);
    expect(fence().status).toBe(word === "moved" ? 1 : 0);
    expect(shell("virsh domstate mirror-a")).toEqual([word === "moved" ? "running" : "shut off"]);
  });

  test("is told by a log that was rotated since", () => {
    log("mirror-a.log.1", "starting up libvirt version: 9.0.0", "shutting down, reason=migrated");
    log("mirror-a.log");
    daemonStartsAnew();
    expect(evidence().domain).toBe("moved");
  });

  test.each(["destroyed", "shutdown", "crashed", "saved", "failed"])(
    "is off again when it has run here since, and is off because it was %s",
    (reason) => {
      expect(evidence().domain).toBe("moved");
      offBecause(reason);
      expect(evidence().domain).toBe("off");
      daemonStartsAnew();
      expect(evidence().domain).toBe("off");
      expect(fence().status).toBe(0);
      expect(shell("virsh domstate mirror-a")).toEqual(["shut off"]);
    },
  );

  test("counts as running when it is back", () => {
    expect(evidence().domain).toBe("moved");
    starts();
    expect(evidence().domain).toBe("running");
    daemonStartsAnew();
    expect(evidence().domain).toBe("off");
  });

  test("is another one than a later machine of its name", () => {
    expect(evidence().domain).toBe("moved");
    host.machine.ok(`echo ${uuid(2)} >${folder}/uuid`);
    daemonStartsAnew();
    expect(evidence().domain).toBe("off");
    offBecause("migrated");
    expect(evidence().domain).toBe("moved");
    daemonStartsAnew();
    expect(evidence().domain).toBe("moved");
  });
});
