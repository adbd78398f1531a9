/**
 * Changing a domain's XML while keeping what others put there: disks, interfaces, addresses, QEMU arguments, metadata.
 */
import type { Owner } from "../owner.ts";
import type { Pool } from "../pool/pools.ts";
import {
  appendXml,
  attribute,
  children,
  ensureChild,
  find,
  parseXml,
  remove,
  serializeXml,
  setAttribute,
  textOf,
} from "../xml/dom.ts";
import type { Element } from "../xml/dom.ts";
import { renderXml } from "../xml/element.ts";
import type { XmlElement } from "../xml/element.ts";
import { writeOwner } from "../xml/ownerElement.ts";
import { diskElement, interfaceElement } from "./deviceXml.ts";
import type { DomainInputs } from "./domainInputs.ts";
import { sameDisk, sameInterface } from "./domainRead.ts";
import { cpuElement, kibibytes } from "./domainXml.ts";
import type { VirtType } from "./domainXml.ts";
import { viewDisk, viewDomain, viewInterface } from "./domainView.ts";

export interface DomainEdit {
  readonly wanted: DomainInputs;
  /** The arguments so far: disks and interfaces that were declared there and are no longer wanted go. */
  readonly before: DomainInputs | undefined;
  readonly virtType: VirtType;
  readonly pools: readonly Pool[];
  readonly owner: Owner;
}

/** The changed XML; undefined: nothing to change. */
export function editDomain(xml: string, edit: DomainEdit): string | undefined {
  const { wanted, before, virtType, owner } = edit;
  const root = parseXml(xml, `domain ${wanted.name}`);
  const unchanged = serializeXml(root);
  const view = viewDomain(root);
  writeOwner(root, owner);
  setAttribute(root, "type", virtType);
  if (view.title !== wanted.title) setText(root, "title", wanted.title);
  if (view.memory !== wanted.memory) {
    for (const name of ["memory", "currentMemory"]) {
      const memory = ensureChild(root, name);
      setAttribute(memory, "unit", "KiB");
      memory.textContent = String(kibibytes(wanted.memory));
    }
  }
  if (view.vcpu !== wanted.vcpu) {
    const vcpu = ensureChild(root, "vcpu");
    setAttribute(vcpu, "current", undefined);
    vcpu.textContent = String(wanted.vcpu);
  }
  const cpu = cpuElement(wanted.cpu, virtType);
  if ((wanted.cpu || before?.cpu || virtType !== view.virtType) && view.cpuMode !== cpu?.attributes.mode)
    replaceChild(root, "cpu", cpu);
  editDevices(find(root, "devices") ?? ensureChild(root, "devices"), edit);
  const changed = serializeXml(root);
  return changed === unchanged ? undefined : changed;
}

function editDevices(devices: Element, { wanted, before, pools }: DomainEdit): void {
  const targets = new Set(wanted.disks.map((disk) => disk.target.dev));
  for (const { target } of before?.disks ?? []) {
    const gone = targets.has(target.dev) ? undefined : diskAt(devices, target.dev);
    if (gone) remove(gone);
  }
  for (const disk of wanted.disks) {
    const present = diskAt(devices, disk.target.dev);
    if (present && sameDisk(disk, viewDisk(present), pools)) continue;
    const declaredBefore = before === undefined || before.disks.some(({ target }) => target.dev === disk.target.dev);
    if (present && !declaredBefore) {
      throw new Error(
        `domain ${wanted.name} has a disk at ${disk.target.dev} that somebody else attached ` +
          `(${viewDisk(present).source ?? "without a medium"}): choose another target`,
      );
    }
    replaceDevice(devices, present, diskElement(disk, pools), viewDisk);
  }
  const macs = new Set(wanted.interfaces.map((nic) => nic.mac));
  for (const { mac } of before?.interfaces ?? []) {
    const gone = macs.has(mac) ? undefined : interfaceAt(devices, mac);
    if (gone) remove(gone);
  }
  for (const nic of wanted.interfaces) {
    const present = interfaceAt(devices, nic.mac);
    if (present && sameInterface(nic, viewInterface(present))) continue;
    replaceDevice(devices, present, interfaceElement(nic), viewInterface);
  }
}

function diskAt(devices: Element, dev: string): Element | undefined {
  return children(devices, "disk").find((disk) => attribute(find(disk, "target"), "dev") === dev);
}

function interfaceAt(devices: Element, mac: string): Element | undefined {
  return children(devices, "interface").find((nic) => viewInterface(nic).mac === mac);
}

/**
 * Puts the new device where the old one was: at its PCI address too as long as it sits
 * on the same bus, so that the guest finds it under the same name.
 */
function replaceDevice(
  devices: Element,
  present: Element | undefined,
  wanted: XmlElement,
  view: (element: Element) => { readonly bus?: string; readonly model?: string },
): void {
  const added = appendXml(devices, renderXml(wanted));
  if (!present) return;
  const place = (element: Element) => view(element).bus ?? view(element).model;
  const address = find(present, "address");
  if (address && place(present) === place(added)) added.appendChild(address);
  devices.insertBefore(added, present);
  remove(present);
}

function setText(root: Element, name: string, value: string | undefined): void {
  const present = find(root, name);
  if (value === undefined) {
    if (present) remove(present);
  } else if (textOf(present) !== value) {
    ensureChild(root, name).textContent = value;
  }
}

function replaceChild(root: Element, name: string, wanted: XmlElement | undefined): void {
  const present = find(root, name);
  if (present) remove(present);
  if (wanted) appendXml(root, renderXml(wanted));
}
