import type { ClientPlan } from "./clients/clients.ts";
import type { HostPlan } from "./machines/hosts.ts";
import type { MirrorPlan } from "./machines/mirrors.ts";
import type { MonitoringPlan } from "./monitoring/monitoring.ts";
import type { FailoverPlan } from "./placement/failover.ts";
import type { GroupPlan } from "./placement/groups.ts";
import type { VolumePlan } from "./replication/volumes.ts";

/**
 * Everything that is decided before anything is touched: plain data, derived from the configuration alone. What each
 * part holds, its room says. Sizes are bytes unless the name says otherwise; addresses are IPv4 in dotted form.
 */
export interface Plan {
  /** Pulumi stack. */
  readonly stack: string;
  /** `<project>/<stack>`, written into everything that the libvirt provider makes. */
  readonly owner: string;
  readonly sshUser: string;
  readonly authorizedKeys: readonly string[];
  /** Networks in CIDR form from which ssh gets in to the mirrors; undefined: they have no firewall. */
  readonly sshFrom?: readonly string[];
  /** When mirrors compare their copies, a calendar event of systemd; undefined: never. */
  readonly verify?: string;
  /** Proxy for the guests' package manager. */
  readonly aptProxy?: string;
  /** Seconds that `up` waits for a new machine to be ready. */
  readonly bootDeadline: number;
  /** Another number than before has files that somebody may have changed on a mirror installed anew. */
  readonly installAgain: number;
  /** Data disks are protected and retained. */
  readonly protectData: boolean;
  readonly hosts: readonly HostPlan[];
  readonly failover: FailoverPlan;
  readonly monitoring: MonitoringPlan;
  readonly mirrors: readonly MirrorPlan[];
  readonly groups: readonly GroupPlan[];
  readonly volumes: readonly VolumePlan[];
  readonly clients: readonly ClientPlan[];
}
