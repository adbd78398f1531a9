import { readdirSync, rmSync, statSync } from "node:fs";
import { afterAll, afterEach, beforeAll } from "vitest";
import { openHosts } from "../../plugins/libvirt/host/hosts.ts";
import { volume } from "../../plugins/libvirt/volume.ts";
import type { VolumeInputs } from "../../plugins/libvirt/volume.ts";
import { startHost } from "./testHost.ts";
import type { TestHost } from "./testHost.ts";

export const MiB = 1024 ** 2;
export const dataDisk: VolumeInputs = { pool: "default", name: "data", capacity: 8 * MiB, format: "raw" };

/**
 * A KVM host for the tests of a file about volumes; each test finds its pool empty.
 * @param part as of `startHost`
 */
export function volumeHost(part: string) {
  const hosts = openHosts();
  const kind = volume(hosts);
  let host: TestHost;
  beforeAll(() => {
    host = startHost(part);
  });
  afterAll(async () => {
    await hosts.close();
    host.down();
  });
  afterEach(() => {
    for (const name of readdirSync(host.poolDir)) rmSync(`${host.poolDir}/${name}`);
    host.run("rm", "-rf", "/var/lib/libvirt/kvm-mirror");
    host.run("virsh", "pool-refresh", "default");
  });

  const inPool = (name: string) => `${host.poolDir}/${name}`;
  const sizeOf = (name: string) => statSync(inPool(name)).size;
  return {
    get host() {
      return host;
    },
    hosts,
    kind,
    inPool,
    sizeOf,
  };
}
