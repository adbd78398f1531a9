import { type Cell, escapeHtml, htmlTable, showSeconds } from "../../harness/html.ts";
import { outcome, proofs } from "./judge.ts";
import { marks, words } from "./killTables.ts";
import type { Kill, Report, Run } from "./report.ts";

type Member = { readonly run: Run; readonly kill: Kill };

/**
 * Two faults in a row: how many of each kind were clean, in which mode and by which
 * protocol; and each of them, step by step. Empty without one.
 */
export function sequencesSection(report: Report): string {
  const all = proofs(report).flatMap((run) => run.kills.flatMap((kill) => (kill.sequence ? [{ run, kill }] : [])));
  if (all.length === 0) return "";
  return ["<h2>Two faults in a row</h2>", kindsTable(all), ...all.map(oneSequence)].join("\n");
}

function kindsTable(all: readonly Member[]): string {
  const classes = new Map<string, readonly Member[]>();
  for (const member of all) {
    const key = [member.kill.sequence?.kind, member.kill.kind, member.run.mode, member.run.protocol].join("\n");
    classes.set(key, [...(classes.get(key) ?? []), member]);
  }
  const rows = [...classes]
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([key, members]): readonly Cell[] => {
      const clean = members.filter(({ kill }) => outcome(kill) === "clean").length;
      return [
        ...key.split("\n"),
        { text: `${clean} of ${members.length}`, mark: clean === members.length ? "good" : "bad" },
      ];
    });
  return htmlTable(["sequence", "faults", "mode", "protocol", "clean"], rows);
}

function oneSequence({ run, kill }: Member): string {
  const found = outcome(kill);
  const facts = [
    `run ${run.id}, ${kill.number}`,
    `${kill.sequence?.kind} (${kill.kind})`,
    kill.at,
    `writers stood still for ${showSeconds(kill.stall)} at the longest`,
    kill.readBack === null
      ? "no read-back"
      : `${kill.readBack.blocks} blocks and ${kill.readBack.acknowledged} acknowledged writes compared`,
    `both UpToDate after ${showSeconds(kill.rejoined)}`,
    kill.outOfSync === null ? "not verified" : `${kill.outOfSync} sectors differ`,
  ];
  const steps = (kill.sequence?.steps ?? []).map(({ name, at, seconds, seen }) => [
    showSeconds(at),
    name,
    showSeconds(seconds),
    seen,
  ]);
  return (
    `<details><summary><span class="${marks[found]}">${words[found]}</span>: ` +
    `${escapeHtml(facts.join("; "))}</summary>\n` +
    `${htmlTable(["at", "step", "took", "seen or answered"], steps)}\n</details>`
  );
}
