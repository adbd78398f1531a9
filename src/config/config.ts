import type { Backing } from "./backing/backing.ts";
import type { Client } from "./clients/clients.ts";
import type { Failover } from "./placement/failover.ts";
import type { Group } from "./placement/groups.ts";
import type { Host } from "./machines/hosts.ts";
import type { Image } from "./machines/image.ts";
import type { Machine } from "./machines/machine.ts";
import type { Mirror } from "./machines/mirrors.ts";
import type { Monitoring } from "./monitoring/monitoring.ts";
import type { Networks } from "./machines/networks.ts";
import type { Packages } from "./machines/packages.ts";
import type { Ssh } from "./machines/ssh.ts";
import type { Schedule } from "./schedule.ts";
import type { Volume } from "./replication/volumes.ts";

type Named<Value> = Readonly<Record<string, Value>>;

/** A stack's whole configuration: checked, with defaults. Sizes in bytes, times in seconds. */
export interface Config {
  /** The stack's one secret. */
  readonly secret: string;
  /** A new number gives new keys of all kinds. */
  readonly keyGeneration: number;
  readonly installAgain: number;
  readonly hosts: Named<Host>;
  readonly networks: Networks;
  readonly image: Image;
  readonly ssh: Ssh;
  readonly packages: Packages;
  readonly machine: Machine;
  readonly failover: Failover;
  readonly monitoring: Monitoring;
  readonly backing: Backing;
  readonly mirrors: Named<Mirror>;
  readonly groups: Named<Group>;
  readonly volumes: Named<Volume>;
  readonly clients: Named<Client>;
  readonly allowSameHost: boolean;
  readonly protectData: boolean;
  /** Mirrors let in what the stack needs, and nothing else. */
  readonly firewall: boolean;
  readonly verify: Schedule;
  readonly bootDeadline: number;
}
