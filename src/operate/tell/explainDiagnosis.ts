import { discardPhrase } from "../decide/decideRecovery.ts";
import type { Copy, Diagnosis } from "../decide/diagnoseVolume.ts";

/** The diagnosis for a person: what each mirror has, what that means, and what to do next. */
export function explainDiagnosis(volume: string, copies: readonly [Copy, Copy], diagnosis: Diagnosis): string {
  return [`Volume ${volume}`, ...copies.map(copyLine), meaning(volume, copies, diagnosis)]
    .map((line) => `${line}\n`)
    .join("");
}

function copyLine(copy: Copy): string {
  const { mirror, role, disk, connection, outOfSyncKiB, users } = copy;
  const marked = outOfSyncKiB > 0 ? `, ${outOfSyncKiB} KiB marked as different from the peer` : "";
  const open = users.length > 0 ? `, open by ${users.join(", ")}` : "";
  return `  ${mirror}: ${role}, ${disk}, ${connection}${marked}${open}`;
}

function meaning(volume: string, [first, second]: readonly [Copy, Copy], diagnosis: Diagnosis): string {
  switch (diagnosis.kind) {
    case "whole":
      return "Both copies are connected, and nothing is known to differ. Nothing to recover.";
    case "copying":
      return "The copies are being synchronised or compared. Wait for its end (kvm-mirror status).";
    case "down":
      return [
        ...staleWithout(diagnosis.mirror, [first, second]),
        `${diagnosis.mirror} does not take part: the volume is down there or has lost its disk. Try \`drbdadm ` +
          `up ${volume}\` there, or \`drbdadm attach ${volume}\` if it is only Diskless.`,
        "If the disk is broken, put a new, empty one in its place (docs/runbooks/replace-a-mirror.md), then: " +
          `kvm-mirror recover ${volume} --keep ${(diagnosis.mirror === first.mirror ? second : first).mirror}`,
        "It gets new metadata, and everything is copied to it.",
      ].join("\n");
    case "waiting":
      return (
        "Both look for each other in the replication network and do not meet. " +
        `${newerWords(diagnosis.newer)} Mend that network; they connect and synchronise by ` +
        "themselves."
      );
    case "apart":
      return (
        "They no longer look for each other, but this is no split brain. " +
        `${newerWords(diagnosis.newer)} Connected again, nothing is lost.`
      );
    case "split":
      return [
        "Split brain: both were written while they were apart. There is no " +
          "merging them: one side's writes since then have to go.",
        "Find out which side the applications worked with, shut down every client " +
          "that worked with the other, then say which to keep:",
        ...[[first, second] as const, [second, first] as const].map(
          ([keep, lose]) =>
            `  kvm-mirror recover ${volume} --keep ${keep.mirror} --confirm "${discardPhrase(volume, lose.mirror)}"`,
        ),
        "The losing side's changed blocks are copied to a file on that mirror first.",
      ].join("\n");
    case "unrelated":
      return (
        "The copies have no common past: at least one of these disks does not belong to this " +
        "volume. Nothing here decides that; see docs/runbooks/replace-a-mirror.md."
      );
    case "differs":
      return [
        "`drbdadm verify` found blocks that differ, although both mirrors " +
          "count as UpToDate. Clients read the Primary's.",
        `To copy the Primary's blocks over the other's: kvm-mirror recover ${volume} --keep ` +
          `${[first, second].find(({ role }) => role === "Primary")?.mirror ?? "<the Primary>"}`,
        "The other's are copied to a file on that mirror first. If the other's are " +
          "the right ones, switch to it before (kvm-mirror switch).",
      ].join("\n");
  }
}

/** What the disk of a mirror that does not take part may hold alone. */
function staleWithout(mirror: string, copies: readonly Copy[]): readonly string[] {
  return copies
    .filter((copy) => copy.mirror === mirror && copy.alone !== undefined)
    .map(
      ({ alone }) =>
        `${mirror} went on alone at ${alone}: the other copy is stale, and acknowledged writes ` +
        `may be on the disk of ${mirror} alone. Do all to get that disk back.`,
    );
}

function newerWords(newer: string | undefined): string {
  return newer === undefined
    ? "Neither has been written since they parted."
    : `The data of ${newer} is newer, and the other follows it.`;
}
