import type { Image } from "../../config/machines/image.ts";
import type { NetworkRole } from "../../config/machines/networks.ts";
import type { Context } from "../context.ts";
import { machineUuid, macAddress } from "../identity.ts";
import { type ImagePlan, planImage } from "./image.ts";
import { guestRoutes } from "./networks.ts";

export interface NicPlan {
  readonly role: NetworkRole;
  /** Name of the libvirt network. */
  readonly network: string;
  /** Name inside the guest, for example `storage0`. */
  readonly interface: string;
  readonly mac: string;
  readonly address: string;
  readonly prefix: number;
  readonly mtu?: number;
  readonly gateway?: string;
  readonly dns: readonly string[];
}

/** A virtual machine that this program makes. */
export interface MachinePlan {
  /** Name of the domain and of the guest. */
  readonly name: string;
  readonly host: string;
  readonly uuid: string;
  readonly vcpus: number;
  readonly memoryMiB: number;
  readonly image: ImagePlan;
  readonly osDisk: { readonly volumeName: string; readonly bytes: number };
  readonly seedName: string;
  readonly nics: readonly NicPlan[];
  /** `user@address` in the management network. */
  readonly sshTarget: string;
  /** Public SSH host key, `ssh-ed25519 AAAA…`, pinned by every connection. */
  readonly hostKey: string;
}

/** What differs between machines. Memory and disk in bytes. */
export interface MachineWish {
  readonly name: string;
  readonly host: string;
  readonly vcpus: number;
  readonly memory: number;
  readonly osDisk: number;
  readonly image: Image;
  /** Its address in each of its networks, in the order of the interfaces. */
  readonly addresses: readonly (readonly [NetworkRole, string])[];
  readonly management: string;
}

export function planMachine(context: Context, wish: MachineWish): MachinePlan {
  const { config, stack, owner, keys } = context;
  return {
    name: wish.name,
    host: wish.host,
    uuid: machineUuid(owner, wish.name),
    vcpus: wish.vcpus,
    memoryMiB: wish.memory / 1024 ** 2,
    image: planImage(stack, wish.image),
    osDisk: { volumeName: `${stack}.${wish.name}.os.qcow2`, bytes: wish.osDisk },
    seedName: `${stack}.${wish.name}.seed.iso`,
    nics: wish.addresses.map(([role, address]) => planNic(context, wish.name, role, address)),
    sshTarget: `${config.ssh.user}@${wish.management}`,
    hostKey: keys.sshHostKey(wish.name).publicKey,
  };
}

function planNic({ config, stack, owner }: Context, machine: string, role: NetworkRole, address: string): NicPlan {
  const network = config.networks[role];
  return {
    role,
    network: `${stack}-${role}`,
    interface: `${role}0`,
    mac: macAddress(owner, machine, role),
    address,
    prefix: network.cidr.prefix,
    ...(network.mtu === undefined ? {} : { mtu: network.mtu }),
    // Only the management network leads anywhere: replication and storage are not routed.
    ...(role === "management" ? guestRoutes(network) : { dns: [] }),
  };
}
