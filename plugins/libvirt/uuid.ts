/** UUIDs that are the same each time. */
import { createHash } from "node:crypto";

/** Namespace of the names below, chosen once at random. */
const namespace = Buffer.from("6f1c2a0e9d3b4c58a7e45b0d8c21f396", "hex");

/** RFC 9562 version 5: from a name, for example `network/lab-storage`. */
export function uuidOf(name: string): string {
  const bytes = createHash("sha1").update(namespace).update(name).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
