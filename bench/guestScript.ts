import { readFileSync } from "node:fs";
import { shellLine } from "../plugins/serving/shell.ts";

/** What makes the shell command for the words that a script of bench/guest explains. */
export function guestScript(name: "alternatives" | "initiator" | "servers"): (...words: readonly string[]) => string {
  const script = readFileSync(new URL(`./guest/${name}.sh`, import.meta.url), "utf8");
  return (...words) => `set -- ${shellLine(words)}\n${script}`;
}
