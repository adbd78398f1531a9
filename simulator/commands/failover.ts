import { messageOf } from "../../plugins/serving/messageOf.ts";
import { lastCopyPhrase } from "../../src/operate/decide/decideFailover.ts";
import { type Decided, agreedBy, decide, indexOf } from "../decisions.ts";
import { demote } from "../drbd/role.ts";
import { forgive } from "../io.ts";
import { askPeer } from "../peer.ts";
import type { StartMode } from "../rules/promotable.ts";
import { fence, promoteHere, serve, startable, vipTaken } from "../scripts.ts";
import { answers } from "../sight.ts";
import { Disk, Role } from "../words.ts";
import { type World, mirrorName, other } from "../world.ts";
import { type Steps, type Typed, insisting } from "./command.ts";

/** `kvm-mirror failover all` */
export function failover(world: World, typed: Typed): Steps {
  let decided: Decided;
  let confirmed: string | undefined;
  if (typed === "last copy") {
    const lasting = answers(world, world.mirrors[0]) ? 0 : 1;
    confirmed = lastCopyPhrase(mirrorName(other(lasting)), mirrorName(lasting));
    decided = decide(world, confirmed);
  } else {
    [decided, confirmed] = insisting(typed, (words) => decide(world, words));
  }
  const decision = decided.failover;
  const [old, to] = [world.mirrors[indexOf(decision.old)], world.mirrors[indexOf(decision.to)]];
  const proven = decision.copy === "proven";
  let mode: StartMode = proven ? "--peer-fenced" : `--${decision.copy as "last" | "stale"}-copy`;
  let typedOff = !proven;
  return [
    () => {
      if (world.command) world.command.off = old.index;
      // What the host of one that was moved says is no proof.
      if (fence(world, old) && !decided.moved) return undefined;
      if (!decided.byWord) return `the host of ${decision.old} does not say that it is off`;
      if (proven) mode = "--peer-said-off";
      typedOff = true;
      return undefined;
    },
    () => {
      if (mode !== "--peer-fenced") return undefined;
      try {
        decided.again();
        return undefined;
      } catch (error) {
        return messageOf(error);
      }
    },
    () => (answers(world, to) && startable(world, to, mode) ? undefined : `${decision.to} is not promotable`),
    () => {
      if (!answers(world, to)) return "no answer";
      const agreed = agreedBy(decision, confirmed);
      const before = to.role;
      // DRBD's --force asks nobody's leave: group-start.sh asks the peer before.
      if (mode === "--stale-copy" && askPeer(world, to) !== undefined) return "the old primary answers";
      const fenced = mode === "--peer-fenced" ? "confirmed" : "by-word";
      if (!promoteHere(world, to, fenced, typedOff && agreed.off, mode === "--stale-copy")) return "not promoted";
      if (vipTaken(world, to))
        return before === Role.Primary || demote(world, to)
          ? "the VIP answers elsewhere"
          : "the VIP answers elsewhere; it stays Primary";
      if (agreed.lost && to.own >= Disk.Inconsistent) forgive(world, to);
      return undefined;
    },
    () => {
      if (!answers(world, to) || to.role !== Role.Primary) return "no answer";
      serve(world, to);
      return undefined;
    },
  ];
}
