import type { Inventory } from "../../inventory.ts";
import { findClient, type Sight } from "../observe/clientHost.ts";
import { clientNamed, hostNamed } from "../stack/named.ts";
import { hostScript } from "../remote/runScript.ts";
import type { Step } from "./steps.ts";

/** Seconds that a client may take to go on for good: QEMU tries to connect every 16 s at the rarest. */
const deadline = 90;

/** What lets a paused client go on; nothing when it runs. */
export async function resumeSteps(
  inventory: Inventory,
  name: string,
  say: (line: string) => void,
): Promise<readonly Step[]> {
  const client = clientNamed(inventory, name);
  const host = pausedOn(name, await findClient(inventory, client));
  if (host === undefined) {
    say(`client ${name} is running: nothing to resume`);
    return [];
  }
  return [
    {
      title:
        `on ${host}: check that every export that ${name} has open can be ` +
        "opened, resume it, and wait until it runs on",
      run: async () =>
        void (await hostScript(hostNamed(inventory, host), deadline + 60, "resume-client.sh", name, String(deadline))),
    },
  ];
}

/** The host on which it is paused; undefined: it runs. @throws when it is neither, or nobody can say. */
export function pausedOn(name: string, seen: ReadonlyMap<string, Sight>): string | undefined {
  const on = (state: string): readonly string[] =>
    [...seen].flatMap(([host, sight]) => ("state" in sight && sight.state === state ? [host] : []));
  const [paused, ...others] = on("paused");
  if (paused !== undefined && (others.length > 0 || on("running").length > 0))
    throw new Error(
      `client ${name} is on at ${[paused, ...others, ...on("running")].join(" and ")}: stop one of them first`,
    );
  if (paused !== undefined) return paused;
  if (on("running").length > 0) return undefined;
  const words = [...seen].map(([host, sight]) =>
    "state" in sight ? `${sight.state} on ${host}` : `${host} cannot be asked (${sight.unreachable})`,
  );
  throw new Error(`client ${name} is not paused: ${words.join(", ")}`);
}
