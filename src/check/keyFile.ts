import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { holdsPrivateKey } from "../config/brief.ts";
import { checkPublicKey } from "../config/machines/ssh.ts";
import { Mistake } from "../config/written.ts";

/** Bytes; a file of public keys is far smaller. */
const largest = 1024 ** 2;
const wayOut = "make a key with ssh-keygen -t ed25519, or name another file";

/**
 * The public keys of a file, one a line; comments and empty lines are left out, as in authorized_keys.
 * @throws Mistake that names a line's number; never what the file holds
 */
export function readKeyFile(file: string): readonly string[] {
  const text = read(file.replace(/^~(?=\/)/, homedir()));
  if (holdsPrivateKey(text)) throw new Mistake(`is a private key; name the public one, which ends in .pub`);
  const keys = text.split("\n").flatMap((line, index) => keyOf(line.trim(), index + 1));
  if (keys.length === 0) throw new Mistake("has no key in it; put your public SSH key there, or name another file");
  return keys;
}

function keyOf(line: string, number: number): readonly string[] {
  if (line === "" || line.startsWith("#")) return [];
  try {
    return [checkPublicKey(line)];
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    throw new Mistake(`is no file of public SSH keys: line ${number} ${error.message}`);
  }
}

function read(path: string): string {
  let descriptor: number | undefined;
  try {
    // A FIFO must not keep the program waiting for a writer.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw new Mistake(`is no file; ${wayOut}`);
    if (stat.size > largest) throw new Mistake(`is too large for a file of keys; ${wayOut}`);
    return readFileSync(descriptor, "utf8");
  } catch (error) {
    if (error instanceof Mistake) throw error;
    throw new Mistake(`cannot be read: ${reason(error)}; ${wayOut}`);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Without the system call and the path, which the message has already. */
function reason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  const words: Readonly<Record<string, string>> = {
    ENOENT: "there is no such file",
    ENOTDIR: "there is no such file",
    EACCES: "you may not read it",
    EISDIR: "it is a directory",
    ENAMETOOLONG: "its name is too long",
    ERR_INVALID_ARG_VALUE: "its name has a null character",
  };
  return (code !== undefined && words[code]) || `the system says ${code ?? "nothing about it"}`;
}
