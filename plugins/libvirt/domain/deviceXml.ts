/** Disks and interfaces as elements of a domain. */
import { pathIn } from "../pool/pools.ts";
import type { Pool } from "../pool/pools.ts";
import { element } from "../xml/element.ts";
import type { XmlElement } from "../xml/element.ts";
import type { DiskInputs, InterfaceInputs } from "./domainInputs.ts";

/**
 * By path, not as `type='volume'`: AppArmor's helper for libvirt grants access to
 * files that it reads in the XML, and does not look into pools.
 */
export function diskElement(disk: DiskInputs, pools: readonly Pool[]): XmlElement {
  const { type, cache, io, discard } = disk.driver;
  return element("disk", { type: "file", device: disk.device }, [
    element("driver", { name: "qemu", type, cache, io, discard }),
    element("source", { file: diskPath(disk, pools) }),
    element("target", { dev: disk.target.dev, bus: disk.target.bus }),
    disk.serial === undefined ? undefined : element("serial", {}, disk.serial),
    disk.readonly || disk.device === "cdrom" ? element("readonly") : undefined,
  ]);
}

export function diskPath({ source }: DiskInputs, pools: readonly Pool[]): string {
  const pool = pools.find((candidate) => candidate.name === source.pool);
  if (!pool)
    throw new Error(
      `there is no storage pool ${source.pool} with files; such pools here: ` +
        `${pools.map(({ name }) => name).join(", ") || "none"}`,
    );
  return pathIn(pool, source.volume);
}

export function interfaceElement({ network, mac, model, mtu }: InterfaceInputs): XmlElement {
  return element("interface", { type: "network" }, [
    element("mac", { address: mac }),
    element("source", { network }),
    element("model", { type: model }),
    mtu === undefined ? undefined : element("mtu", { size: mtu }),
  ]);
}
