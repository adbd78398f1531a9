import type { Inventory, InventoryClient, InventoryMirror } from "../../inventory/inventory.ts";
import type { Plan } from "../../plan/plan.ts";
import { renderGroupDocument } from "../../render/placement/groupDocument.ts";
import { mirrorScript } from "../remote/runScript.ts";
import { hostNamed } from "../stack/named.ts";
import { stackPlan } from "../stack/stackPlan.ts";
import type { Step } from "./steps.ts";

type Group = Inventory["groups"][number];

export interface AdmissionArgs {
  readonly inventory: Inventory;
  readonly client: InventoryClient;
  /** Mirrors that answer: only they can be told whom to admit. */
  readonly mirrors: readonly string[];
  /** What the groups are to do, for people: "admit kvm-b in the place of kvm-a". */
  readonly what: string;
  /** KVM hosts that have said that the client is off there, or are off by the operator's word. */
  readonly left: readonly string[];
  /** The client's KVM hosts that are admitted from then on: one, or two for as long as a live migration takes. */
  readonly admitted: readonly string[];
}

/**
 * Has the mirrors admit these hosts to a client's volumes, and for the rest do as the stack file says. All that answer
 * are asked before one of them is changed: who is admitted must not depend on where the group runs.
 */
export function admissionSteps(args: AdmissionArgs): readonly Step[] {
  const { inventory, what, left } = args;
  const addresses = left.map((name) => hostNamed(inventory, name).storageAddress);
  const configure = async (mirror: InventoryMirror, group: Group, options: readonly string[]): Promise<void> => {
    const document = await groupDocument(args, group.name);
    await mirrorScript(mirror, 300, "group-configure.sh", [group.name, ...options, ...addresses], document);
  };
  return [
    ...onEach(args, (mirror, group) => ({
      title: `on ${mirror.name}: check that group ${group.name} can ${what}`,
      run: () => configure(mirror, group, ["--check"]),
    })),
    ...onEach(args, (mirror, group) => ({
      title: `on ${mirror.name}: have group ${group.name} ${what}`,
      run: () => configure(mirror, group, []),
    })),
  ];
}

/** Ends the connections that KVM hosts which are off have left open to a client's volumes. */
export function endSessionsSteps(
  args: Pick<AdmissionArgs, "inventory" | "client" | "mirrors">,
  dead: readonly string[],
): readonly Step[] {
  const addresses = dead.map((name) => hostNamed(args.inventory, name).storageAddress);
  return onEach(args, (mirror, group) => ({
    title:
      `on ${mirror.name}: end the connections that ${dead.join(", ")} ` +
      `(${addresses.join(", ")}) has left open to group ${group.name}`,
    run: async () => void (await mirrorScript(mirror, 120, "end-sessions.sh", [group.name, ...addresses])),
  }));
}

function onEach(
  { inventory, client, mirrors }: Pick<AdmissionArgs, "inventory" | "client" | "mirrors">,
  work: (mirror: InventoryMirror, group: Group) => Step,
): readonly Step[] {
  const groups = inventory.groups.filter((group) => client.disks.some((disk) => group.volumes.includes(disk.volume)));
  return inventory.mirrors
    .filter(({ name }) => mirrors.includes(name))
    .flatMap((mirror) => groups.map((group) => work(mirror, group)));
}

async function groupDocument({ inventory, client, admitted }: AdmissionArgs, group: string): Promise<string> {
  const addresses = admitted.map((host) => hostNamed(inventory, host).storageAddress);
  return documentAdmitting(await stackPlan(inventory.stack), group, client.name, addresses);
}

/**
 * What the stack file says of a group now, but for the addresses that one client comes from.
 * @throws when it has no such group any more
 */
export function documentAdmitting(
  plan: Pick<Plan, "groups" | "volumes">,
  group: string,
  client: string,
  addresses: readonly string[],
): string {
  const planned = plan.groups.find(({ name }) => name === group);
  if (!planned) throw new Error(`the stack file has no group ${group} any more: run \`pulumi up\` first`);
  const volumes = plan.volumes.filter((volume) => volume.group === group);
  return renderGroupDocument(
    planned,
    volumes.map((volume) => ({
      ...volume,
      admissions: volume.admissions.flatMap((one) =>
        one.client === client ? addresses.map((address) => ({ ...one, address })) : [one],
      ),
    })),
  );
}
