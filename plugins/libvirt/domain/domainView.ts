/** What a domain's XML says, as far as this provider has arguments for it. */
import { attribute, children, find, textOf } from "../xml/dom.ts";
import type { Element } from "../xml/dom.ts";

export interface DiskView {
  readonly device: string;
  /** Path, or `type:…` for disks that are no files. */
  readonly source: string | undefined;
  readonly driver: { readonly type?: string; readonly cache?: string; readonly io?: string; readonly discard?: string };
  readonly dev: string;
  readonly bus: string | undefined;
  readonly serial?: string;
  readonly readonly: boolean;
}

export interface InterfaceView {
  readonly mac: string;
  /** Undefined for interfaces that are in no libvirt network. */
  readonly network: string | undefined;
  readonly model: string | undefined;
  readonly mtu?: number;
}

export interface DomainView {
  readonly name: string;
  readonly uuid: string;
  readonly virtType: string;
  readonly title?: string;
  /** MiB. */
  readonly memory: number;
  readonly vcpu: number;
  readonly cpuMode?: string;
  readonly machine?: string;
  readonly disks: readonly DiskView[];
  readonly interfaces: readonly InterfaceView[];
}

export function viewDomain(root: Element): DomainView {
  const devices = find(root, "devices");
  return {
    name: textOf(find(root, "name")) ?? "",
    uuid: textOf(find(root, "uuid")) ?? "",
    virtType: attribute(root, "type") ?? "",
    ...defined({
      title: textOf(find(root, "title")),
      cpuMode: attribute(find(root, "cpu"), "mode"),
      machine: attribute(find(root, "os", "type"), "machine"),
    }),
    memory: mebibytes(find(root, "memory")),
    vcpu: Number(textOf(find(root, "vcpu")) ?? 1),
    disks: devices ? children(devices, "disk").map(viewDisk) : [],
    interfaces: devices ? children(devices, "interface").map(viewInterface) : [],
  };
}

export function viewDisk(disk: Element): DiskView {
  const driver = find(disk, "driver");
  const target = find(disk, "target");
  return {
    device: attribute(disk, "device") ?? "disk",
    source: sourceOf(disk),
    driver: defined({
      type: attribute(driver, "type"),
      cache: attribute(driver, "cache"),
      io: attribute(driver, "io"),
      discard: attribute(driver, "discard"),
    }),
    dev: attribute(target, "dev") ?? "",
    bus: attribute(target, "bus"),
    ...defined({ serial: textOf(find(disk, "serial")) }),
    readonly: find(disk, "readonly") !== undefined,
  };
}

function sourceOf(disk: Element): string | undefined {
  const source = find(disk, "source");
  if (!source) return undefined;
  const type = attribute(disk, "type") ?? "file";
  if (type === "file") return attribute(source, "file");
  const words = ["protocol", "dev", "pool", "volume", "name"]
    .map((name) => attribute(source, name))
    .filter((word) => word !== undefined);
  return `${type}:${words.join("/")}`;
}

export function viewInterface(nic: Element): InterfaceView {
  const mtu = attribute(find(nic, "mtu"), "size");
  return {
    mac: (attribute(find(nic, "mac"), "address") ?? "").toLowerCase(),
    network: attribute(nic, "type") === "network" ? attribute(find(nic, "source"), "network") : undefined,
    model: attribute(find(nic, "model"), "type"),
    ...(mtu === undefined ? {} : { mtu: Number(mtu) }),
  };
}

/** Bytes of libvirt's units; without one it means KiB. */
const units: Readonly<Record<string, number>> = {
  b: 1,
  bytes: 1,
  KB: 1e3,
  k: 1024,
  KiB: 1024,
  MB: 1e6,
  M: 1024 ** 2,
  MiB: 1024 ** 2,
  GB: 1e9,
  G: 1024 ** 3,
  GiB: 1024 ** 3,
  TB: 1e12,
  T: 1024 ** 4,
  TiB: 1024 ** 4,
}; // prettier-ignore

function mebibytes(memory: Element | undefined): number {
  const unit = units[attribute(memory, "unit") ?? "KiB"];
  const value = Number(textOf(memory));
  if (unit === undefined || !Number.isFinite(value)) throw new Error("a domain's memory is not readable");
  return (value * unit) / 1024 ** 2;
}

function defined<Values extends object>(values: Values): { [Key in keyof Values]?: Exclude<Values[Key], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Values]?: Exclude<Values[Key], undefined>;
  };
}
