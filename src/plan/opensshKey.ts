import { createHash, createPrivateKey, createPublicKey } from "node:crypto";

export interface SshKeyPair {
  /** PEM form of OpenSSH (`BEGIN OPENSSH PRIVATE KEY`), unencrypted, with a final newline. */
  readonly privateKey: string;
  /** `ssh-ed25519 AAAA…`, without a comment. */
  readonly publicKey: string;
}

const type = "ssh-ed25519";
/** PKCS #8 of an ed25519 key up to its seed (RFC 8410, 7). */
const pkcs8Prefix = Buffer.from("302e020100300506032b657004220420", "hex");

/**
 * The ed25519 key pair of a 32-byte seed, in OpenSSH's forms
 * (PROTOCOL.key of OpenSSH). The same seed gives the same bytes.
 */
export function sshKeyPair(seed: Buffer, comment: string): SshKeyPair {
  const publicBytes = ed25519Public(seed);
  const publicBlob = Buffer.concat([string(type), string(publicBytes)]);
  return {
    privateKey: pem(
      Buffer.concat([
        Buffer.from("openssh-key-v1\0", "latin1"),
        // Cipher, key derivation function and its options: none.
        string("none"),
        string("none"),
        string(""),
        uint32(1),
        string(publicBlob),
        string(privateSection(seed, publicBytes, comment)),
      ]),
    ),
    publicKey: `${type} ${publicBlob.toString("base64")}`,
  };
}

function ed25519Public(seed: Buffer): Buffer {
  const key = createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: "der", type: "pkcs8" });
  return createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32);
}

function privateSection(seed: Buffer, publicBytes: Buffer, comment: string): Buffer {
  // Two equal numbers show a decoder that decryption worked; any number
  // does, and this one does not change from run to run.
  const check = createHash("sha256").update(publicBytes).digest().subarray(0, 4);
  const section = Buffer.concat([
    check,
    check,
    string(type),
    string(publicBytes),
    string(Buffer.concat([seed, publicBytes])),
    string(comment),
  ]);
  const padding = (8 - (section.length % 8)) % 8;
  return Buffer.concat([section, Buffer.from(Array.from({ length: padding }, (_, index) => index + 1))]);
}

function pem(content: Buffer): string {
  const lines = content.toString("base64").match(/.{1,70}/g) ?? [];
  return ["-----BEGIN OPENSSH PRIVATE KEY-----", ...lines, "-----END OPENSSH PRIVATE KEY-----", ""].join("\n");
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** `string` of RFC 4251: length and bytes. */
function string(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value as string);
  return Buffer.concat([uint32(bytes.length), bytes]);
}
