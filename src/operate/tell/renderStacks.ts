import type { Inventory } from "../../inventory/inventory.ts";
import { viewGroup } from "../observe/groupSight.ts";
import type { Observation } from "../observe/observe.ts";
import { statusDocument } from "./renderStatus.ts";
import { type Paint, plain } from "./screen.ts";
import { table } from "./table.ts";
import { namingStack } from "./typed.ts";

/** One of several stacks: what was seen of it; or why its inventory cannot be read, and whether it was ever up. */
export type StackPicture =
  | {
      readonly stack: string;
      readonly inventory: Inventory;
      readonly seen: Observation;
      readonly concerns: readonly string[];
    }
  | { readonly stack: string; readonly why: string; readonly begun: boolean };

/** Of a stack that was never up nobody expects anything. */
export const needsAttention = (picture: StackPicture): boolean =>
  "why" in picture ? picture.begun : picture.concerns.length > 0;

/** Several stacks for a person: a line each, and then what needs attention, with commands that name the stack. */
export function renderStacks(pictures: readonly StackPicture[], paint: Paint = plain): string {
  const rows = pictures.map((picture) => [picture.stack, whereabouts(picture), stateWords(picture)]);
  const concerned = pictures.filter(needsAttention);
  return [
    `Stacks\n${table(rows)}`,
    ...concerned.map(
      (picture) =>
        `${paint("red", `Stack ${picture.stack} needs attention`)}\n` +
        concernsOf(picture)
          .map((concern) => `  ! ${namingStack(concern, picture.stack)}\n`)
          .join(""),
    ),
    ...(concerned.length === 0 ? [`${paint("green", "All is as it should be.")}\n`] : []),
  ].join("\n");
}

/** The same for a machine: of each stack what `status --json` says, or why it cannot be read. */
export function stacksDocument(pictures: readonly StackPicture[]): object {
  return {
    version: 1,
    healthy: !pictures.some(needsAttention),
    stacks: pictures.map((picture) =>
      "why" in picture
        ? { stack: picture.stack, healthy: !picture.begun, unreadable: picture.why }
        : statusDocument(picture.inventory, picture.seen, picture.concerns),
    ),
  };
}

const concernsOf = (picture: StackPicture): readonly string[] => ("why" in picture ? [picture.why] : picture.concerns);

function stateWords(picture: StackPicture): string {
  if (needsAttention(picture)) return "needs attention";
  return "why" in picture ? "no `pulumi up` has succeeded yet" : "as it should be";
}

/** Which mirror has which group. */
function whereabouts(picture: StackPicture): string {
  if ("why" in picture) return "";
  const { inventory, seen } = picture;
  return inventory.groups
    .map(({ name }) => {
      const holders = viewGroup(inventory, seen, name).sights.filter(({ holds }) => holds);
      return `${name} on ${holders.map(({ mirror }) => mirror).join(" and ") || "no mirror that answers"}`;
    })
    .join(", ");
}
