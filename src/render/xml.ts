import { xmlText } from "./quoting.ts";

/** An XML element as indented lines; attributes in the order given, `undefined` ones left out. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | number | undefined>>;
  readonly children: readonly Element[];
}

export function element(
  name: string,
  attributes: Element["attributes"] = {},
  children: readonly Element[] = [],
): Element {
  return { name, attributes, children };
}

/** The element as text, two spaces a level, with a final newline. */
export function renderXml({ name, attributes, children }: Element, depth = 0): string {
  const indent = "  ".repeat(depth);
  const head = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${xmlText(String(value))}"`],
  );
  if (children.length === 0) return `${indent}<${name}${head.join("")}/>\n`;
  const within = children.map((child) => renderXml(child, depth + 1)).join("");
  return `${indent}<${name}${head.join("")}>\n${within}${indent}</${name}>\n`;
}
