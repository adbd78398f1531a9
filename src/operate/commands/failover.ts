import { refusing } from "../../refused.ts";
import { byHandSteps, inClusterSteps } from "../act/failoverSteps.ts";
import { carryOut } from "../act/steps.ts";
import { decideFailover } from "../decide/decideFailover.ts";
import { allWeighed } from "../decide/elsewhere.ts";
import { selectGroups } from "../decide/selectGroups.ts";
import { type Evidence, everyEvidence } from "../observe/evidence.ts";
import { viewGroup } from "../observe/groupSight.ts";
import { lookQuickly, observe } from "../observe/observe.ts";
import { type Patience, patient } from "../remote/runScript.ts";
import { startCommand } from "../stack/startCommand.ts";
import { renderStatus } from "../tell/renderStatus.ts";
import { inventoryFor, look } from "./look.ts";
import type { Acting } from "./options.ts";
import { recordsOf } from "./recordsOf.ts";

export interface FailoverOptions extends Acting {
  /** A volume, whose group moves as a whole, or `all`. */
  readonly selection: string;
  /** The phrase that a refusal shows. */
  readonly confirm: string | undefined;
}

/**
 * The QEMU of a client that waits for the dead primary may keep libvirt waiting, and with it whoever asks for the
 * client's disks: minutes, in which every client stands still. Nothing is decided by what clients' hosts say of them.
 */
const briefly = (patience: Patience): Patience => ({ ...patience, answer: 20 });

/**
 * `kvm-mirror failover`: unplanned failover by hand. Shows what it sees; asks the old primary's
 * KVM host whether it went on alone; turns it off there; asks once
 * more; and only then promotes the other mirror.
 * @throws when it refused or failed
 */
export async function failover(options: FailoverOptions): Promise<void> {
  const { screen, dryRun, selection, confirm: confirmed } = options;
  const inventory = await inventoryFor(options);
  const wanted = refusing(() => selectGroups(inventory, selection));
  const byHand = inventory.failover.mode === "manual";
  const hosts = everyEvidence(inventory, { ...patient, connect: 3 });
  const off = async (mirror: string): Promise<boolean> => (await hosts).get(mirror)?.domain === "off";
  const seen = await look(options, () =>
    lookQuickly((patience) => observe(inventory, patience, { forHosts: briefly(patience), off })),
  );
  const views = inventory.groups.map(({ name }) => viewGroup(inventory, seen, name));
  const known = byHand ? allWeighed(await hosts, views) : await hosts;
  // Marks of who went on alone are manual failover's: a cluster fences instead.
  screen.write(renderStatus(inventory, seen, byHand ? known : new Map(), screen.paint).text);
  const args = { inventory, confirmed, say: screen.say };
  const records = recordsOf(inventory, options, confirmed);
  const evidence = (mirror: string): Evidence => known.get(mirror) ?? { domain: "unknown", marks: undefined };
  if (!byHand) {
    const steps = refusing(() => inClusterSteps(args, seen, evidence));
    return carryOut(steps, { dryRun, ...screen, records });
  }
  const decided = refusing(() => decideFailover(inventory, views, wanted, evidence, confirmed));
  const { old, to, groups } = decided;
  await carryOut(byHandSteps(args, decided, views, evidence(old)), { dryRun, ...screen, records });
  if (!dryRun)
    screen.say(
      `${to} serves ${groups.join(", ")}. Writes are on one disk until ${old} is back. Start it: ` +
        `${startCommand(inventory, old)}. It becomes the secondary by itself`,
    );
}
