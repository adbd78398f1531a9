import type { Inventory, InventoryClient } from "../../inventory/inventory.ts";
import { findClient } from "../observe/clientHost.ts";
import type { Follower } from "../decide/clientFollowers.ts";
import { type Move, isOn } from "../decide/clientMove.ts";
import { hostNamed } from "../stack/named.ts";
import { pulumi } from "../stack/pulumiCommand.ts";
import { hostScript } from "../remote/runScript.ts";
import { readActiveHost, writeActiveHost } from "../stack/stackFile.ts";
import { admissionSteps, endSessionsSteps } from "./admissionSteps.ts";
import { permitSteps } from "./permitSteps.ts";
import type { Step } from "./steps.ts";

/** Seconds that the guest gets to shut down. */
const shutdownDeadline = 300;

export interface MoveArgs {
  readonly inventory: Inventory;
  readonly client: InventoryClient;
  readonly to: string;
  readonly move: Exclude<Move, { kind: "nothing" }>;
  /** Groups that `up` moves after it. */
  readonly followers: readonly Follower[];
  /** Mirrors that answer: only they can be told whom to admit. */
  readonly mirrors: readonly string[];
  readonly show: (text: string) => void;
}

/**
 * All that lies between here and the client running on `to`. Each step is safe to run
 * twice; a command that was interrupted goes on when it is repeated.
 */
export function moveSteps(args: MoveArgs): readonly Step[] {
  const { move } = args;
  return [
    exportsAnswer(args),
    ...(move.kind === "clean" ? cleanSteps(args, move.from) : deathSteps(args, move.dead)),
    arrived(args),
  ];
}

function cleanSteps(args: MoveArgs, from: string | undefined): readonly Step[] {
  const { inventory, client, to } = args;
  return [
    nothingElse(args),
    ...(from === undefined
      ? []
      : [
          {
            title: `on ${from}: ask ${client.name} to shut down, and wait until it is off (its power is never cut)`,
            run: async () =>
              void (await hostScript(
                hostNamed(inventory, from),
                shutdownDeadline + 30,
                "shutdown-client.sh",
                client.name,
                String(shutdownDeadline),
              )),
          },
        ]),
    setActive(args),
    carryOutInPulumi(
      args,
      `the exports admit ${to} in the place of ${client.host}, and ${client.name} is started there`,
    ),
  ];
}

type Place = Pick<MoveArgs, "inventory" | "client" | "to">;

/** `up` of a stack file that says no more than that the client is on another host. @param title what it does */
export function carryOutInPulumi(
  { inventory, followers, show }: Pick<MoveArgs, "inventory" | "followers" | "show">,
  title: string,
): Step {
  const after = followers.map(({ group, mirror }) => `; then group ${group} follows it to ${mirror}`).join("");
  return {
    title: `pulumi up: ${title}${after}`,
    run: async () => void (await pulumi(inventory.stack, ["up", "--yes", "--suppress-outputs"], show)),
  };
}

/** The stack file asks for nothing but the move. @throws when it does */
export function nothingElse({ inventory: { stack }, client, to }: Place): Step {
  return {
    title: `check that the stack file asks for nothing but this move (pulumi preview)`,
    run: async () => {
      // An earlier attempt of this very move may have set it already.
      if ((await readActiveHost(stack, client.name)) === to) return;
      await pulumi(stack, ["preview", "--expect-no-changes"]).catch((error: Error) => {
        throw new Error(
          `stack ${stack} has changes that are not carried out yet: run \`pulumi up\` first, so that ` +
            `this command moves ${client.name} and nothing else\n${error.message}`,
        );
      });
    },
  };
}

/**
 * Without Pulumi: it would first turn the client off on the dead host. (Nor can
 * `--target` leave that out: the engine then reports a duplicate URN,
 * https://github.com/pulumi/pulumi/issues/24303.) The scripts that it would run
 * on what is alive are run here, with the same documents.
 */
function deathSteps(args: MoveArgs, dead: readonly string[]): readonly Step[] {
  const { inventory, client, to } = args;
  return [
    ...endSessionsSteps(args, dead),
    setActive(args),
    ...admissionSteps({
      inventory,
      client,
      mirrors: args.mirrors,
      what: `admit ${to} in the place of ${client.host}`,
      left: client.hosts.filter((name) => name !== to),
      admitted: [to],
    }),
    // Of the hosts that answer. The dead one keeps its permit until `up`; the exports do not admit it.
    ...permitSteps(
      inventory,
      client,
      to,
      client.hosts.filter((name) => !dead.includes(name)),
    ),
    {
      title: `on ${to}: start ${client.name}. When ${dead.join(", ")} is back, \`pulumi up\` makes the rest agree`,
      run: async () => void (await hostScript(hostNamed(inventory, to), 120, "start-client.sh", client.name)),
    },
  ];
}

/** The exports that a client has answer on the host where it is to run. */
export function exportsAnswer({ inventory, client, to }: Place): Step {
  const exports = inventory.exports.filter((item) =>
    client.disks.some((disk) => disk.volume === item.volume && disk.protocol === item.protocol),
  );
  return {
    title:
      `on ${to}: check that the exports answer ` +
      `(${[...new Set(exports.map(({ address, port }) => `${address}:${port}`))].join(", ")})`,
    run: async () => {
      for (const address of new Set(exports.map((item) => item.address))) {
        const ports = new Set(exports.filter((item) => item.address === address).map((item) => String(item.port)));
        await hostScript(hostNamed(inventory, to), 60, "exports-answer.sh", address, ...ports);
      }
    },
  };
}

/** `active` of the client in the stack file becomes the host that it moves to. */
export function setActive({ inventory, client, to }: Place): Step {
  return {
    title: `in the stack file: clients.${client.name}.active becomes ${to}`,
    run: () => writeActiveHost(inventory.stack, client.name, to),
  };
}

/** It runs there, and nowhere else. */
export function arrived({ inventory, client, to }: Place): Step {
  return {
    title: `check that ${client.name} runs on ${to} and nowhere else`,
    run: async () => {
      const on = [...(await findClient(inventory, client))].flatMap(([host, sight]) =>
        "state" in sight && isOn(sight.state) ? [`${sight.state} on ${host}`] : [],
      );
      if (on.join() !== `running on ${to}`)
        throw new Error(`client ${client.name} is ${on.join(" and ") || "on nowhere"}`);
    },
  };
}
