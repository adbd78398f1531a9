import { fileURLToPath } from "node:url";
import type { ClientPlan } from "../../plan/clients/clients.ts";
import type { GroupPlan } from "../../plan/placement/groups.ts";
import type { Plan } from "../../plan/plan.ts";
import type { Keys } from "../../plan/secrets.ts";
import { clientSeed } from "../../render/machines/cloudInit.ts";
import { renderGroupDocument } from "../../render/placement/groupDocument.ts";
import { ClientVm } from "../clients/ClientVm.ts";
import { fileFingerprint } from "../fingerprint.ts";
import { installedAgain } from "../installAgain.ts";
import { hostKeyChange } from "../machines/HostKey.ts";
import type { KvmHost } from "../machines/KvmHost.ts";
import type { MirrorVm } from "../machines/MirrorVm.ts";
import { need } from "../need.ts";
import type { Cluster } from "../placement/Cluster.ts";
import { placed } from "../placement/placed.ts";
import type { ReplicatedVolume } from "../replication/ReplicatedVolume.ts";
import type { Scope } from "../scope.ts";
import { ExportGroup } from "./ExportGroup.ts";

/** What a service is made of. `cluster`: with automatic failover. */
interface Made {
  readonly hosts: ReadonlyMap<string, KvmHost>;
  readonly mirrors: ReadonlyMap<string, MirrorVm>;
  readonly cluster: Cluster | undefined;
  readonly volumes: ReadonlyMap<string, ReplicatedVolume>;
}

/**
 * Groups with their exports, and the clients that have their disks there: a client's host is made ready before the
 * exports that admit it, and its disks are attached after them.
 */
export function declareService(
  plan: Plan,
  keys: Keys,
  { hosts, mirrors, cluster, volumes }: Made,
  scope: Scope,
): { readonly groups: readonly ExportGroup[]; readonly clients: readonly ClientVm[] } {
  const { parent } = scope;
  const joined = cluster?.members ?? [];
  const clients = plan.clients.map((client) => ({
    client,
    vm: new ClientVm(
      scope.named(client.name),
      {
        client,
        hosts,
        seed: client.machines ? clientSeed(plan, client, keys) : undefined,
        hostKeyChange: client.machines ? hostKeyChange(keys, client.name, plan.bootDeadline) : undefined,
        owner: plan.owner,
        hook: fileFingerprint(fileURLToPath(new URL("../../../scripts/host/permit-hook.sh", import.meta.url))),
      },
      { parent },
    ),
  }));
  const groups = new Map(
    plan.groups.map((group) => {
      const members = plan.volumes.filter((volume) => volume.group === group.name);
      const declared = new ExportGroup(
        scope.named(group.name),
        {
          group,
          ...placed(plan, mirrors, group),
          volumes: members.map((volume) => need(volumes, volume.name)),
          document: renderGroupDocument(group, members),
          hosts: plan.hosts,
          again: installedAgain(plan),
          others: plan.groups.map(({ name }) => name).filter((name) => name !== group.name),
          after: [...clients.filter(({ client }) => uses(client, group)).flatMap(({ vm }) => vm.standby), ...joined],
          startedBy: plan.failover.mode === "manual" ? "up" : "cluster",
        },
        { parent },
      );
      return [group.name, declared] as const;
    }),
  );
  const exported = cluster
    ? cluster.manage([...groups.values()].flatMap((group) => group.configured))
    : new Map([...groups].map(([name, group]) => [name, group.ready]));
  const running = clients.map(({ client, vm }) => ({
    client,
    runs: vm.attach(plan.groups.filter((group) => uses(client, group)).map((group) => need(exported, group.name))),
  }));
  const deadline = plan.failover.mode === "automatic" ? plan.failover.operationTimeout : undefined;
  for (const group of plan.groups) {
    const served = [
      need(exported, group.name),
      ...running.filter(({ client }) => uses(client, group)).flatMap(({ runs }) => runs),
    ];
    need(groups, group.name).follow(served, deadline);
  }
  return { groups: [...groups.values()], clients: clients.map(({ vm }) => vm) };
}

function uses(client: ClientPlan, group: GroupPlan): boolean {
  return client.disks.some((disk) => group.volumes.includes(disk.volume));
}
