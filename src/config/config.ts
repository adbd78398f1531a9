import type { Client } from "./clients/clients.ts";
import type { Draft } from "./draft.ts";
import type { Failover } from "./placement/failover.ts";
import type { Group } from "./placement/groups.ts";
import type { Host } from "./machines/hosts.ts";
import type { Image } from "./machines/image.ts";
import type { Machine } from "./machines/machine.ts";
import type { Mirror } from "./machines/mirrors.ts";
import type { Network } from "./machines/networks.ts";
import type { Packages } from "./machines/packages.ts";
import type { Problem } from "./problem.ts";
import type { Ssh } from "./machines/ssh.ts";
import type { Volume } from "./replication/volumes.ts";

type Named<Value> = Readonly<Record<string, Value>>;

export interface Networks {
  readonly replication: Network;
  readonly storage: Network;
  readonly management: Network;
}

/** A stack's whole configuration: checked, with defaults. Sizes in bytes, times in seconds. */
export interface Config {
  /** The stack's one secret. */
  readonly secret: string;
  /** A new number gives new keys of all kinds. */
  readonly keyGeneration: number;
  readonly hosts: Named<Host>;
  readonly networks: Networks;
  readonly image: Image;
  readonly ssh: Ssh;
  readonly packages: Packages;
  readonly machine: Machine;
  readonly failover: Failover;
  readonly mirrors: Named<Mirror>;
  readonly groups: Named<Group>;
  readonly volumes: Named<Volume>;
  readonly clients: Named<Client>;
  readonly allowSameHost: boolean;
  readonly protectData: boolean;
  readonly bootDeadline: number;
}

/** What could be read of a configuration; the rules look at it even when something else is wrong. */
export interface ConfigDraft {
  readonly hosts: Named<Draft<Host>>;
  readonly networks: Partial<Named<Draft<Network>>>;
  readonly ssh: Draft<Ssh>;
  readonly machine: Draft<Machine>;
  readonly failover: Draft<Failover>;
  readonly mirrors: Named<Draft<Mirror>>;
  readonly groups: Named<Draft<Group>>;
  readonly volumes: Named<Draft<Volume>>;
  readonly clients: Named<Draft<Client>>;
  readonly allowSameHost?: boolean | undefined;
}

/** A rule between keys: the mistakes that it sees. It says nothing about what could not be read. */
export type Rule = (draft: ConfigDraft) => Iterable<Problem>;
