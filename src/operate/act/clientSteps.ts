import type { Inventory, InventoryClient } from "../../inventory/inventory.ts";
import { hostScript } from "../remote/runScript.ts";
import { hostNamed } from "../stack/named.ts";
import { arrived, exportsAnswer } from "./clientMoveSteps.ts";
import { permitSteps } from "./permitSteps.ts";
import type { Step } from "./steps.ts";

/** Seconds that a client may take to go on for good: QEMU tries to connect every 16 s at the rarest. */
const deadline = 90;

/** What lets a client that is paused on a host go on. */
export function resumeSteps(inventory: Inventory, name: string, host: string): readonly Step[] {
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

/** Starts it, when its exports answer. Each step is safe to run twice. */
export function startSteps(inventory: Inventory, client: InventoryClient, host: string): readonly Step[] {
  const args = { inventory, client, to: host };
  return [
    exportsAnswer(args),
    ...permitSteps(inventory, client, host, client.hosts),
    {
      title: `on ${host}: start ${client.name}`,
      run: async () => void (await hostScript(hostNamed(inventory, host), 120, "start-client.sh", client.name)),
    },
    arrived(args),
  ];
}
