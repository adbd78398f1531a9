/**
 * The scripts that run on KVM hosts: files of this folder's neighbour, sent
 * along with each call, so that hosts need nothing installed.
 */
import { readFileSync } from "node:fs";

const folder = new URL("../scripts/", import.meta.url);
const texts = new Map<string, string>();

/**
 * The script's text with the common beginning in front, and between them the file that its line `# with NAME` asks for.
 */
export function scriptText(name: string): string {
  let text = texts.get(name);
  if (text === undefined) {
    const script = fileText(name);
    const needed = /^# with (\w+)$/m.exec(script)?.[1];
    text = [fileText("prelude"), ...(needed === undefined ? [] : [fileText(needed)]), script].join("\n");
    texts.set(name, text);
  }
  return text;
}

function fileText(name: string): string {
  return readFileSync(new URL(`${name}.sh`, folder), "utf8");
}

/** The command that runs it, before any quoting. Neither the document nor anything secret is part of it. */
export function scriptCommand(call: {
  readonly script: string;
  readonly args?: readonly string[];
  readonly document?: string;
}): readonly [string, ...string[]] {
  const bytes = Buffer.byteLength(call.document ?? "");
  return [
    "env",
    "LC_ALL=C",
    "LIBVIRT_DEFAULT_URI=qemu:///system",
    `DOCUMENT_BYTES=${bytes}`,
    "bash",
    // Run by ssh, bash would read the login's .bashrc, which may talk.
    "--norc",
    "-c",
    scriptText(call.script),
    call.script,
    ...(call.args ?? []),
  ];
}
