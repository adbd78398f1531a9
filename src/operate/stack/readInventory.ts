import type { Inventory } from "../../inventory/inventory.ts";
import { Refused } from "../../refused.ts";
import { parseInventory, shortName } from "./inventorySchema.ts";
import { type OtherProgram, otherProgram } from "./otherProgram.ts";
import { askPulumi } from "./pulumiCommand.ts";
import { NoInventoryYet, noInventoryYet } from "./noInventory.ts";
import { keepLastGood, lastGoodDate, lastGoodFile, readLastGood } from "./lastGood.ts";
import { messageOf } from "../../../plugins/serving/messageOf.ts";

interface ReadOptions {
  /** Seconds that Pulumi gets to answer where there is a copy to go on with; six times as many where there is none. */
  readonly patience?: number;
  readonly say?: (line: string) => void;
}

/** Why Pulumi gave nothing. */
interface Silence {
  readonly why: string;
  /** The backend answered: it has no such stack, or no `up` of it has succeeded yet. */
  readonly definite?: "no stack" | "no inventory";
}

/**
 * The inventory of a stack, or of a MirrorPair in another program: its output, which is what the last `up` that
 * succeeded achieved; where Pulumi or its backend does not answer, this machine's
 * last good copy, said with its date. Reading needs no lock: an `up` that is at work is in nobody's way.
 * @throws when neither is there; Refused when Pulumi says that `up` has never succeeded, or that there is no such stack
 */
export function readInventory(
  stack: string,
  { patience = 10, say = (line) => void process.stderr.write(`${line}\n`) }: ReadOptions = {},
): Inventory {
  const date = lastGoodDate(stack);
  const answer = askForInventory(stack, date ? patience : 6 * patience);
  if (typeof answer === "string") {
    const inventory = parseInventory(answer, stack, `the output of stack ${stack}`);
    keep(inventory, say);
    return inventory;
  }
  if (answer.definite === "no inventory") throw new NoInventoryYet(answer.why || noInventoryYet(stack));
  const words = `the inventory of stack ${stack} cannot be read: ${answer.why}`;
  if (answer.definite === "no stack") throw new Refused(words);
  if (!date)
    throw new Error(`${words}. A mirror has a copy: kvm-mirror inventory --stack ${stack} --from <user@mirror>`);
  const inventory = readLastGood(stack);
  say(
    `Pulumi cannot be asked (${answer.why}). Going on with the last good inventory that this machine has, of ` +
      `${date.toISOString().slice(0, 16).replace("T", " ")} UTC (${lastGoodFile(stack)}); ` +
      `a later one may be on a mirror: kvm-mirror inventory --stack ${stack} --from <user@mirror>`,
  );
  return inventory;
}

/** A disk that takes no copy is no reason not to go on. */
function keep(inventory: Inventory, say: (line: string) => void): void {
  try {
    keepLastGood(inventory);
  } catch (error) {
    say(`this machine keeps no copy of the inventory for the time when Pulumi cannot be asked: ${messageOf(error)}`);
  }
}

function askForInventory(stack: string, seconds: number): string | Silence {
  const program = otherProgram(stack);
  if (program) return askProgram(program, stack, seconds);
  const answer = askPulumi(["stack", "output", "inventory", "--json", "--stack", stack], seconds);
  if ("said" in answer) return answer.said;
  const { why, answered } = answer;
  if (!answered) return { why };
  if (/does not have output property/.test(why)) return { why: "", definite: "no inventory" };
  return notThere(why, `pulumi up --stack ${stack}`);
}

const notThere = (why: string, up: string): Silence => ({
  why: `${why} (has \`${up}\` run with this backend?)`,
  ...(/no stack named/.test(why) ? { definite: "no stack" } : {}),
});

/** Whichever output of another program's stack is the inventory of this pair. */
function askProgram({ directory, stack, pair }: OtherProgram, site: string, seconds: number): string | Silence {
  const answer = askPulumi(["stack", "output", "--json", "--stack", stack], seconds, undefined, directory);
  const up = `pulumi up --stack ${site}`;
  if ("why" in answer) return answer.answered ? notThere(answer.why, up) : { why: answer.why };
  const outputs = Object.values(JSON.parse(answer.said) as Readonly<Record<string, unknown>>);
  const found = outputs.find(
    (value) => typeof value === "object" && value !== null && "stack" in value && value.stack === shortName(site),
  );
  if (found !== undefined) return JSON.stringify(found);
  const why =
    `no output of stack ${stack} of the program in ${directory} is the inventory of MirrorPair ${pair}: either no ` +
    `\`${up}\` has succeeded, or the program does not say it. Make the pair's \`inventory\` an output`;
  return { why, definite: "no inventory" };
}
