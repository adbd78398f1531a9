import type * as pulumi from "@pulumi/pulumi";
import { sha256 } from "../fingerprint.ts";
import type { MirrorVm } from "./MirrorVm.ts";

/**
 * Both mirrors prove that the replication path carries full packets, before DRBD uses it: it would connect over one
 * that does not, and hang. Again whenever DRBD's configuration, an MTU or a mirror changes.
 * @param configuration everything that DRBD is told; a fingerprint of it is kept
 */
export function probePaths(mirrors: readonly MirrorVm[], configuration: readonly string[]): pulumi.Resource[] {
  return mirrors.flatMap((mirror) =>
    mirrors
      .filter((peer) => peer !== mirror)
      .map((peer) =>
        mirror.run(
          `${mirror.pulumiName}-path`,
          {
            script: "probe-path.sh",
            args: [peer.plan.name, mirror.plan.replicationAddress, peer.plan.replicationAddress],
            rerunOn: {
              ...peer.identities(),
              MTU: [mirror, peer].map(mtuOf).join(" "),
              DRBD_SHA256: sha256(configuration.join("\n")),
            },
          },
          { after: [mirror.ready, peer.ready] },
        ),
      ),
  );
}

function mtuOf({ plan }: MirrorVm): string {
  return String(plan.nics.find(({ role }) => role === "replication")?.mtu ?? "-");
}
