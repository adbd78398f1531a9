import type { InventoryClient } from "../../inventory/inventory.ts";
import type { MigrationSights } from "../observe/migrationSight.ts";
import { deathPhrase } from "./clientMove.ts";
import { type Hold, holds, said } from "./migrationHold.ts";

/**
 * What `client --to <host> --live` starts from. A guest that has come in is let go only when QEMU is gone where it came
 * from (scripts/host/migrate-client.sh). Somebody may have resumed it there by hand meanwhile: so it goes on only where
 * it is seen that it has not run elsewhere, and starts anew where nobody knows.
 */
export type LiveMove =
  /** It is there, and nothing is left of a migration. */
  | { readonly kind: "nothing" }
  /** It runs on `from`, and goes. `clear`: what an earlier attempt has left on the host that it goes to. */
  | { readonly kind: "go"; readonly from: string; readonly clear: boolean }
  /** It has come in: what an interrupted migration left to do is done. `end`: where it was handed over. */
  | { readonly kind: "arrive"; readonly end: string | undefined; readonly letGo: boolean }
  /** It has never run elsewhere, and stays. `clear`: the host that has begun to take it in. */
  | { readonly kind: "stay"; readonly letGo: boolean; readonly clear: string | undefined }
  /** It stands still, and may have run elsewhere meanwhile: it starts anew, as after a power cut. */
  | { readonly kind: "anew"; readonly dead: Dead };

/** KVM hosts that cannot be asked, and are off by the operator's word. */
type Dead = readonly string[];

/** Words that the operator types where a guest that was handed over is lost. */
export const anewPhrase = (client: string): string => `${client} starts anew as after a power cut`;

/** @throws when it is not known where the client is, or there is nothing to migrate, with the way out */
export function decideLive(
  client: InventoryClient,
  to: string,
  seen: MigrationSights,
  confirm: string | undefined,
): LiveMove {
  const { name, hosts } = client;
  if (!hosts.includes(to))
    throw new Error(
      `client ${name} is defined on ${hosts.join(", ")} and not on ${to}; add ${to} to its \`hosts\` in the stack ` +
        "file and run `pulumi up` first",
    );
  const held = holds(name, seen);
  const dead = [...seen.keys()].filter((host) => !held.has(host));
  const here = held.get(to);
  const elsewhere = [...held].filter(([host, hold]) => host !== to && hold !== "off" && hold !== "left");
  const left = [...held.values()].includes("left");
  if (here === undefined || dead.length > 0) return withDead(name, to, here, elsewhere, dead, seen, confirm);
  if (elsewhere.length > 1)
    throw new Error(`client ${name} is ${elsewhere.map(said).join(" and ")}: shut one of them down first`);
  const [other] = elsewhere;
  if (other) return ofTwo(client, to, here, other);
  const permits = new Map([...seen].map(([host, sight]) => [host, "permit" in sight ? sight.permit : "none"]));
  const settled = client.host === to && permits.get(to) === "here" && ![...permits.values()].includes("incoming");
  return settled && here === "runs" ? { kind: "nothing" } : alone(name, to, here, left, confirm);
}

/** Where one other host has something of it. */
function ofTwo(
  { name, host }: InventoryClient,
  to: string,
  here: Hold,
  [from, there]: readonly [string, Hold],
): LiveMove {
  if (there === "runs" && from !== host && here !== "runs" && here !== "handed over")
    throw new Error(
      `client ${name} runs on ${from}, and is active on ${host} by the last \`up\`: \`kvm-mirror client ${name} --to ` +
        `${from} --live\` ends the move to there first`,
    );
  switch (`${there}/${here}` as const) {
    case "runs/off":
    case "runs/left":
      return { kind: "go", from, clear: false };
    case "runs/comes in":
    case "runs/waits":
      return { kind: "go", from, clear: true };
    case "handed over/runs":
      return { kind: "arrive", end: from, letGo: false };
    case "handed over/waits":
      return { kind: "arrive", end: from, letGo: true };
    case "comes in/handed over":
      return { kind: "stay", letGo: true, clear: from };
    case "comes in/runs":
    case "waits/runs":
      return { kind: "stay", letGo: false, clear: from };
    case "runs/runs":
      throw new Error(`client ${name} runs on ${from} and ${to}: two copies; shut one of them down first`);
    case "waits/off":
    case "waits/left":
    case "waits/handed over":
    case "runs/handed over":
      throw new Error(`client ${name} has come in on ${from}: ${onWith(name, from)}`);
    case "handed over/off":
    case "handed over/left":
    case "handed over/comes in":
      throw new Error(
        `client ${name} stands still on ${from}: it was being handed over to ${to}, and has not arrived there: ` +
          onWith(name, from),
      );
    default:
      throw new Error(
        `client ${name} is ${said([from, there])} and ${said([to, here])}: no live migration leaves that`,
      );
  }
}

/** Off on all other hosts. @param left one of them has seen it arrive here */
function alone(name: string, to: string, here: Hold, left: boolean, confirm: string | undefined): LiveMove {
  switch (here) {
    case "runs":
      return { kind: "stay", letGo: false, clear: undefined };
    case "waits":
      if (left) return { kind: "arrive", end: undefined, letGo: true };
      return anew(name, to, "has come in", confirm);
    case "handed over":
      return anew(name, to, "was handed over", confirm);
    case "comes in":
      throw new Error(
        `client ${name} is off: it was lost while it was migrated to ${to}, before it had arrived. ` +
          `\`kvm-mirror client ${name} --start\` starts it anew where it was`,
      );
    default:
      throw new Error(`client ${name} is off: nothing runs that could be migrated. Without --live it is started there`);
  }
}

/** @throws without the phrase */
function anew(name: string, to: string, what: string, confirm: string | undefined): LiveMove {
  const phrase = anewPhrase(name);
  if (confirm === phrase) return { kind: "anew", dead: [] };
  throw new Error(
    `${wrong(confirm)}client ${name} ${what} on ${to}, and is off elsewhere. Whether it has run there ` +
      "meanwhile, nobody knows: with its memory of before it would corrupt its disks. It can start anew, as after a " +
      `power cut. Then repeat with\n  ${typed(name, to, phrase)}`,
  );
}

/** Where hosts of it cannot be asked: what stands still here may have run there. */
function withDead(
  name: string,
  to: string,
  here: Hold | undefined,
  elsewhere: readonly (readonly [string, Hold])[],
  dead: Dead,
  seen: MigrationSights,
  confirm: string | undefined,
): LiveMove {
  const silent = dead.map((host) => {
    const sight = seen.get(host);
    return `${host}: ${sight && "unreachable" in sight ? sight.unreachable : "it was not asked"}`;
  });
  if ((here !== "waits" && here !== "handed over") || elsewhere.length > 0)
    throw new Error(
      `a live migration of ${name} asks all its KVM hosts, and not all answer (${silent.join("; ")}). If one ` +
        `is dead: \`kvm-mirror client ${name} --to <KVM host>\` without --live says what it takes`,
    );
  const phrase = deathPhrase(name, dead);
  if (confirm === phrase) return { kind: "anew", dead };
  throw new Error(
    `${wrong(confirm)}client ${name} stands still on ${to}, and would start anew there, as after a power cut. ` +
      `${dead.join(", ")} cannot be asked (${silent.join("; ")}), and it may run there. Make sure that ` +
      `${dead.join(", ")} is off and stays off, then repeat with\n  ${typed(name, to, phrase)}`,
  );
}

const wrong = (confirm: string | undefined): string =>
  confirm === undefined ? "" : "that is not the confirmation phrase. ";
const typed = (name: string, to: string, phrase: string): string =>
  `kvm-mirror client ${name} --to ${to} --live --confirm "${phrase}"`;
const onWith = (name: string, host: string): string =>
  `it goes on there with \`kvm-mirror client ${name} --to ${host} --live\``;
