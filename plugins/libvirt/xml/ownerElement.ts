/** The mark in the metadata of networks and domains. */
import type { Owner } from "../owner.ts";
import { appendXml, attribute, children, ensureChild, find, remove } from "./dom.ts";
import type { Element } from "./dom.ts";
import { element, renderXml } from "./element.ts";
import type { XmlElement } from "./element.ts";

const name = "kvm-mirror:owner";
const namespace = "https://pulumi.com/kvm-mirror";

/** `<kvm-mirror:owner stack="project/stack" resource="name"/>`. */
export function ownerElement(owner: Owner): XmlElement {
  return element(name, { "xmlns:kvm-mirror": namespace, stack: owner.stack, resource: owner.resource });
}

/** Whose the network or domain is, by its mark. */
export function readOwner(root: Element): Owner | undefined {
  const mark = markOf(root);
  const stack = attribute(mark, "stack");
  const resource = attribute(mark, "resource");
  return stack !== undefined && resource !== undefined ? { stack, resource } : undefined;
}

/** Puts the mark in, beside metadata of others. */
export function writeOwner(root: Element, owner: Owner): void {
  const present = readOwner(root);
  if (present?.stack === owner.stack && present.resource === owner.resource) return;
  const mark = markOf(root);
  if (mark) remove(mark);
  appendXml(ensureChild(root, "metadata"), renderXml(ownerElement(owner)));
}

function markOf(root: Element): Element | undefined {
  const metadata = find(root, "metadata");
  // By namespace, not by prefix: libvirt keeps ours, another tool may not.
  return (
    metadata && children(metadata).find((child) => child.namespaceURI === namespace && child.localName === "owner")
  );
}
