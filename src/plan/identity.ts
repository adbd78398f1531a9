import { createHash } from "node:crypto";

/** Namespace of our UUIDs (RFC 9562, 5.5): any constant, never changed. */
const uuidNamespace = "a3c1f0de6b7e5d0f9b1c2a4e8d7f6051";

/** Stack that names are unique within: `<project>/<stack>`. */
type Owner = string;

/** Version 5 UUID of a machine: the same on every host that has it defined. */
export function machineUuid(owner: Owner, machine: string): string {
  const digest = createHash("sha1")
    .update(Buffer.from(uuidNamespace, "hex"))
    .update(`${owner}/${machine}`)
    .digest()
    .subarray(0, 16);
  digest.writeUInt8((digest.readUInt8(6) & 0x0f) | 0x50, 6);
  digest.writeUInt8((digest.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = digest.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** MAC address of an interface: QEMU's prefix 52:54:00 and 24 bits of a hash. */
export function macAddress(owner: Owner, machine: string, role: string): string {
  const hash = shortHash(`${owner}/${machine}/${role}`, 6);
  return `52:54:00:${hash.slice(0, 2)}:${hash.slice(2, 4)}:${hash.slice(4, 6)}`;
}

/** The first hexadecimal digits of a text's SHA-256. */
export function shortHash(text: string, digits: number): string {
  return createHash("sha256").update(text).digest("hex").slice(0, digits);
}
