import { dataDisksOf } from "../../plan/backing/backing.ts";
import type { HostPlan } from "../../plan/machines/hosts.ts";
import type { MachinePlan } from "../../plan/machines/machine.ts";
import type { Plan } from "../../plan/plan.ts";
import { domainsOn } from "./domainsOn.ts";

/** What a KVM host is asked about a plan: arguments of scripts/host/site-facts.sh. */
export function siteQuestions(plan: Plan, host: HostPlan): readonly string[] {
  return [
    ...bridgesOf(host).flatMap((bridge) => ["--bridge", bridge]),
    "--pool",
    host.pool,
    ...volumesOn(plan, host.name).flatMap(({ volumeName }) => ["--volume", volumeName]),
    ...domainsOn(plan, host.name).flatMap((name) => ["--domain", name]),
    ...host.images.flatMap(({ volumeName, source, checksum }) => ["--image", volumeName, source, checksum]),
    ...(hasOwnAddress(host) ? ["--has", host.storageAddress, ...paths(plan, host)] : []),
    ...addressesOf(plan).flatMap(({ address }) => ["--free", address]),
    ...servers(plan, host.name),
  ];
}

/** Bridges that have to be there; a network of another form is made by libvirt. */
export function bridgesOf({ networks }: HostPlan): readonly string[] {
  return [...new Set(networks.flatMap(({ form }) => (form.kind === "bridge" ? [form.bridge] : [])))];
}

/** Whether the host's storage address has to be there before `up`: not where libvirt makes the network. */
export const hasOwnAddress = ({ networks }: HostPlan): boolean =>
  networks.some(({ role, form }) => role === "storage" && form.kind === "bridge");

/** Every machine that the stack makes on a host. */
export function machinesOn({ mirrors, clients }: Plan, host: string): readonly MachinePlan[] {
  return [...mirrors, ...clients.flatMap(({ machines }) => machines ?? [])].filter((one) => one.host === host);
}

/** A volume in the pool of a host, and how much room it takes there in the end. */
interface WantedVolume {
  readonly volumeName: string;
  readonly bytes: number;
}

/** Disks of the stack's machines on a host. What is 2 MiB (seeds) is not counted; the images' sizes are not known. */
export function volumesOn(plan: Plan, host: string): readonly WantedVolume[] {
  const mirrors = plan.mirrors.filter((mirror) => mirror.host === host);
  return [
    ...machinesOn(plan, host).map(({ osDisk }) => osDisk),
    ...mirrors.flatMap((mirror) => [...dataDisksOf(mirror), mirror.marksDisk]),
  ].map(({ volumeName, bytes }) => ({ volumeName, bytes }));
}

/** An address that the stack gives to a machine or a group, and the steps to its key in the stack file. */
export interface WantedAddress {
  readonly address: string;
  readonly key: readonly string[];
  /** Machines that have it once they are made. */
  readonly machines: readonly string[];
}

/** Every address that `up` gives away. */
export function addressesOf({ mirrors, groups, clients }: Plan): readonly WantedAddress[] {
  return [
    ...mirrors.flatMap(({ name, nics }) =>
      nics.map(({ role, address }) => ({ address, key: ["mirrors", name, role], machines: [name] })),
    ),
    ...groups.flatMap(({ name, exports }) =>
      exports === undefined
        ? []
        : [{ address: exports.vip, key: ["groups", name, "vip"], machines: mirrors.map((mirror) => mirror.name) }],
    ),
    ...clients.flatMap(({ name, machines = [] }) =>
      machines
        .slice(0, 1)
        .flatMap(({ nics }) =>
          nics.map(({ role, address }) => ({ address, key: ["clients", name, "machine", role], machines: [name] })),
        ),
    ),
  ];
}

/** From this host's storage address to the other hosts'. */
function paths(plan: Plan, { name, storageAddress, networks }: HostPlan): readonly string[] {
  const mtu = networks.find(({ role }) => role === "storage")?.mtu ?? 0;
  return plan.hosts
    .filter((other) => other.name !== name)
    .flatMap((other) => ["--path", storageAddress, other.storageAddress, String(mtu)]);
}

/**
 * Servers that mirrors on this host will need under automatic failover. The host asks for them where there is no
 * mirror yet that could.
 */
function servers({ failover, mirrors }: Plan, host: string): readonly string[] {
  if (failover.mode === "manual") return [];
  const here = mirrors.filter((mirror) => mirror.host === host).map(({ name }) => name);
  if (here.length === 0) return [];
  const fences = failover.fences.filter(({ by }) => here.includes(by));
  return [...fences, ...(failover.qdevice ? [failover.qdevice] : [])].flatMap(({ address, port }) => [
    "--tcp",
    address,
    String(port),
  ]);
}
