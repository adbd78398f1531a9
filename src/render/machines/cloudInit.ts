import type { ClientPlan } from "../../plan/clients/clients.ts";
import type { MachinePlan } from "../../plan/machines/machine.ts";
import type { MirrorPlan } from "../../plan/machines/mirrors.ts";
import type { Plan } from "../../plan/plan.ts";
import type { Keys } from "../../plan/secrets.ts";
import { renderHostKeys, renderHostsFile, renderIdentity } from "./cloudConfig.ts";
import { renderNetworkConfig } from "./networkConfig.ts";
import { renderSshd, sshdPath } from "./sshd.ts";
import { readMirrorParts, type SeedPart } from "./staticParts.ts";
import { yamlOfCloudInit } from "../yaml.ts";

export type { SeedPart } from "./staticParts.ts";

/** What a machine gets on its first boot (cloud-init, NoCloud). */
export interface Seed {
  readonly parts: readonly SeedPart[];
  readonly metaData: string;
  readonly networkConfig: string;
}

/**
 * A mirror: knows its peer by name in the replication network, where DRBD's traffic goes. sshd has its settings from
 * the first boot on; the firewall comes with `up`, which sees what it would shut out.
 */
export function mirrorSeed(
  plan: Plan,
  mirror: MirrorPlan,
  keys: Keys,
  staticParts: readonly SeedPart[] = readMirrorParts(
    plan.failover.mode,
    mirror.sharedDisks.map(({ kind }) => kind),
  ),
): Seed {
  const peers = plan.mirrors.map(({ replicationAddress, name }) => [replicationAddress, name] as const);
  return seed(
    plan,
    mirror,
    [hostsFile(peers), { path: sshdPath, content: renderSshd(plan.sshUser) }],
    keys,
    staticParts,
  );
}

/** A client of ours: the same on every host that has it defined. */
export function clientSeed(plan: Plan, client: ClientPlan, keys: Keys): Seed {
  const machine = client.machines?.[0];
  if (!machine) throw new Error(`client ${client.name} is not a machine of ours`);
  const management = machine.nics.filter((nic) => nic.role === "management");
  const self = management.map((nic) => [nic.address, machine.name] as const);
  return seed(plan, machine, [hostsFile(self)], keys, []);
}

type SeedFile = Parameters<typeof renderIdentity>[2][number];

function hostsFile(hosts: readonly (readonly [string, string])[]): SeedFile {
  return { path: "/etc/hosts", content: renderHostsFile(hosts) };
}

function seed(
  plan: Plan,
  machine: MachinePlan,
  files: readonly SeedFile[],
  keys: Keys,
  staticParts: readonly SeedPart[],
): Seed {
  const contentType = "text/cloud-config";
  return {
    parts: [
      { filename: "identity.yaml", contentType, content: renderIdentity(plan, machine, files) },
      {
        filename: "host-keys.yaml",
        contentType,
        content: renderHostKeys(keys.sshHostKey(machine.name), machine.name),
        secret: true,
      },
      ...staticParts,
    ],
    // The machine stays the same instance as long as it is this machine: cloud-init must not run its first boot twice.
    metaData: yamlOfCloudInit({ "instance-id": machine.uuid, "local-hostname": machine.name }),
    networkConfig: renderNetworkConfig(machine.nics),
  };
}
