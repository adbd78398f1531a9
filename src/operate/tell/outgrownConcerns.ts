import { titleOf } from "../../config/exports/protocols.ts";
import type { Inventory } from "../../inventory/inventory.ts";
import { findPeer } from "../../plan/placement/pair.ts";
import type { MirrorState } from "../observe/states.ts";

type Outgrown = NonNullable<MirrorState["outgrown"]>[number];

/** Volumes that have grown while somebody had them open, and what brings the new size to each without a break. */
export function outgrownConcerns(inventory: Inventory, { mirror, outgrown = [] }: MirrorState): string[] {
  const other = findPeer(inventory.mirrors, mirror)?.name ?? "the other mirror";
  return outgrown.map((one) => concern(inventory, mirror, other, one));
}

function concern(
  { volumes }: Inventory,
  mirror: string,
  other: string,
  { volume, protocol, address }: Outgrown,
): string {
  const group = volumes.find(({ name }) => name === volume)?.group ?? "<group>";
  if (address === null)
    return (
      `volume ${volume} has grown, and its target on ${mirror} still offers the old size to clients that log in. No ` +
      `client has it open, so have it made again: sudo /usr/local/lib/kvm-mirror/iscsi-serve.sh ${group} on ${mirror}`
    );
  return (
    `volume ${volume} has grown since the client at ${address} connected by ${titleOf(protocol)}: ` +
    `it still sees the old size. kvm-mirror switch ${volume} --to ${other} has its KVM host connect anew, ` +
    'without an error for the client; then virsh blockresize there (docs/clients.md, "A volume that has grown")'
  );
}
