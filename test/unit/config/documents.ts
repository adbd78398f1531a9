import type { Config } from "../../../src/config/config.ts";
import { makePlan } from "../../../src/plan/makePlan.ts";
import type { Plan } from "../../../src/plan/plan.ts";
import { deriveKeys } from "../../../src/plan/secrets.ts";
import { renderCib } from "../../../src/render/cib.ts";
import { clientSeed, mirrorSeed, type Seed } from "../../../src/render/cloudInit.ts";
import { renderClusterDocument } from "../../../src/render/clusterDocument.ts";
import { renderCorosync } from "../../../src/render/corosync.ts";
import { renderDiskOf } from "../../../src/render/exports/clientDisk.ts";
import { renderDrbdGlobal } from "../../../src/render/drbdGlobal.ts";
import { renderDrbdResource } from "../../../src/render/drbdResource.ts";
import { renderGroupDocument } from "../../../src/render/groupDocument.ts";
import { renderMirrorSettings } from "../../../src/render/mirrorSettings.ts";

/** Everything that a configuration is rendered into, by the program that reads it. */
export interface Documents {
  readonly plan: Plan;
  /** drbd.conf. */
  readonly drbd: string;
  /** Documents of cloud-init. */
  readonly yaml: readonly string[];
  /** The cluster's configuration, and corosync.conf; where there is a cluster. */
  readonly cib?: string;
  readonly corosync?: string;
  /** A client's disk as libvirt takes it. */
  readonly disks: readonly string[];
  /** Documents of our own scripts. */
  readonly others: readonly string[];
}

const versions = { libvirt: "9.2.0", qemu: "7.2.0" };
const stack = { project: "kvm-mirror", stack: "fuzzed" };

export function documentsOf(config: Config): Documents {
  const plan = makePlan(config, stack);
  const keys = deriveKeys(config.secret, config.keyGeneration, stack);
  const { failover, mirrors, groups, volumes, clients } = plan;
  const resources = volumes.map((volume) =>
    renderDrbdResource(volume, mirrors, keys.drbdSharedSecret(volume.name), failover),
  );
  const seeds = [
    ...mirrors.map((mirror) => mirrorSeed(plan, mirror, keys)),
    ...clients.filter((client) => client.machines).map((client) => clientSeed(plan, client, keys)),
  ];
  return {
    plan,
    drbd: renderDrbdGlobal() + resources.join(""),
    yaml: seeds.flatMap(yamlOf),
    ...(failover.mode === "automatic" ? { cib: renderCib(failover), corosync: renderCorosync(failover) } : {}),
    disks: clients.flatMap(({ name, hosts, disks }) =>
      hosts.flatMap((host) =>
        disks.map((disk, index) => renderDiskOf(["clients", name, "disks", index], disk, host, versions)),
      ),
    ),
    others: [
      ...groups.map((group) =>
        renderGroupDocument(
          group,
          volumes.filter((volume) => volume.group === group.name),
        ),
      ),
      ...mirrors.map((mirror) => renderMirrorSettings(plan, mirror)),
      ...(failover.mode === "automatic"
        ? failover.fences.map((fence) =>
            renderClusterDocument(failover, fence, {
              corosyncKey: keys.corosyncKey,
              fenceKey: keys.fenceKey(fence.mirror).privateKey,
              hostKey: "ssh-ed25519 AAAA",
            }),
          )
        : []),
    ],
  };
}

function yamlOf({ parts, metaData, networkConfig }: Seed): readonly string[] {
  const configs = parts.filter(({ contentType }) => contentType === "text/cloud-config").map(({ content }) => content);
  return [...configs, metaData, networkConfig];
}
