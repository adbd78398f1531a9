import { z } from "zod";
import { Mistake, written } from "./written.ts";

const form = "write one line as in an id_ed25519.pub: type, base64, comment";
const types = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "sk-ssh-ed25519@openssh.com",
  "sk-ecdsa-sha2-nistp256@openssh.com",
  "ssh-rsa",
];

/**
 * A public SSH key of one line; its base64 must begin with its own type (RFC
 * 4253, 6.6), which catches a key that was cut or mixed up.
 */
export function checkPublicKey(text: string): string {
  const key = text.trim();
  const [, type, base64] = /^([a-z0-9@.-]+) ([A-Za-z0-9+/]+={0,2})( [^\n\r]*)?$/.exec(key) ?? [];
  if (/PRIVATE KEY/.test(text))
    throw new Mistake("is a private key, which belongs nowhere but on its owner's machine; write the public one");
  if (type === undefined || base64 === undefined) throw new Mistake(`is not a public SSH key; ${form}`);
  if (!types.includes(type))
    throw new Mistake(
      `is a key of type ${type}; OpenSSH takes ${types.slice(0, 4).join(", ")}, ssh-rsa and security keys`,
    );
  const blob = Buffer.from(base64, "base64");
  const length = blob.length > 4 ? blob.readUInt32BE(0) : 0;
  if (blob.subarray(4, 4 + length).toString("latin1") !== type || blob.length < 40)
    throw new Mistake(`is damaged: its base64 is not a key of type ${type}; copy the whole line again`);
  return key;
}

export const sshSchema = z.strictObject({
  user: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,31}$/, {
      error: "is no user name; use lower-case letters, digits, hyphens and underscores",
    })
    .refine((name) => name !== "root", {
      error: "cannot be used; choose a user of its own, who gets passwordless sudo",
    })
    .default("storage")
    .describe("user on mirrors and on clients of ours, with passwordless sudo"),
  authorizedKeys: z
    .array(written(checkPublicKey, form))
    .default([])
    .describe(
      "the operators' public keys; at least one, here or in the file. Mirrors that run follow at the " +
        "next `up`: a key that is gone from here is gone there, and new ones stay only after you have " +
        "logged in anew. Clients of ours have those of their first boot",
    ),
  authorizedKeysFile: z
    .string()
    .optional()
    .describe(
      "file with more of them on the operator's machine; `~` is the home " +
        "directory. For labs: two operators would see a difference",
    ),
});

/** How operators log in. */
export type Ssh = z.output<typeof sshSchema>;
