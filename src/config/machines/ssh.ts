import { z } from "zod";
import { holdsPrivateKey, isLegible } from "../brief.ts";
import { checkUser } from "../user.ts";
import { Mistake, written } from "../written.ts";
import { parseSource, sourceForm } from "./source.ts";

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
  if (holdsPrivateKey(text))
    throw new Mistake("is a private key, which belongs nowhere but on its owner's machine; write the public one");
  const [, type, base64, comment = ""] = /^([a-z0-9@.-]{1,50}) ([A-Za-z0-9+/]+={0,2})( [^\n\r]*)?$/.exec(key) ?? [];
  if (type === undefined || base64 === undefined) throw new Mistake(`is not a public SSH key; ${form}`);
  // It goes into YAML, into authorized_keys and through a shell's read.
  if (!isLegible(comment))
    throw new Mistake("has a control character in its comment (a tab, a line separator, …); shorten the comment");
  if (!types.includes(type))
    throw new Mistake(
      `is a key of a type that is not taken; OpenSSH takes ${types.slice(0, 4).join(", ")}, ssh-rsa and security keys`,
    );
  const blob = Buffer.from(base64, "base64");
  const length = blob.length > 4 ? blob.readUInt32BE(0) : 0;
  if (blob.subarray(4, 4 + length).toString("latin1") !== type || blob.length < 40)
    throw new Mistake(`is damaged: its base64 is not a key of type ${type}; copy the whole line again`);
  return key;
}

export const sshSchema = z.strictObject({
  user: written(checkUser, "write a user name, for example storage")
    .prefault("storage")
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
  from: z
    .array(written(parseSource, sourceForm))
    .min(1, { error: "admits nobody, not `pulumi up` either; leave it out for the management network" })
    .optional()
    .describe(
      "where operators come from: the networks and addresses from which ssh gets in to the mirrors, over the " +
        "management network. `up` refuses a list without the address that it comes from itself. Behind a gateway " +
        "or a jump host that is what the mirror sees. Default: the management network",
    ),
});

/** How operators log in. */
export type Ssh = z.output<typeof sshSchema>;
