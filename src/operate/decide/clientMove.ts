import type { InventoryClient } from "../../inventory/inventory.ts";
import type { Sight } from "../observe/clientHost.ts";

/** What a move starts from, decided from what was seen. */
export type Move =
  | { readonly kind: "nothing" }
  /** Every other host was asked: the client is off there, or is shut down cleanly at `from`. */
  | { readonly kind: "clean"; readonly from: string | undefined }
  /** `dead` cannot be asked; the operator has said that it is off. */
  | { readonly kind: "after-death"; readonly dead: readonly string[] };

/** Words that the operator types to say that KVM hosts that cannot be asked run nothing any more. */
export function deathPhrase(client: string, dead: readonly string[]): string {
  return `${dead.join(" and ")} is powered off and ${client} does not run there`;
}

/** @throws when moving is not safe, or not possible, saying what is in the way. */
export function decideMove(
  client: InventoryClient,
  to: string,
  seen: ReadonlyMap<string, Sight>,
  confirm: string | undefined,
): Move {
  const { name } = client;
  if (!client.managed)
    throw new Error(
      `client ${name} is the VM team's: they shut it down; then set its \`active\` to ${to} in the stack file ` +
        `and run \`pulumi up\`, which admits ${to} in the place of ${client.host}; then they start it there`,
    );
  if (!client.hosts.includes(to))
    throw new Error(
      `client ${name} is defined on ${client.hosts.join(", ")} and not on ${to}; add ${to} ` +
        `to its \`hosts\` in the stack file and run \`pulumi up\` first`,
    );
  const target = seen.get(to);
  if (!target || !("state" in target))
    throw new Error(`KVM host ${to} cannot be asked: ${target?.unreachable ?? "it was not"}`);
  if (target.state === "undefined") throw new Error(`client ${name} is not defined on ${to}: run \`pulumi up\` first`);
  if (target.state === "saved")
    throw new Error(
      `client ${name} is saved to disk on ${to}, not shut down: there, \`virsh start ${name}\` wakes it; if ` +
        `it has run elsewhere since, \`virsh managedsave-remove ${name}\`, then repeat`,
    );
  const others = [...seen].filter(([host]) => host !== to);
  const on = others.flatMap(([host, sight]) => ("state" in sight && isOn(sight.state) ? [host] : []));
  const dead = others.flatMap(([host, sight]) => ("state" in sight ? [] : [host]));
  if (isOn(target.state) && on.length > 0)
    throw new Error(`client ${name} is on at ${[to, ...on].join(" and ")}: two copies; shut one of them down first`);
  if (on.length > 1)
    throw new Error(`client ${name} is on at ${on.join(" and ")}: two copies; shut one of them down first`);
  if (isOn(target.state) && client.host === to && dead.length === 0) return { kind: "nothing" };
  if (dead.length > 0) {
    if (on.length > 0)
      throw new Error(
        `client ${name} is on at ${on.join(", ")}, and ${dead.join(", ")} cannot be asked: mend that first`,
      );
    const phrase = deathPhrase(name, dead);
    if (confirm !== phrase) throw new Error(deathWords(name, to, dead, phrase, confirm));
    return { kind: "after-death", dead };
  }
  return { kind: "clean", from: on[0] };
}

function deathWords(
  name: string,
  to: string,
  dead: readonly string[],
  phrase: string,
  confirm: string | undefined,
): string {
  const hosts = dead.join(", ");
  return [
    `${confirm === undefined ? "" : "that is not the confirmation phrase. "}${hosts} cannot ` +
      `be asked, and ${name} may still run there and write.`,
    `Make sure that ${hosts} is off and stays off (power switch, its management controller), then repeat with`,
    `  kvm-mirror client ${name} --to ${to} --confirm "${phrase}"`,
  ].join("\n");
}

/** The domain has, or may have, a QEMU process, which may write: also in a state that nobody here knows. */
export function isOn(state: string): boolean {
  return state !== "shut off" && state !== "undefined";
}
