/** A new domain as libvirt's XML. */
import type { Owner } from "../owner.ts";
import type { Pool } from "../pool/pools.ts";
import { element, renderXml } from "../xml/element.ts";
import type { XmlElement } from "../xml/element.ts";
import { ownerElement } from "../xml/ownerElement.ts";
import { diskElement, interfaceElement } from "./deviceXml.ts";
import type { DomainInputs } from "./domainInputs.ts";

export type VirtType = "kvm" | "qemu";

/** Where virtlogd writes what the guest says on its serial console. */
export function consoleLog(domain: string): string {
  return `/var/log/libvirt/qemu/${domain}-console.log`;
}

export function renderDomain(domain: DomainInputs, virtType: VirtType, pools: readonly Pool[], owner: Owner): string {
  return renderXml(
    element("domain", { type: virtType }, [
      element("name", {}, domain.name),
      element("uuid", {}, domain.uuid),
      domain.title === undefined ? undefined : element("title", {}, domain.title),
      element("metadata", {}, [ownerElement(owner)]),
      element("memory", { unit: "KiB" }, kibibytes(domain.memory)),
      element("vcpu", {}, domain.vcpu),
      element("os", {}, [element("type", { machine: domain.os?.machine }, "hvm"), element("boot", { dev: "hd" })]),
      element("features", {}, [element("acpi"), element("apic")]),
      cpuElement(domain.cpu, virtType),
      element("clock", { offset: "utc" }),
      element("on_poweroff", {}, "destroy"),
      element("on_reboot", {}, "restart"),
      element("on_crash", {}, "destroy"),
      element("devices", {}, [
        ...domain.disks.map((disk) => diskElement(disk, pools)),
        ...domain.interfaces.map(interfaceElement),
        element("serial", { type: "pty" }, [
          element("log", { file: consoleLog(domain.name), append: "on" }),
          element("target", { port: 0 }),
        ]),
        element("console", { type: "pty" }, [element("target", { type: "serial", port: 0 })]),
        element("channel", { type: "unix" }, [element("target", { type: "virtio", name: "org.qemu.guest_agent.0" })]),
        element("rng", { model: "virtio" }, [element("backend", { model: "random" }, "/dev/urandom")]),
      ]),
    ]),
  );
}

export function kibibytes(mebibytes: number): number {
  return Math.round(mebibytes * 1024);
}

/**
 * Under emulation libvirt's default is the fastest model (measured: `maximum` boots in 160
 * s, the default in 101 s); under KVM it would hide the CPU's abilities.
 */
export function cpuElement(cpu: DomainInputs["cpu"], virtType: VirtType): XmlElement | undefined {
  const mode = cpu?.mode ?? (virtType === "kvm" ? "host-passthrough" : undefined);
  return mode === undefined ? undefined : element("cpu", { mode });
}
