import { Scalar, stringify } from "yaml";

/**
 * A document for cloud-init, which reads YAML 1.1: a MAC address
 * of decimal digits such as 52:54:00:12:34:56 is a number in
 * base 60 there and `no` is false, unless they are quoted. It is ASCII, as the parts' media type says: U+2028 and
 * its like end a line in YAML 1.1, DEL and other control characters make a document unreadable.
 */
export function yamlOfCloudInit(content: unknown): string {
  return stringify(quoted(content), { version: "1.1", lineWidth: 0 }).replace(/[^\n\x20-\x7e]/gu, escaped);
}

/** The content with texts in double quotes where they hold what only an escape can say in ASCII. */
function quoted(content: unknown): unknown {
  if (typeof content === "string") return /^[\n\x20-\x7e]*$/.test(content) ? content : doubleQuoted(content);
  if (Array.isArray(content)) return content.map(quoted);
  if (typeof content !== "object" || content === null) return content;
  return Object.fromEntries(Object.entries(content).map(([key, value]) => [key, quoted(value)]));
}

function doubleQuoted(text: string): Scalar {
  const scalar = new Scalar(text);
  scalar.type = Scalar.QUOTE_DOUBLE;
  return scalar;
}

function escaped(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16);
  return code.length > 4 ? `\\U${code.padStart(8, "0")}` : `\\u${code.padStart(4, "0")}`;
}
