import type { Config } from "../config/config.ts";
import { encryptedPlaces } from "../config/encrypted.ts";
import { at } from "./at.ts";
import { readKeyFile } from "./keyFile.ts";
import { parseConfig } from "./parse.ts";
import { keyPath, type Problem } from "../config/problem.ts";
import { makeSecret } from "../config/secret.ts";
import { Mistake } from "../config/written.ts";

/**
 * The configuration, checked, from its texts as Pulumi hands them over, by key without the
 * project's name. The only reader of `ssh.authorizedKeysFile`. Throws ConfigError.
 *
 * @param encrypted the keys that are encrypted in the stack file, as a whole or in part, where that is known: those
 *   with a secret must be among them, and no message shows a value of them
 */
export function configOf(texts: Readonly<Record<string, string>>, encrypted?: readonly string[]): Config {
  const raw = Object.fromEntries(
    Object.entries(texts).map(([key, text]) => [key, key === "secret" ? text : fromJson(text)]),
  );
  const problems: Problem[] = [];
  if (encrypted && "secret" in raw && !encrypted.includes("secret"))
    problems.push({
      key: keyPath("secret"),
      text:
        "is not encrypted: whoever reads the stack file or its history has it. For a new stack make another: " +
        `${makeSecret}; where mirrors run with it, encrypt this one: pulumi config set --secret kvm-mirror:secret, ` +
        "and type it",
    });
  if (encrypted) problems.push(...plainOnes(raw, encrypted));
  if ("ssh" in raw) raw["ssh"] = withKeysOfFile(raw["ssh"], problems);
  return parseConfig(raw, problems, encrypted);
}

/** Secrets in a block of which nothing is encrypted. Pulumi says of a block alone whether anything in it is. */
function plainOnes(raw: Readonly<Record<string, unknown>>, encrypted: readonly string[]): readonly Problem[] {
  return encryptedPlaces
    .filter((place) => at(raw, place) !== undefined && !encrypted.includes(place[0] ?? ""))
    .map((place) => ({
      key: keyPath(...place),
      text:
        "is not encrypted: whoever reads the stack file or its history has it. Have its service make another, and " +
        `type it for: pulumi config set --secret --path ${keyPath(...place)}`,
    }));
}

/** Pulumi hands blocks, numbers and truth values over as JSON, and text as it is. */
function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return text;
  }
}

/** Puts the keys of `authorizedKeysFile` behind the written ones. */
function withKeysOfFile(ssh: unknown, problems: Problem[]): unknown {
  const { authorizedKeysFile: file, authorizedKeys = [] } = (ssh ?? {}) as {
    authorizedKeysFile?: unknown;
    authorizedKeys?: unknown;
  };
  if (typeof file !== "string" || !Array.isArray(authorizedKeys)) return ssh;
  try {
    return { ...(ssh as object), authorizedKeys: [...authorizedKeys, ...readKeyFile(file)] };
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    problems.push({ key: keyPath("ssh", "authorizedKeysFile"), value: file, text: error.message });
    return ssh;
  }
}
