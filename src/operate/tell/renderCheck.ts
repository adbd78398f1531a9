import type { Inventory } from "../../inventory/inventory.ts";
import type { AtWork, Check, Leftover } from "../decide/leftovers.ts";
import type { Script } from "../decide/scriptsAtWork.ts";
import type { SiteProblem } from "../decide/site/site.ts";
import type { SiteCheck } from "../decide/site/siteProblems.ts";
import { mirrorNamed } from "../stack/named.ts";
import { lockWords } from "../stack/stateOfPulumi.ts";
import { pauseWords } from "./clusterConcerns.ts";
import { type Paint, plain } from "./screen.ts";

/** What `kvm-mirror check` found, for a person. */
export function renderCheck(inventory: Inventory, found: Check, site: SiteCheck, paint: Paint = plain): string {
  const { leftovers, atWork } = found;
  const notSeen = [...found.notSeen, ...site.notSeen];
  return [
    `Stack ${inventory.stack}\n`,
    ...(atWork.length === 0 ? [] : [`At work\n${atWork.map((work) => `  ${atWorkWords(work)}\n`).join("")}`]),
    ...(notSeen.length === 0 ? [] : [`Not seen from here\n${notSeen.map((words) => `  ${words}\n`).join("")}`]),
    site.problems.length === 0
      ? `${paint("green", "The site is as the stack file needs it.")}\n`
      : `${paint("red", "To mend, from the first on")}\n${site.problems.map(problemWords).join("")}`,
    leftovers.length === 0
      ? `${paint("green", "Nothing is left over.")}\n`
      : `${paint("red", "Left over")}\n${leftovers.map((one) => `  ! ${leftoverWords(inventory, one)}\n`).join("")}`,
  ].join("\n");
}

/** The same for a machine; `clean` is that nothing is left over, and nothing wrong with the site. */
export function checkDocument(inventory: Inventory, { leftovers, atWork, notSeen }: Check, site: SiteCheck): object {
  return {
    version: 1,
    stack: inventory.stack,
    clean: leftovers.length + site.problems.length === 0,
    problems: site.problems,
    leftovers: leftovers.map((leftover) => leftoverWords(inventory, leftover)),
    atWork: atWork.map(atWorkWords),
    notSeen: [...notSeen, ...site.notSeen],
  };
}

const problemWords = ({ what, means, command }: SiteProblem): string => `  ! ${what}.\n    ${means}\n    ${command}\n`;

/** Host keys are long, and say nothing here. */
const scriptWords = ({ pid, command, seconds }: Script): string =>
  `${command.replaceAll(/ ?ssh-ed25519( [A-Za-z0-9+/=]+)?/g, "")} (process ${pid}, for ${seconds} s)`;

function atWorkWords(work: AtWork): string {
  return work.kind === "up" ? `pulumi: ${lockWords(work.lock)}` : `${work.where}: ${scriptWords(work.script)}`;
}

/** What is left, what it means, and the command to type next. */
function leftoverWords(inventory: Inventory, leftover: Leftover): string {
  switch (leftover.kind) {
    case "lock":
      return (
        `the stack is locked by ${lockWords(leftover.lock)}. ` +
        (leftover.here
          ? "That pulumi does not run any more: pulumi cancel, then pulumi up"
          : "See on that machine whether it still runs; where it does not: pulumi cancel, then pulumi up")
      );
    case "pending":
      return (
        `an \`up\` was killed at work, and Pulumi does not know how this ended: ${leftover.operations.join(", ")}. ` +
        "pulumi up does it again: every step is safe to run twice"
      );
    case "script":
      return scriptLeft(leftover);
    case "pause":
      return (
        "the cluster is paused and does not fail over, and no switch is at work from this machine. " +
        pauseWords(leftover.owner)
      );
    case "difference":
      return leftover.words;
    case "group":
    case "volume":
      return foreignWords(inventory, leftover.kind, leftover.name, leftover.mirrors);
    case "unknown":
      return `${leftover.what}: not known (${leftover.why}), so something may be left there`;
  }
}

function scriptLeft({ where, at, script }: Extract<Leftover, { kind: "script" }>): string {
  const what = `${where}: ${scriptWords(script)}: whoever began it is gone.`;
  return at === "here"
    ? `${what} Wait for its end, or end it (kill ${script.pid}); then pulumi up`
    : `${what} It comes to its end there. kvm-mirror check shows when; then pulumi up`;
}

function foreignWords(
  inventory: Inventory,
  kind: "group" | "volume",
  name: string,
  mirrors: readonly string[],
): string {
  const remove = mirrors.map(
    (mirror) =>
      `ssh ${mirrorNamed(inventory, mirror).ssh.target} sudo /usr/local/lib/kvm-mirror/${kind}-remove.sh ${name}`,
  );
  return (
    `${kind} ${name} is set up on ${mirrors.join(" and ")}, and the last \`up\` that succeeded does not know it. ` +
    `If the stack file has it: pulumi up. If not, it is taken off by: ${remove.join("; ")}`
  );
}
