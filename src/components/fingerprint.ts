import { fileURLToPath } from "node:url";
import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/**
 * SHA-256 over the names and contents of all files below a directory: changes when the scripts that mirrors run change.
 */
export function fingerprint(directory: string): string {
  const hash = createHash("sha256");
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of files) {
    const content = readFileSync(file);
    hash.update(`${file.slice(directory.length)}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}

/** SHA-256 of a file's content, in hexadecimal. */
export function fileFingerprint(file: string): string {
  return sha256(readFileSync(file, "utf8"));
}

/**
 * SHA-256 of a text, in hexadecimal. Of a text with a secret it gives
 * nothing away: the secrets here are 256 random bits.
 */
export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Fingerprint of the scripts that run in one kind of place. */
export function scriptsOf(place: "guest" | "host"): string {
  return fingerprint(fileURLToPath(new URL(`../../scripts/${place}`, import.meta.url)));
}
