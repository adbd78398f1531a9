import type { Backing } from "../../config/backing/backing.ts";
import type { Client } from "../../config/clients/clients.ts";
import type { Host } from "../../config/machines/hosts.ts";
import type { Machine } from "../../config/machines/machine.ts";
import type { Mirror } from "../../config/machines/mirrors.ts";
import type { Network } from "../../config/machines/networks.ts";
import type { Ssh } from "../../config/machines/ssh.ts";
import type { Monitoring } from "../../config/monitoring/monitoring.ts";
import type { Failover } from "../../config/placement/failover.ts";
import type { Group } from "../../config/placement/groups.ts";
import type { Problem } from "../../config/problem.ts";
import type { Volume } from "../../config/replication/volumes.ts";
import type { Draft } from "../draft.ts";

type Named<Value> = Readonly<Record<string, Value>>;

/** What could be read of a configuration; the rules look at it even when something else is wrong. */
export interface ConfigDraft {
  readonly hosts: Named<Draft<Host>>;
  readonly networks: Partial<Named<Draft<Network>>>;
  readonly ssh: Draft<Ssh>;
  readonly machine: Draft<Machine>;
  readonly failover: Draft<Failover>;
  readonly monitoring: Draft<Monitoring>;
  readonly backing: Draft<Backing>;
  readonly mirrors: Named<Draft<Mirror>>;
  readonly groups: Named<Draft<Group>>;
  readonly volumes: Named<Draft<Volume>>;
  readonly clients: Named<Draft<Client>>;
  readonly allowSameHost?: boolean | undefined;
  /** Groups whose VIP is none of their own, but one of networks.storage.vips (src/check/vips.ts). */
  readonly vipsOfRange?: readonly string[];
  /** Groups whose preferred mirror is that of the client that they follow (src/check/follows.ts). */
  readonly followers?: readonly string[];
}

/** A rule between keys: the mistakes that it sees. It says nothing about what could not be read. */
export type Rule = (draft: ConfigDraft) => Iterable<Problem>;
