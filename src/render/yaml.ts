import { Scalar, stringify } from "yaml";
import { isLegible } from "../config/brief.ts";

/**
 * A document for cloud-init, which reads YAML 1.1: a MAC address
 * of decimal digits such as 52:54:00:12:34:56 is a number in
 * base 60 there and `no` is false, unless they are quoted. Line separators such as U+2028 end a line there, and
 * DEL and other control characters make the document unreadable: they are written as escapes.
 */
export function yamlOfCloudInit(content: unknown): string {
  return stringify(quoted(content), { version: "1.1", lineWidth: 0 }).replace(
    /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]|\p{Cs}/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The content with texts in double quotes where they hold what only an escape can say. */
function quoted(content: unknown): unknown {
  if (typeof content === "string") return isLegible(content.replaceAll("\n", "")) ? content : doubleQuoted(content);
  if (Array.isArray(content)) return content.map(quoted);
  if (typeof content !== "object" || content === null) return content;
  return Object.fromEntries(Object.entries(content).map(([key, value]) => [key, quoted(value)]));
}

function doubleQuoted(text: string): Scalar {
  const scalar = new Scalar(text);
  scalar.type = Scalar.QUOTE_DOUBLE;
  return scalar;
}
