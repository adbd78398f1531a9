import { afterAll, afterEach, beforeAll } from "vitest";
import { domain } from "../../plugins/libvirt/domain/domain.ts";
import { domainInputs } from "../../plugins/libvirt/domain/domainInputs.ts";
import type { DomainInputs } from "../../plugins/libvirt/domain/domainInputs.ts";
import { openHosts } from "../../plugins/libvirt/host/hosts.ts";
import { callOf } from "./testCall.ts";
import { startHost } from "./testHost.ts";
import type { TestHost } from "./testHost.ts";

export const MiB = 1024 ** 2;

export const dataDisk = (name: string, dev: string) => ({
  device: "disk" as const,
  source: { pool: "default", volume: name },
  driver: { type: "raw" as const, cache: "none" as const, io: "native" as const },
  target: { dev, bus: "virtio" as const },
  serial: name,
});
/** The domain of the tests, off and on. */
export const off = domainInputs.parse({
  name: "tiny",
  uuid: "b0a1f5a4-3f0e-4c58-9d55-0f6d0e1c2b3a",
  title: "A domain of the tests",
  memory: 64,
  vcpu: 1,
  disks: [dataDisk("data", "vdb")],
  interfaces: [{ network: "lan", mac: "52:54:00:00:00:01" }],
  running: false,
  // A guest without a system hears nothing: the power is cut.
  shutdownTimeout: 1,
});
export const on: DomainInputs = { ...off, running: true };

/**
 * A KVM host with a network `lan` and volumes `data` and `more`, for the tests of a file about domains; each test finds
 * no domain.
 * @param part as of `startHost`
 */
export function domainHost(part: string) {
  const hosts = openHosts();
  const kind = domain(hosts);
  let host: TestHost;
  beforeAll(() => {
    host = startHost(part);
    host.feed("<network><name>lan</name></network>", "virsh", "net-define", "/dev/stdin");
    host.run("virsh", "net-start", "lan");
    for (const name of ["data", "more"])
      host.run("virsh", "vol-create-as", "default", name, String(8 * MiB), "--format", "raw");
  });
  afterAll(async () => {
    await hosts.close();
    host.down();
  });
  afterEach(() => {
    for (const name of lines("virsh", "list", "--name")) host.run("virsh", "destroy", name);
    for (const name of lines("virsh", "list", "--all", "--name")) host.run("virsh", "undefine", name);
  });

  const lines = (...command: string[]) =>
    host
      .run(...command)
      .split("\n")
      .filter(Boolean);
  const xml = (name = "tiny") => host.run("virsh", "dumpxml", "--inactive", name);
  const domstate = (name = "tiny") => host.run("virsh", "domstate", name).trim();
  const read = (known: DomainInputs, call = callOf("vm")) =>
    kind.read(host.config, known.name, call, {
      inputs: known,
      state: { ...known, virtType: "qemu", restartRequired: false, lastStart: "" },
    });
  const update = (from: DomainInputs, to: DomainInputs, call = callOf("vm")) =>
    kind.update(
      host.config,
      to.name,
      { inputs: from, state: { ...from, virtType: "qemu", restartRequired: false, lastStart: "" } },
      to,
      call,
    );
  return {
    get host() {
      return host;
    },
    hosts,
    kind,
    lines,
    xml,
    domstate,
    read,
    update,
  };
}
