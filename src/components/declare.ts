import { fileURLToPath } from "node:url";
import type * as pulumi from "@pulumi/pulumi";
import type { Notify } from "../config/monitoring/notify.ts";
import type { Inventory } from "../inventory/inventory.ts";
import type { ClientPlan } from "../plan/clients/clients.ts";
import type { GroupPlan } from "../plan/placement/groups.ts";
import type { Plan } from "../plan/plan.ts";
import type { VolumePlan } from "../plan/replication/volumes.ts";
import { peerOf } from "../plan/placement/pair.ts";
import type { Keys } from "../plan/secrets.ts";
import { clientSeed, mirrorSeed } from "../render/machines/cloudInit.ts";
import { renderMonitoring } from "../render/monitoring/monitoringDocument.ts";
import { renderNotify } from "../render/monitoring/notifyDocument.ts";
import { renderDrbdGlobal } from "../render/replication/drbdGlobal.ts";
import { renderDrbdResource } from "../render/replication/drbdResource.ts";
import { renderGroupDocument } from "../render/placement/groupDocument.ts";
import { achieve } from "./achieve.ts";
import { probePaths } from "./machines/probePaths.ts";
import { renderMirrorSettings } from "../render/machines/mirrorSettings.ts";
import { Cluster } from "./placement/Cluster.ts";
import { ClientVm } from "./clients/ClientVm.ts";
import { ExportGroup } from "./exports/ExportGroup.ts";
import { hostKeyChange } from "./machines/HostKey.ts";
import { KvmHost } from "./machines/KvmHost.ts";
import { MirrorVm } from "./machines/MirrorVm.ts";
import { ReplicatedVolume } from "./replication/ReplicatedVolume.ts";
import { fileFingerprint, fingerprint } from "./fingerprint.ts";
import { installedAgain } from "./installAgain.ts";
import { operatorCommand } from "./operatorCommand.ts";
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
  const mirrors = declareMirrors(plan, keys, hosts, scope);
  declareMonitoring(plan, mirrors);
  declareNotify(renderNotify(plan.stack, notify), mirrors);
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
  const joined = cluster?.members ?? [];
  const volumes = declareVolumes(plan, keys, mirrors, joined, scope);
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
        hook: fileFingerprint(fileURLToPath(new URL("../../scripts/host/permit-hook.sh", import.meta.url))),
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
  const machines = [...mirrors.values()];
  const everything = [
    ...hosts.values(),
    ...machines,
    ...(cluster ? [cluster] : []),
    ...volumes.values(),
    ...groups.values(),
    ...clients.map(({ vm }) => vm),
  ];
  return achieve(inventory, machines, everything, scope);
}

function declareMirrors(
  plan: Plan,
  keys: Keys,
  hosts: ReadonlyMap<string, KvmHost>,
  { parent, named }: Scope,
): ReadonlyMap<string, MirrorVm> {
  const tools = scriptsOf("guest");
  return new Map(
    plan.mirrors.map((mirror) => [
      mirror.name,
      new MirrorVm(
        named(mirror.name),
        {
          host: need(hosts, mirror.host),
          mirror,
          seed: mirrorSeed(plan, mirror, keys),
          protectData: plan.protectData,
          bootDeadline: plan.bootDeadline,
          hostKeyChange: hostKeyChange(keys, mirror.name, plan.bootDeadline),
          tools,
          settings: renderMirrorSettings(plan, mirror),
        },
        { parent },
      ),
    ]),
  );
}

/** `members`: with automatic failover, both mirrors know that Pacemaker brings up and promotes their volumes. */
function declareVolumes(
  plan: Plan,
  keys: Keys,
  mirrors: ReadonlyMap<string, MirrorVm>,
  members: readonly pulumi.Resource[],
  { parent, named }: Scope,
): ReadonlyMap<string, ReplicatedVolume> {
  const resourceFile = (volume: VolumePlan): string =>
    renderDrbdResource(volume, plan.mirrors, keys.drbdSharedSecret(volume.name), plan.failover);
  const paths = probePaths([...mirrors.values()], [renderDrbdGlobal(), ...plan.volumes.map(resourceFile)]);
  const common: pulumi.Resource[] = [...mirrors.values()].flatMap((mirror) => [
    mirror.run(
      `${mirror.pulumiName}-drbd`,
      { script: "drbd-configure.sh", args: ["global_common"], stdin: renderDrbdGlobal() },
      { after: [mirror.ready, ...members, ...paths] },
    ),
    ...(plan.failover.mode === "manual" ? [declarePeer(plan, keys, mirror)] : []),
  ]);
  return new Map(
    plan.volumes.map((volume) => {
      const group = plan.groups.find((candidate) => candidate.name === volume.group);
      if (!group) throw new Error(`volume ${volume.name}: no group ${volume.group} in the plan`);
      const declared = new ReplicatedVolume(
        named(volume.name),
        {
          volume,
          ...placed(plan, mirrors, group),
          resourceFile: resourceFile(volume),
          again: installedAgain(plan),
          protectData: plan.protectData,
          common,
        },
        { parent },
      );
      return [volume.name, declared];
    }),
  );
}

/** What the mirrors show to a site's monitoring, where it is asked for. */
function declareMonitoring(plan: Plan, mirrors: ReadonlyMap<string, MirrorVm>): void {
  for (const mirror of mirrors.values()) {
    const document = renderMonitoring(plan, mirror.plan);
    if (document === undefined) continue;
    const run = { script: "monitoring-configure.sh", stdin: document, remove: { script: "monitoring-remove.sh" } };
    mirror.run(`${mirror.pulumiName}-monitoring`, run, { after: [mirror.ready] });
  }
}

/** Has the mirrors tell people of trouble by themselves, where it is asked for. */
function declareNotify(document: string | undefined, mirrors: ReadonlyMap<string, MirrorVm>): void {
  if (document === undefined) return;
  const run = { script: "notify-configure.sh", secretStdin: document, remove: { script: "notify-remove.sh" } };
  for (const mirror of mirrors.values()) mirror.run(`${mirror.pulumiName}-notify`, run, { after: [mirror.ready] });
}

/** Lets the mirrors outdate one another over the networks that DRBD does not use. */
function declarePeer(plan: Plan, keys: Keys, mirror: MirrorVm): pulumi.Resource {
  const peer = peerOf(plan.mirrors, mirror.plan.name);
  return mirror.run(
    `${mirror.pulumiName}-peer`,
    {
      script: "peer-configure.sh",
      args: [plan.sshUser, peer.name, peer.hostKey, peer.managementAddress, peer.storageAddress],
      secretStdin: keys.peerKey.privateKey,
      rerunOn: { MARKS_DISK: mirror.marksDisk },
    },
    { after: [mirror.ready] },
  );
}

/** The two mirrors of a group, by where the configuration would have it. */
function placed(
  { mirrors }: Plan,
  made: ReadonlyMap<string, MirrorVm>,
  { preferred }: GroupPlan,
): { readonly preferred: MirrorVm; readonly peer: MirrorVm } {
  return { preferred: need(made, preferred), peer: need(made, peerOf(mirrors, preferred).name) };
}

function uses(client: ClientPlan, group: GroupPlan): boolean {
  return client.disks.some((disk) => group.volumes.includes(disk.volume));
}

function need<Value>(map: ReadonlyMap<string, Value>, name: string): Value {
  const value = map.get(name);
  if (value === undefined) throw new Error(`the plan names ${name}, which it does not have`);
  return value;
}

/** Fingerprint of the scripts that run in one kind of place. */
function scriptsOf(place: "guest" | "host"): string {
  return fingerprint(fileURLToPath(new URL(`../../scripts/${place}`, import.meta.url)));
}
