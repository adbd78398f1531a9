/** Reading and editing libvirt's XML. */
import { DOMParser, XMLSerializer } from "@xmldom/xmldom";
import type { Document, Element } from "@xmldom/xmldom";

export type { Document, Element };

/** Parses a document; `what` names it in the error. */
export function parseXml(xml: string, what: string): Element {
  let document: Document;
  try {
    document = new DOMParser({
      onError: (level, message) => {
        if (level !== "warning") throw new Error(message);
      },
    }).parseFromString(xml, "text/xml");
  } catch (error) {
    throw new Error(`${what}: not readable as XML: ${(error as Error).message.split("\n")[0]}`);
  }
  const root = document.documentElement;
  if (!root) throw new Error(`${what}: XML without a root element`);
  return root;
}

export function serializeXml(element: Element): string {
  return new XMLSerializer().serializeToString(element);
}

/** Child elements, of that name when one is given. */
export function children(element: Element, name?: string): Element[] {
  const found: Element[] = [];
  for (let node = element.firstChild; node; node = node.nextSibling) {
    if (node.nodeType === node.ELEMENT_NODE && (name === undefined || node.nodeName === name))
      found.push(node as Element);
  }
  return found;
}

/** The element at a path of names, each time the first one. */
export function find(element: Element | undefined, ...path: readonly string[]): Element | undefined {
  return path.reduce<Element | undefined>((found, name) => found && children(found, name)[0], element);
}

export function textOf(element: Element | undefined): string | undefined {
  return element?.textContent?.trim();
}

export function attribute(element: Element | undefined, name: string): string | undefined {
  return element?.getAttribute(name) ?? undefined;
}

/** Sets or, with undefined, removes an attribute. */
export function setAttribute(element: Element, name: string, value: string | undefined): void {
  if (value === undefined) element.removeAttribute(name);
  else element.setAttribute(name, value);
}

/** Takes an element out together with the white space in front of it. */
export function remove(element: Element): void {
  const before = element.previousSibling;
  if (before && before.nodeType === before.TEXT_NODE && before.nodeValue?.trim() === "")
    before.parentNode?.removeChild(before);
  element.parentNode?.removeChild(element);
}

/** Parses a fragment of one element and puts it at the end of `parent`. */
export function appendXml(parent: Element, xml: string): Element {
  const document = parent.ownerDocument;
  if (!document) throw new Error("an element without a document");
  const added = document.importNode(parseXml(xml, "a rendered element"), true) as Element;
  parent.appendChild(added);
  return added;
}

/** The child of that name, made at the end of `parent` when it is missing. */
export function ensureChild(parent: Element, name: string): Element {
  return find(parent, name) ?? appendXml(parent, `<${name}/>`);
}
