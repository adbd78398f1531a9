/** A client's XML as another KVM host gets it in a live migration. */
import {
  appendXml,
  attribute,
  children,
  type Element,
  ensureChild,
  find,
  parseXml,
  remove,
  serializeXml,
  setAttribute,
} from "../../../plugins/libvirt/xml/dom.ts";

/** One of its own: of each namespace libvirt keeps one element in the metadata. */
const namespace = "https://pulumi.com/kvm-mirror/migration";
const qemu = "http://libvirt.org/schemas/domain/qemu/1.0";

export interface MigratingClient {
  /** Its XML where it runs (`virsh dumpxml --migratable`). */
  readonly running: string;
  /** Its definition on the other host. */
  readonly defined: string;
  /** Of this migration: the other host's permit has it, too (scripts/host/permit-hook.sh). */
  readonly token: string;
}

/**
 * The XML of a client that runs, with what is another thing on the other host taken from its definition there: whose it
 * is (metadata), QEMU's path, the files of its own disks, the initiator of an iSCSI disk, the networks of its
 * interfaces. All that its guest sees stays as it is, or libvirt refuses it (its "ABI").
 * @throws with what the other host's definition does not have
 */
export function renderMigrationXml({ running, defined, token }: MigratingClient): string {
  const root = parseXml(running, "the running client");
  const other = parseXml(defined, "its definition on the other KVM host");
  const devices = ensureChild(root, "devices");
  takeText(devices, find(other, "devices"), "emulator");
  for (const disk of children(devices, "disk")) takeSource(disk, diskOn(other, targetOf(disk)), "disk", targetOf(disk));
  for (const nic of children(devices, "interface")) takeSource(nic, nicOn(other, macOf(nic)), "interface", macOf(nic));
  for (const label of children(root, "seclabel")) remove(label);
  takeMetadata(root, other);
  appendXml(ensureChild(root, "metadata"), `<migration:migration xmlns:migration="${namespace}" token="${token}"/>`);
  return serializeXml(root);
}

/** Targets of a client's disks that are its KVM host's own: they are on no other one unless they are copied. */
export function ownDisks(xml: string): readonly string[] {
  return disksOf(parseXml(xml, "the client"))
    .filter((disk) => attribute(disk, "type") !== "network" && !find(disk, "readonly"))
    .map(targetOf);
}

/** Targets of its disks that libvirt knows to come over a network. */
export function networkDisks(xml: string): readonly string[] {
  return disksOf(parseXml(xml, "the client"))
    .filter((disk) => attribute(disk, "type") === "network")
    .map(targetOf);
}

/**
 * What has to be asked of the other host's CPU, as arguments of scripts/host/cpu-fits.sh and what it reads.
 * @param host `<cpu>` of the KVM host where it runs, which its guest sees under `host-passthrough`
 */
export function cpuOf(
  xml: string,
  host: string,
): { readonly args: readonly string[]; readonly xml: string } | undefined {
  const root = parseXml(xml, "the client");
  const cpu = find(root, "cpu");
  if (!cpu) return undefined;
  if (attribute(cpu, "mode") !== "custom") return { args: ["host"], xml: host };
  const machine = attribute(find(root, "os", "type"), "machine") ?? "";
  return { args: [attribute(root, "type") ?? "", machine], xml: serializeXml(cpu) };
}

/** Disks that QEMU got as arguments, by target: those of its start, or of its next one. */
export function argumentDisks(xml: string): readonly string[] {
  const root = parseXml(xml, "the client");
  const lines = children(root, "qemu:commandline").flatMap((line) => children(line, "qemu:arg"));
  const found = lines.flatMap((line) => {
    if (line.namespaceURI !== qemu) return [];
    const id = /"id":"kvm-mirror-([a-z]+)"/.exec(attribute(line, "value") ?? "");
    return id?.[1] === undefined ? [] : [id[1]];
  });
  return [...new Set(found)].sort();
}

/** The file or device behind a disk of a domain, by its target; undefined where it has none. */
export function fileOf(xml: string, target: string): string | undefined {
  const source = find(diskOn(parseXml(xml, "the client"), target), "source");
  return attribute(source, "file") ?? attribute(source, "dev");
}

const targetOf = (disk: Element): string => attribute(find(disk, "target"), "dev") ?? "";
const macOf = (nic: Element): string => (attribute(find(nic, "mac"), "address") ?? "").toLowerCase();
const disksOf = (root: Element): Element[] => children(ensureChild(root, "devices"), "disk");
const diskOn = (root: Element, target: string): Element | undefined =>
  disksOf(root).find((disk) => targetOf(disk) === target);
const nicOn = (root: Element, mac: string): Element | undefined =>
  children(ensureChild(root, "devices"), "interface").find((nic) => macOf(nic) === mac);

function takeText(into: Element, from: Element | undefined, name: string): void {
  const [mine, theirs] = [find(into, name), find(from, name)];
  if (mine && theirs) mine.textContent = theirs.textContent;
}

function takeMetadata(root: Element, other: Element): void {
  const [mine, theirs] = [find(root, "metadata"), find(other, "metadata")];
  if (mine) remove(mine);
  if (theirs) appendXml(root, serializeXml(theirs));
}

/** @throws where the other host has no such device */
function takeSource(mine: Element, theirs: Element | undefined, kind: string, name: string): void {
  if (!theirs) throw new Error(`its definition there has no ${kind} ${name}, and the running one has`);
  setAttribute(mine, "type", attribute(theirs, "type"));
  const [old, taken] = [find(mine, "source"), find(theirs, "source")];
  if (old) remove(old);
  if (taken) appendXml(mine, serializeXml(taken));
}
