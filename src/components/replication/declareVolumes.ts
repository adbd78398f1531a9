import type * as pulumi from "@pulumi/pulumi";
import { peerOf } from "../../plan/placement/pair.ts";
import type { Plan } from "../../plan/plan.ts";
import type { VolumePlan } from "../../plan/replication/volumes.ts";
import type { Keys } from "../../plan/secrets.ts";
import { renderDrbdGlobal } from "../../render/replication/drbdGlobal.ts";
import { renderDrbdResource } from "../../render/replication/drbdResource.ts";
import { installedAgain } from "../installAgain.ts";
import type { MirrorVm } from "../machines/MirrorVm.ts";
import { probePaths } from "../machines/probePaths.ts";
import { need } from "../need.ts";
import { placed } from "../placement/placed.ts";
import type { Scope } from "../scope.ts";
import { ReplicatedVolume } from "./ReplicatedVolume.ts";

/** `members`: with automatic failover, both mirrors know that Pacemaker brings up and promotes their volumes. */
export function declareVolumes(
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
  const groups = new Map(plan.groups.map((group) => [group.name, group]));
  return new Map(
    plan.volumes.map((volume) => {
      const group = need(groups, volume.group);
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
