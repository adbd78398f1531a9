import type { InventoryClient } from "../../inventory/inventory.ts";
import type { Sight } from "../observe/clientHost.ts";
import { isOn } from "./clientMove.ts";

/**
 * Where a client that is off is started: on its active host, the only one that the
 * exports admit. No KVM host starts a client at boot: after a move,
 * the host that it left would start a second copy. Undefined: it runs there. @throws
 * when it is on elsewhere, paused, or may be on where nobody can ask.
 */
export function startHost(client: InventoryClient, seen: ReadonlyMap<string, Sight>): string | undefined {
  const { name, host } = client;
  if (!client.managed) throw new Error(`client ${name} is the VM team's: they start it`);
  const sights = [...seen];
  const on = sights.flatMap(([at, sight]) =>
    "state" in sight && isOn(sight.state) ? [{ at, state: sight.state }] : [],
  );
  const elsewhere = on.find(({ at }) => at !== host);
  if (elsewhere)
    throw new Error(
      `client ${name} is ${elsewhere.state} on ${elsewhere.at}, and the exports admit ` +
        `${host}: \`kvm-mirror client ${name} --to ${host}\` moves it there`,
    );
  const here = on[0];
  if (here?.state === "paused")
    throw new Error(`client ${name} is paused on ${host}: \`kvm-mirror client ${name} --resume\` lets it go on`);
  if (here?.state === "crashed" || here?.state === "saved" || here?.state === "unknown")
    throw new Error(
      `client ${name} is ${here.state} on ${host}, neither on nor off: ` +
        `\`kvm-mirror status\` says what to do about it first`,
    );
  if (here) return undefined;
  const silent = sights.flatMap(([at, sight]) => ("unreachable" in sight ? [`${at} (${sight.unreachable})`] : []));
  if (silent.length > 0)
    throw new Error(
      `${silent.join(", ")} cannot be asked, and ${name} may run there: mend that first, or, if it is ` +
        `dead, \`kvm-mirror client ${name} --to <KVM host>\`, which says what it takes`,
    );
  if (sights.some(([at, sight]) => at === host && "state" in sight && sight.state === "undefined"))
    throw new Error(`client ${name} is not defined on ${host}: run \`pulumi up --refresh\``);
  return host;
}
