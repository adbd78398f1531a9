import type * as pulumi from "@pulumi/pulumi";
import type { Notify } from "../config/monitoring/notify.ts";
import type { Inventory } from "../inventory/inventory.ts";
import type { Plan } from "../plan/plan.ts";
import type { Keys } from "../plan/secrets.ts";
import { achieve } from "./achieve.ts";
import { declareService } from "./exports/declareService.ts";
import { scriptsOf } from "./fingerprint.ts";
import { installedAgain } from "./installAgain.ts";
import { declareMirrors } from "./machines/declareMirrors.ts";
import { KvmHost } from "./machines/KvmHost.ts";
import { operatorCommand } from "./operatorCommand.ts";
import { Cluster } from "./placement/Cluster.ts";
import { declareVolumes } from "./replication/declareVolumes.ts";
import { type Scope, wholeProgram } from "./scope.ts";

/**
 * Registers everything in the plan. The order of the data's safety: mirrors →
 * replication → exports → clients → the inventory of what was achieved.
 * @param notify whom the mirrors tell of trouble: like the keys no part of the plan, for it holds secrets
 * @param scope where in the program: by default it has nothing else
 */
export function declare(
  plan: Plan,
  keys: Keys,
  notify: Notify | undefined,
  inventory: Inventory,
  scope: Scope = wholeProgram,
): pulumi.Output<Inventory> {
  const { parent } = scope;
  const mode = operatorCommand(
    scope.named("failover-mode"),
    {
      script: "failover-mode.sh",
      args: [plan.failover.mode, ...plan.mirrors.flatMap(({ sshTarget, hostKey }) => [sshTarget, hostKey])],
      remembers: true,
    },
    { parent },
  );
  const hosts = new Map(
    plan.hosts.map((host) => [
      host.name,
      new KvmHost(scope.named(host.name), { host, owner: plan.owner, after: [mode] }, { parent }),
    ]),
  );
  const mirrors = declareMirrors(plan, keys, notify, hosts, scope);
  const cluster =
    plan.failover.mode === "automatic"
      ? new Cluster(
          scope.named("cluster"),
          {
            plan: plan.failover,
            keys,
            hosts,
            mirrors,
            hostScripts: scriptsOf("host"),
            again: installedAgain(plan),
            named: scope.named,
          },
          { parent },
        )
      : undefined;
  const volumes = declareVolumes(plan, keys, mirrors, cluster?.members ?? [], scope);
  const { groups, clients } = declareService(plan, keys, { hosts, mirrors, cluster, volumes }, scope);
  const machines = [...mirrors.values()];
  const everything = [
    ...hosts.values(),
    ...machines,
    ...(cluster ? [cluster] : []),
    ...volumes.values(),
    ...groups,
    ...clients,
  ];
  return achieve(inventory, machines, everything, scope);
}
