import { resolve } from "node:path";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { Machine } from "./machine.ts";

const scripts = resolve(import.meta.dirname, "../../scripts/host");

export interface PlayedHost {
  readonly machine: Machine;
  /** The folder of scripts/host. */
  readonly scripts: string;
  /** Runs a script of scripts/host. */
  readonly script: (name: string, args: string, stdin?: string) => ReturnType<Machine["sh"]>;
  readonly attach: (target: string, xml: string, name?: string) => ReturnType<Machine["sh"]>;
  /** What client-state.sh says of app-1. */
  readonly state: () => { readonly state: string; readonly reason: string; readonly disks: readonly unknown[] };
  /** Starts app-1. */
  readonly run: () => void;
  /** libvirt's daemon, which looks for hooks now, and on SIGHUP. */
  readonly startDaemon: () => void;
  readonly stopDaemon: () => void;
}

/** A KVM host for the tests of a file: two domains that are off, app-1 and app-2, by a played virsh. */
export function playedHost(): PlayedHost {
  let machine: Machine;
  beforeAll(async () => {
    machine = await Machine.start();
  });
  afterAll(() => machine?.stop());
  beforeEach(() => {
    machine.ok(
      "rm -rf /run/virsh /run/ufw && mkdir -p /run/virsh/app-1 /run/virsh/app-2 " +
        "/run/ufw && cat >/run/virsh/app-1/persistent.xml",
      domain("app-1"),
    );
    machine.ok("cat >/run/virsh/app-2/persistent.xml", domain("app-2"));
  });
  const script: PlayedHost["script"] = (name, args, stdin = "") => machine.sh(`bash ${scripts}/${name} ${args}`, stdin);
  return {
    get machine() {
      return machine;
    },
    scripts,
    script,
    attach: (target, xml, name = "app-1") => script("attach-disk.sh", `${name} ${target}`, xml),
    state: () => JSON.parse(script("client-state.sh", "app-1").stdout).domains[0],
    run: () => machine.ok("cp /run/virsh/app-1/persistent.xml /run/virsh/app-1/live.xml"),
    startDaemon: () =>
      machine.ok(
        "setsid libvirtd >/run/libvirtd.log 2>&1 & " +
          "for i in $(seq 100); do [ -s /run/libvirtd.pid ] && exit; sleep 0.1; done; cat /run/libvirtd.log; exit 1",
      ),
    stopDaemon: () => machine.ok("[ ! -e /run/libvirtd.pid ] || kill $(cat /run/libvirtd.pid); rm -f /run/libvirt*"),
  };
}

export const domain = (name: string) => `<domain>
  <name>${name}</name>
  <devices>
    <disk type='file' device='disk'>
      <source file='/os.qcow2'/>
      <target dev='vda' bus='virtio'/>
    </disk>
  </devices>
</domain>
`;
