import type { InventoryClient } from "../../inventory/inventory.ts";
import type { Sight } from "../observe/clientHost.ts";
import { isOn } from "./clientMove.ts";

/**
 * The hosts whose permits of a client are written anew: those that can be asked. One that cannot keeps what it has: to
 * start nothing where it is not the active one, unless it was dead when the client moved.
 * @throws when the active host cannot be asked, or the client is on elsewhere, where no `up` has made it active
 */
export function permittedHosts({ name, host }: InventoryClient, seen: ReadonlyMap<string, Sight>): readonly string[] {
  const active = seen.get(host);
  if (!active || !("state" in active))
    throw new Error(
      `client ${name} is active on ${host}, which cannot be asked: ${active?.unreachable ?? "it was not"}; if it is ` +
        `dead, \`kvm-mirror client ${name} --to <KVM host>\` says what it takes`,
    );
  const elsewhere = [...seen].find(([at, sight]) => at !== host && "state" in sight && isOn(sight.state));
  if (elsewhere)
    throw new Error(
      `client ${name} is on at ${elsewhere[0]}, and active on ${host} by the last \`up\`: \`pulumi up\` makes that ` +
        "agree, and its permits",
    );
  return [...seen].flatMap(([at, sight]) => ("state" in sight ? [at] : []));
}
