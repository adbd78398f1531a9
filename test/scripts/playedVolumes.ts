import { hostname } from "node:os";
import { afterAll, beforeAll, expect } from "vitest";
import { Machine, resourceFile } from "./machine.ts";

/** A mirror on which volumes get their metadata, for the tests of a file. */
export function playedVolumes() {
  let machine: Machine;
  beforeAll(async () => {
    machine = await Machine.start();
    machine.ok("cat >/etc/drbd.conf", 'include "drbd.d/global_common.conf";\ninclude "drbd.d/*.res";\n');
    expect(machine.guest("drbd-configure.sh", ["global_common"], "global { usage-count no; }\n")).toMatchObject({
      status: 0,
    });
  });
  afterAll(() => machine?.stop());

  let minor = 0;
  /** A configured volume on a fresh disk of 64 MiB. */
  function volume(name: string): string {
    const disk = machine.disk(name, 64);
    expect(machine.guest("drbd-configure.sh", [name], resourceFile(hostname(), name, minor, disk))).toMatchObject({
      status: 0,
    });
    minor += 1;
    return disk;
  }
  const sum = (disk: string) => machine.ok(`blockdev --flushbufs ${disk}; sha256sum <${disk}`);
  const create = (name: string) => machine.guest("drbd-create-metadata.sh", [name]);
  return {
    get machine() {
      return machine;
    },
    volume,
    sum,
    create,
  };
}
