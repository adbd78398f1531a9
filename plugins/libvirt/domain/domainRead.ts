/** From what a domain is to the arguments that would make it so. */
import { isDeepStrictEqual } from "node:util";
import type { Pool } from "../pool/pools.ts";
import { diskPath } from "./deviceXml.ts";
import type { DiskInputs, DomainInputs, InterfaceInputs } from "./domainInputs.ts";
import type { DiskView, DomainView, InterfaceView } from "./domainView.ts";

/** What is not in the XML. */
export interface DomainFacts {
  readonly autostart: boolean;
  readonly running: boolean;
}

/**
 * The arguments as the domain is now. `declared`: the ones so far; what they leave to
 * libvirt or to others (CPU model, power, disks and interfaces that others
 * attached) stays out. Without them, on import, everything that can be said is said.
 */
export function domainInputsOf(
  view: DomainView,
  facts: DomainFacts,
  pools: readonly Pool[],
  declared: DomainInputs | undefined,
  virtTypeThen: string | undefined,
): DomainInputs {
  const { title, cpuMode } = view;
  return {
    name: view.name,
    uuid: view.uuid,
    type:
      declared?.type === "auto" && (virtTypeThen === undefined || view.virtType === virtTypeThen)
        ? "auto"
        : (view.virtType as "kvm" | "qemu"),
    ...(title === undefined ? {} : { title }),
    memory: view.memory,
    vcpu: view.vcpu,
    ...(declared?.cpu && cpuMode !== undefined
      ? { cpu: { mode: cpuMode as NonNullable<DomainInputs["cpu"]>["mode"] } }
      : {}),
    ...osOf(view, declared),
    disks: declared
      ? declared.disks.flatMap((disk) => diskNow(disk, view, pools))
      : view.disks.flatMap((disk) => importedDisk(disk, pools)),
    interfaces: declared
      ? declared.interfaces.flatMap((nic) => interfaceNow(nic, view))
      : view.interfaces.flatMap(importedInterface),
    ...(declared && declared.running === undefined ? {} : { running: facts.running }),
    autostart: facts.autostart,
    shutdownTimeout: declared?.shutdownTimeout ?? 120,
  };
}

/** libvirt replaces an alias such as `q35` by the version it stands for. */
function osOf({ machine }: DomainView, declared: DomainInputs | undefined): Pick<DomainInputs, "os"> {
  if (!declared?.os) return {};
  const wanted = declared.os.machine;
  if (wanted === undefined || machine === undefined) return { os: declared.os };
  const alias = { pc: "pc-i440fx-", q35: "pc-q35-" }[wanted];
  return { os: { machine: alias !== undefined && machine.startsWith(alias) ? wanted : machine } };
}

function diskNow(declared: DiskInputs, view: DomainView, pools: readonly Pool[]): DiskInputs[] {
  const found = view.disks.find((disk) => disk.dev === declared.target.dev);
  if (!found) return [];
  return [
    sameDisk(declared, found, pools)
      ? declared
      : { ...diskOf(found, pools), ...(declared.readonly === undefined ? {} : { readonly: found.readonly }) },
  ];
}

/** Whether a disk of a domain is what was declared. */
export function sameDisk(declared: DiskInputs, found: DiskView, pools: readonly Pool[]): boolean {
  const wanted: DiskView = {
    device: declared.device,
    source: diskPath(declared, pools),
    driver: JSON.parse(JSON.stringify(declared.driver)) as DiskView["driver"],
    dev: declared.target.dev,
    bus: declared.target.bus,
    ...(declared.serial === undefined ? {} : { serial: declared.serial }),
    readonly: declared.readonly === true || declared.device === "cdrom",
  };
  return isDeepStrictEqual(wanted, found);
}

function diskOf(found: DiskView, pools: readonly Pool[]): DiskInputs {
  const path = found.source ?? "";
  const slash = path.lastIndexOf("/");
  const pool = pools.find(({ dir }) => dir === path.slice(0, slash));
  return {
    device: found.device,
    // A file outside every pool is named by its path: it equals nothing that can be declared, which is right.
    source: pool ? { pool: pool.name, volume: path.slice(slash + 1) } : { pool: "", volume: path },
    driver: found.driver,
    target: { dev: found.dev, bus: found.bus ?? "" },
    ...(found.serial === undefined ? {} : { serial: found.serial }),
  } as DiskInputs;
}

/** On import: the disks that are files of a pool; others belong to whoever attached them. */
function importedDisk(found: DiskView, pools: readonly Pool[]): DiskInputs[] {
  const disk = diskOf(found, pools);
  return disk.source.pool === "" ? [] : [{ ...disk, ...(found.readonly ? { readonly: true } : {}) }];
}

function interfaceNow(declared: InterfaceInputs, view: DomainView): InterfaceInputs[] {
  const found = view.interfaces.find(({ mac }) => mac === declared.mac);
  if (!found) return [];
  return [sameInterface(declared, found) ? declared : interfaceOf(found)];
}

export function sameInterface(declared: InterfaceInputs, found: InterfaceView): boolean {
  const { network, mac, model, mtu } = declared;
  return isDeepStrictEqual({ network, mac, model, ...(mtu === undefined ? {} : { mtu }) }, { ...found });
}

function interfaceOf({ network, mac, model, mtu }: InterfaceView): InterfaceInputs {
  return { network: network ?? "", mac, model: model ?? "", ...(mtu === undefined ? {} : { mtu }) };
}

function importedInterface(found: InterfaceView): InterfaceInputs[] {
  return found.network === undefined ? [] : [interfaceOf(found)];
}
