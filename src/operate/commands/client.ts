import { refusing } from "../../refused.ts";
import { moveSteps } from "../act/clientMoveSteps.ts";
import { resumeSteps, startSteps } from "../act/clientSteps.ts";
import { permitSteps } from "../act/permitSteps.ts";
import { carryOut } from "../act/steps.ts";
import { followersOf } from "../decide/clientFollowers.ts";
import { decideMove } from "../decide/clientMove.ts";
import { pausedOn } from "../decide/clientResume.ts";
import { permittedHosts } from "../decide/clientPermit.ts";
import { startHost } from "../decide/clientStart.ts";
import { findClient } from "../observe/clientHost.ts";
import { liveMigration, type LiveWish } from "./liveMigration.ts";
import { clientNamed } from "../stack/named.ts";
import { refuseOtherProgram } from "../stack/otherProgram.ts";
import { inventoryFor, lookAt } from "./look.ts";
import type { Acting } from "./options.ts";
import { recordsOf } from "./recordsOf.ts";

/** What the client shall do. */
export type ClientWish =
  | { readonly kind: "resume" }
  | { readonly kind: "start" }
  /** Its hosts' permits are written anew. */
  | { readonly kind: "permit" }
  /** `confirm`: the phrase that a refusal shows, when the old KVM host cannot be asked. */
  | { readonly kind: "move"; readonly to: string; readonly confirm: string | undefined }
  | LiveWish;

export interface ClientOptions extends Acting {
  readonly name: string;
  readonly wish: ClientWish;
}

/**
 * `kvm-mirror client`: a client that was paused goes on, one that is off is started, it moves to another KVM host, or
 * its hosts learn anew which of them may start it.
 * @throws when it failed or was refused; nothing is half done that repeating the command would not finish
 */
export async function client(options: ClientOptions): Promise<void> {
  const { screen, dryRun, name, wish } = options;
  const moves = wish.kind === "move" || wish.kind === "live";
  if (moves) refuseOtherProgram("a move changes the client's `active` in the stack file");
  const inventory = await inventoryFor(options);
  const found = refusing(() => clientNamed(inventory, name));
  const records = recordsOf(inventory, options, moves ? wish.confirm : undefined);
  if (wish.kind === "live") return liveMigration({ options, inventory, client: found, records, wish });
  const seen = await screen.during(`asking the KVM hosts of ${name}`, () => findClient(inventory, found));
  if (wish.kind === "resume") {
    const host = refusing(() => pausedOn(name, seen));
    if (host === undefined) return screen.say(`client ${name} is running: nothing to resume`);
    return carryOut(resumeSteps(inventory, name, host), { dryRun, ...screen, records });
  }
  if (wish.kind === "start") {
    const host = refusing(() => startHost(found, seen));
    if (host === undefined) return screen.say(`client ${name} runs already`);
    return carryOut(startSteps(inventory, found, host), { dryRun, ...screen, records });
  }
  if (wish.kind === "permit") {
    const hosts = refusing(() => permittedHosts(found, seen));
    return carryOut(permitSteps(inventory, found, found.host, hosts), { dryRun, ...screen, records });
  }
  const { to, confirm } = wish;
  const move = refusing(() => decideMove(found, to, seen, confirm));
  if (move.kind === "nothing") return screen.say(`client ${name} runs on ${to} already`);
  const followers = refusing(() => followersOf(inventory, found, to));
  const { mirrors: asked } = await lookAt(inventory, options);
  const mirrors = [...asked].flatMap(([mirror, sight]) => ("state" in sight ? [mirror] : []));
  const show = (text: string): void => screen.write(text);
  const steps = moveSteps({ inventory, client: found, to, move, followers, mirrors, show });
  await carryOut(steps, { dryRun, ...screen, records });
  if (!dryRun) screen.say(`client ${name} runs on ${to}`);
}
