/** Writing XML as a tree of plain values. */

export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly content: string | readonly XmlElement[];
}

type Attribute = string | number | boolean | undefined;
type Child = XmlElement | undefined;

/** An element; attributes and children that are `undefined` are left out, booleans become libvirt's yes and no. */
export function element(
  name: string,
  attributes: Readonly<Record<string, Attribute>> = {},
  content: string | number | readonly Child[] = [],
): XmlElement {
  return {
    name,
    attributes: Object.fromEntries(
      Object.entries(attributes).flatMap(([key, value]) =>
        value === undefined ? [] : [[key, typeof value === "boolean" ? (value ? "yes" : "no") : String(value)]],
      ),
    ),
    content: typeof content === "object" ? content.filter((child) => child !== undefined) : String(content),
  };
}

/** Text with two spaces a level, as virsh prints it. */
export function renderXml({ name, attributes, content }: XmlElement, indent = ""): string {
  const start = [name, ...Object.entries(attributes).map(([key, value]) => `${key}='${escapeXml(value)}'`)].join(" ");
  if (content.length === 0) return `${indent}<${start}/>\n`;
  if (typeof content === "string") return `${indent}<${start}>${escapeXml(content)}</${name}>\n`;
  const within = content.map((child) => renderXml(child, `${indent}  `)).join("");
  return `${indent}<${start}>\n${within}${indent}</${name}>\n`;
}

/** Text content or an attribute in single quotes. */
export function escapeXml(text: string): string {
  // eslint-disable-next-line no-control-regex -- what XML 1.0 cannot hold
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(text)) throw new Error("XML cannot hold control characters");
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("'", "&apos;");
}
