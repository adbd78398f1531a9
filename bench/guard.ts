import { readFileSync } from "node:fs";
import { shellWord } from "../plugins/serving/shell.ts";
import { Refused } from "../src/refused.ts";
import { type Context, within } from "./context.ts";
import { findDisk } from "./jobCommand.ts";
import type { Spot, Target } from "./spot.ts";

/** What bench writes into the first and the last block of a disk before it writes anything else. */
const mark = "kvm-mirror bench writes here: nothing on this disk is kept";

const probe = readFileSync(new URL("./guest/probe.sh", import.meta.url), "utf8");

/** What is on a disk, as guest/probe.sh says it. */
export type Content =
  | { readonly kind: "empty" | "marked" }
  | { readonly kind: "content" | "in-use"; readonly words: string };

/** The shell command that asks what is on a disk; `contentOf` reads its answer. */
export function probeCommand(target: Target): string {
  return `${findDisk(target)}mark=${shellWord(mark)}\n${probe}`;
}

/** @throws for an answer that is none: then nothing is known of the disk. */
export function contentOf(answer: string): Content {
  const [, kind, words = ""] = /^(empty|marked|content|in-use)\b ?(.*)\n?$/.exec(answer) ?? [];
  if (kind === "empty" || kind === "marked") return { kind };
  if (kind === "content" || kind === "in-use") return { kind, words: words.trim() };
  throw new Error(`it is not known what is on the disk; the answer was: ${answer.trim() || "nothing"}`);
}

/**
 * Whether bench may write to a volume's disk.
 * @param overwrite volumes whose content somebody has given up by name
 * @throws Refused, with the way out, when something is on it or uses it
 */
export function mayWrite(volume: string, client: string, content: Content, overwrite: readonly string[]): void {
  if (content.kind === "in-use")
    throw new Refused(
      `${client} uses volume ${volume} (${content.words}). Nothing was written. bench destroys what is on a volume: ` +
        "unmount it first, or measure another client: --client",
    );
  if (content.kind === "content" && !overwrite.includes(volume))
    throw new Refused(
      `volume ${volume} is not empty (${content.words}), and bench would destroy what is on it. Nothing was written. ` +
        `If nobody needs it: repeat with --overwrite ${volume}`,
    );
}

/**
 * Asks what is on a volume's disk. Changes nothing.
 * @throws Refused where bench may not write to it
 */
export async function needLeave(
  context: Context,
  volume: string,
  { place, target }: Pick<Spot, "place" | "target">,
): Promise<void> {
  const content = contentOf(await within(context, place, probeCommand(target), 120));
  mayWrite(volume, place.name, content, context.options.overwrite);
}

/**
 * The shell command that marks a disk as bench's. The old content's signatures go, so that nobody takes what is left
 * of it for a file system.
 */
export function markCommand(target: Target): string {
  return (
    `set -euo pipefail; ${findDisk(target)}wipefs --all --quiet "$disk"; ` +
    'last=$(($(blockdev --getsize64 "$disk") / 4096 - 1)); for block in 0 $last; do ' +
    `printf %s ${shellWord(mark)} | dd of="$disk" bs=4096 seek=$block count=1 iflag=fullblock oflag=direct ` +
    "conv=sync,notrunc,fsync status=none; done"
  );
}
