import type { AutomaticPlan, FencePlan } from "../../plan/placement/failover.ts";
import { fenceKeyPath, fenceKnownHostsPath } from "./cibFencing.ts";
import { renderCorosync } from "./corosync.ts";
import { word } from "../quoting.ts";

/** What a mirror must know beside the plan to be a member of the cluster. */
export interface ClusterSecrets {
  readonly corosyncKey: string;
  /** Private key with which this mirror turns off its peer, in OpenSSH's form. */
  readonly fenceKey: string;
  /** Public host key of the peer's KVM host, `type base64`. */
  readonly hostKey: string;
}

/**
 * All files of one mirror's membership as the document that cluster-configure.sh
 * reads: `==> PATH MODE` starts a file, its content follows.
 */
export function renderClusterDocument(
  plan: AutomaticPlan,
  fence: FencePlan,
  { corosyncKey, fenceKey, hostKey }: ClusterSecrets,
): string {
  const file = (path: string, mode: string, content: string): string => `==> ${path} ${mode}\n${content}`;
  if (!/^[a-z0-9-]+ [A-Za-z0-9+/]+=*$/.test(hostKey))
    throw new Error(`the host key of ${fence.host} is not of the form "type base64": ${JSON.stringify(hostKey)}`);
  return [
    file("/etc/corosync/corosync.conf", "0644", renderCorosync(plan)),
    file("/etc/corosync/authkey", "0400", `${corosyncKey}\n`),
    file(fenceKeyPath(fence.mirror), "0600", fenceKey),
    file(fenceKnownHostsPath, "0644", `${word(fence.host, "host")} ${hostKey}\n`),
    file(
      "/etc/kvm-mirror/cluster",
      "0644",
      `CLUSTER=${word(plan.cluster, "cluster")}\nPEER=${word(fence.mirror, "mirror")}\n`,
    ),
  ].join("");
}
