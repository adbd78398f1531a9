import { z } from "zod";
import type { Inventory, InventoryMirror } from "../../inventory/inventory.ts";
import type { HostPlan } from "../../plan/machines/hosts.ts";
import type { Plan } from "../../plan/plan.ts";
import { askHost, askMirror, type Patience, patient } from "../remote/runScript.ts";
import { type Seen, seenOf } from "./observe.ts";
import { siteQuestions } from "./siteQuestions.ts";
import { parseRows, type Row } from "./siteRows.ts";

/** What a KVM host says of itself, and when it was asked and had answered by this machine's clock, in seconds. */
export interface HostSight {
  readonly rows: readonly Row[];
  readonly asked: number;
  readonly answered: number;
}

/** A dry run of fencing, as scripts/guest/placement/fence-status.sh says it. */
const FenceSchema = z.strictObject({ mirror: z.string(), status: z.enum(["on", "off"]).nullable(), said: z.string() });
export type FenceSight = z.infer<typeof FenceSchema>;

export interface SiteSight {
  readonly hosts: ReadonlyMap<string, Seen<HostSight>>;
  /** By the mirror that tried it; empty where no cluster fences. */
  readonly fences: ReadonlyMap<string, Seen<FenceSight>>;
}

/** An image's checksum takes a minute, fencing's dry run as long as fenceDelay says. */
const unhurried: Patience = { ...patient, answer: 240 };

/**
 * Asks every KVM host of a plan, and of the mirrors that there are those that fence, at the same time. Changes nothing.
 * @param inventory undefined: there are no mirrors yet
 */
export async function lookAtSite(plan: Plan, inventory: Inventory | undefined): Promise<SiteSight> {
  const fencing = inventory?.failover.mode === "automatic" ? inventory.mirrors : [];
  const [hosts, fences] = await Promise.all([
    Promise.all(plan.hosts.map(async (host) => [host.name, await seenOf(() => hostSight(plan, host))] as const)),
    Promise.all(fencing.map(async (mirror) => [mirror.name, await seenOf(() => fenceSight(mirror))] as const)),
  ]);
  return { hosts: new Map(hosts), fences: new Map(fences) };
}

async function hostSight(plan: Plan, host: HostPlan): Promise<HostSight> {
  const asked = Date.now() / 1000;
  const answer = await askHost(host, unhurried, "site-facts.sh", ...siteQuestions(plan, host));
  return { rows: parseRows(answer), asked, answered: Date.now() / 1000 };
}

async function fenceSight(mirror: InventoryMirror): Promise<FenceSight> {
  return FenceSchema.parse(JSON.parse(await askMirror(mirror, unhurried, "fence-status.sh")));
}
