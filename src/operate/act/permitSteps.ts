import { type Inventory, type InventoryClient, ownerOf } from "../../inventory/inventory.ts";
import { hostScript } from "../remote/runScript.ts";
import { hostNamed } from "../stack/named.ts";
import type { Step } from "./steps.ts";

type Stack = Pick<Inventory, "hosts" | "stack" | "owner">;
type Guarded = Pick<InventoryClient, "name" | "managed">;

/**
 * Lets libvirt of one KVM host start a client, and no other one's: the others are forbidden first, so that
 * at no time two may. What interrupts it leaves the client without a permit, and repeating it goes on.
 * @param hosts of the client's, those that can be asked
 * @param whole the active host has it whole by a live migration: no disk of it there is half a copy any more
 */
export function permitSteps(
  stack: Stack,
  client: Guarded,
  active: string,
  hosts: readonly string[],
  whole = false,
): readonly Step[] {
  const others = hosts.filter((host) => host !== active);
  const forbidden = others.length === 0 ? "" : `${others.join(", ")} may not start ${client.name}, then `;
  return [
    {
      title: `permits: ${forbidden}${active} may start ${client.name}`,
      run: async () => {
        await Promise.all(others.map((host) => write(stack, client, host, "elsewhere", active)));
        await write(stack, client, active, "here", active, whole ? ["--whole"] : []);
      },
    },
  ];
}

/**
 * Lets one live migration come in to a KVM host, and nothing else; the host that it leaves may not start the client any
 * more, though it runs there.
 * @param overwritten files there that the migration copies over
 */
export function migrationPermitStep(
  stack: Stack,
  client: Guarded,
  [from, to]: readonly [string, string],
  { token, overwritten }: { readonly token: string; readonly overwritten: readonly string[] },
): Step {
  const { name } = client;
  const incoming = [`--token=${token}`, ...overwritten.map((file) => `--torn=${file}`)];
  return {
    title: `permits: ${from} may not start ${name} again, then ${to} lets this migration of it in, and nothing else`,
    run: async () => {
      await write(stack, client, from, "elsewhere", to, ["--leaving"]);
      await write(stack, client, to, "incoming", from, incoming);
    },
  };
}

async function write(
  { hosts, stack, owner }: Stack,
  { name, managed }: Guarded,
  host: string,
  start: "here" | "elsewhere" | "incoming",
  active: string,
  options: readonly string[] = [],
): Promise<void> {
  const kind = managed ? "machine" : "existing";
  const words = [...options, ownerOf({ stack, owner }), name, start, active, host, kind, "-"];
  await hostScript(hostNamed({ hosts, stack }, host), 60, "permit-client.sh", ...words);
}
