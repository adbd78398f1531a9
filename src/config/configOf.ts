import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import type { Config } from "./config.ts";
import { parseConfig } from "./parse.ts";
import { keyPath, type Problem } from "./problem.ts";

/**
 * The configuration, checked, from its texts as Pulumi hands them over, by key without the
 * project's name. The only reader of `ssh.authorizedKeysFile`. Throws ConfigError.
 */
export function configOf(texts: Readonly<Record<string, string>>): Config {
  const raw = Object.fromEntries(
    Object.entries(texts).map(([key, text]) => [key, key === "secret" ? text : fromJson(text)]),
  );
  const problems: Problem[] = [];
  return parseConfig("ssh" in raw ? { ...raw, ssh: withKeysOfFile(raw["ssh"], problems) } : raw, problems);
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
  const key = keyPath("ssh", "authorizedKeysFile");
  try {
    const keys = readKeys(file);
    if (keys.length === 0)
      problems.push({
        key,
        value: file,
        text: "has no key in it; put your public SSH key there, or name another file",
      });
    return { ...(ssh as object), authorizedKeys: [...authorizedKeys, ...keys] };
  } catch (error) {
    const reason =
      (error as NodeJS.ErrnoException).code === "ENOENT" ? "there is no such file" : (error as Error).message;
    problems.push({
      key,
      value: file,
      text: `cannot be read: ${reason}; make a key with ssh-keygen -t ed25519, or name another file`,
    });
    return ssh;
  }
}

/** Lines with keys; comments and empty lines are left out, as in authorized_keys. */
function readKeys(file: string): readonly string[] {
  const lines = readFileSync(file.replace(/^~(?=\/)/, homedir()), "utf8")
    .split("\n")
    .map((line) => line.trim());
  return lines.filter((line) => line !== "" && !line.startsWith("#"));
}
