import { isLegible } from "./brief.ts";
import { isPort } from "./port.ts";
import { Mistake, written } from "./written.ts";

const sha256Form = "write sha256: and the 64 hexadecimal digits that sha256sum prints";
const imageForm =
  "write sha256:<64 hexadecimal digits>, or sha256sums:<https URL or " +
  "absolute path of a SHA256SUMS file that lists the image>";

function checkSha256(text: string, form: string): string {
  if (!/^sha256:/.test(text)) throw new Mistake(`names no algorithm; ${form}`);
  if (!/^sha256:[0-9a-f]{64}$/.test(text)) throw new Mistake(`is not a SHA-256 checksum; ${form}`);
  return text;
}

/** `https://…` without spaces, or an absolute path without `..`. */
function checkSource(text: string): string {
  const path = /^\/.*[^/]$/.test(text) && isLegible(text) && !text.split("/").includes("..");
  if (path) return text;
  const [url, port] = /^https:\/\/[A-Za-z0-9][A-Za-z0-9.-]*(?::([0-9]+))?\/[!-~]*[!-.0-~]$/.exec(text) ?? [];
  if (url === undefined) throw new Mistake("is no source of an image; write an https URL, or an absolute path");
  if (port !== undefined && !isPort(port)) throw new Mistake("has a port that is none; use 1 to 65535");
  return text;
}

/** `sha256:<hex>`. */
export const sha256 = () => written((text) => checkSha256(text, sha256Form), sha256Form);

/** `sha256:<hex>`, or `sha256sums:<URL or path>` of a file that lists the image's checksum under its base name. */
export const imageChecksum = () =>
  written((text) => {
    const [, list] = /^sha256sums:(.*)$/.exec(text) ?? [];
    if (list === undefined) return checkSha256(text, imageForm);
    checkSource(list);
    return text;
  }, imageForm);

/** Where an image comes from. */
export const source = () => written(checkSource, "write an https URL, or an absolute path");
