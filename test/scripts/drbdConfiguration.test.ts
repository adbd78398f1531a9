import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { checkMachineName, checkVolumeName } from "../../src/config/names.ts";
import { Mistake } from "../../src/config/written.ts";
import { renderDrbdGlobal } from "../../src/render/drbdGlobal.ts";
import { renderDrbdResource } from "../../src/render/drbdResource.ts";
import { drbdWords } from "../../src/render/drbdWords.ts";
import type { Changes } from "../unit/config/sample.ts";
import { keys, planOf } from "../unit/render/sample.ts";

/** What drbdadm understands of the rendered configuration; throws with its message if it does not. */
function understood(changes: Changes): string {
  const directory = mkdtempSync(join(tmpdir(), "kvm-mirror-"));
  try {
    const plan = planOf(changes);
    const file = join(directory, "drbd.conf");
    writeFileSync(
      file,
      renderDrbdGlobal() +
        plan.volumes
          .map((volume) => renderDrbdResource(volume, plan.mirrors, keys.drbdSharedSecret(volume.name), plan.failover))
          .join(""),
    );
    // The words of 8.4, also where no module tells drbdadm its version.
    const env = { ...process.env, DRBD_DRIVER_VERSION_OVERRIDE: "8.4.11" };
    return execFileSync("drbdadm", ["-c", file, "dump"], { encoding: "utf8", env, stdio: ["ignore", "pipe", "pipe"] });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

it("drbdadm reads the rendered configuration as it is meant", () => {
  const lines = understood({})
    .split("\n")
    .map((line) => line.trim().replace(/ +/g, " "));
  for (const line of [
    "usage-count no;",
    "resource r0 {",
    "resource r1 {",
    "device /dev/drbd1 minor 1;",
    "disk /dev/disk/by-id/virtio-r1;",
    "meta-disk internal;",
    "address ipv4 10.10.0.12:7789;",
    "protocol C;",
    "cram-hmac-alg sha1;",
    `shared-secret ${keys.drbdSharedSecret("r1")};`,
    "on-io-error detach;",
    "on-no-data-accessible suspend-io;",
    "fencing resource-and-stonith;",
    "fence-peer /usr/local/lib/kvm-mirror/fence-peer.sh;",
    "resync-rate 100M;",
    "wfc-timeout 15;",
    "degr-wfc-timeout 60;",
  ]) {
    expect(lines).toContain(line);
  }
});

it("drbdadm reads it as it is meant under automatic failover, too", () => {
  const lines = understood({ "hosts.kvm-a.fenceAddress": "10.30.0.2", failover: { mode: "automatic" } })
    .split("\n")
    .map((line) => line.trim().replace(/ +/g, " "));
  for (const line of ["on-no-data-accessible suspend-io;", "on-io-error detach;", "fencing resource-and-stonith;"])
    expect(lines.filter((one) => one === line)).toHaveLength(2);
});

it("drbdadm takes the extremes that the configuration allows", () => {
  const replication = { resyncRate: "4G", wfcTimeout: 0, degrWfcTimeout: 0 };
  expect(
    understood({
      "volumes.r0.minor": 255,
      "volumes.r0.replication": replication,
      "volumes.r1.replication": { resyncRate: "250K" },
    }),
  ).toContain("minor 255");
});

/** What drbdadm, told to bring up a resource by its name, would do. */
function commands(volume: string, mirror: string): string {
  const directory = mkdtempSync(join(tmpdir(), "kvm-mirror-"));
  try {
    const file = join(directory, "drbd.conf");
    const plan = planOf();
    const [r0] = plan.volumes;
    const [first, second] = plan.mirrors;
    if (!r0 || !first || !second) throw new Error("the sample has volumes and mirrors");
    // drbdadm looks whether the address of its own node is there.
    const here = { ...first, name: mirror, replicationAddress: "127.0.0.1" };
    const renamed = { ...here, backings: first.backings.map((backing) => ({ ...backing, volume })) };
    const other = { ...second, backings: second.backings.map((backing) => ({ ...backing, volume })) };
    const text = renderDrbdResource({ ...r0, name: volume }, [renamed, other], keys.drbdSharedSecret("r0"));
    writeFileSync(file, renderDrbdGlobal() + text);
    const env = { ...process.env, DRBD_DRIVER_VERSION_OVERRIDE: "8.4.11", __DRBD_NODE__: mirror };
    execFileSync("drbdadm", ["-c", file, "dump"], { env, stdio: "pipe" });
    return execFileSync("drbdadm", ["-c", file, "-d", "primary", volume], { encoding: "utf8", env, stdio: "pipe" });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

it("drbdadm takes its own words for names, quoted, of a volume and of a mirror", () => {
  expect(drbdWords.size).toBeGreaterThan(100);
  for (const name of drbdWords) {
    if (name.length <= 20 && accepts(() => checkVolumeName(name)))
      expect(commands(name, "mirror-a"), name).toBe("drbdsetup-84 primary 0\n");
    if (accepts(() => checkMachineName(name))) expect(commands("r0", name), name).toBe("drbdsetup-84 primary 0\n");
  }
});

it("drbdadm does not take global for a volume's name, nor does the configuration", () => {
  expect(accepts(() => checkVolumeName("global"))).toBe(false);
  expect(() => commands("global", "mirror-a")).toThrow("global");
});

function accepts(check: () => void): boolean {
  try {
    check();
    return true;
  } catch (error) {
    if (error instanceof Mistake) return false;
    throw error;
  }
}
