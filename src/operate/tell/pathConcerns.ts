import { smallestMtu } from "../../config/machines/networks.ts";
import type { MirrorState } from "../observe/states.ts";

type Path = NonNullable<MirrorState["paths"]>[number];

/**
 * Paths that carry less than full packets, each with who hangs and the way out. One whose other end answers nothing at
 * all (`carries` is null) is away, which others tell.
 */
export function pathConcerns({ mirror, paths = [] }: MirrorState): string[] {
  return paths.flatMap((path) =>
    path.carries === null || path.carries >= path.bytes ? [] : [concern(mirror, path, path.carries)],
  );
}

function concern(mirror: string, { network, interface: nic, to, address, bytes }: Path, carries: number): string {
  const key = `kvm-mirror:networks.${network}.mtu`;
  const instead = carries < smallestMtu ? "" : `, or set ${key}: ${carries} in the stack file and run pulumi up`;
  return network === "replication"
    ? `${mirror}: the MTU of ${nic} is ${bytes}, and the path to ${to} (${address}) carries no packet of more than ` +
        `${carries} bytes: DRBD connects and then hangs at the first larger packet, and clients with it. A bridge ` +
        "or a network card of a KVM host, or a switch between the two, has the smaller MTU (on each host: ip -br " +
        `link; ip link): give it ${bytes}${instead}`
    : `${mirror}: the client's connection from ${address} to ${nic} uses packets of up to ${bytes} bytes, and the ` +
        `path between them carries none of more than ${carries}: the client hangs at the first larger one. A bridge ` +
        "or a network card of a KVM host, or a switch in between, has the smaller MTU: give it that of " +
        `${nic}${instead}. Then the client connects anew (docs/clients.md, MTU)`;
}
