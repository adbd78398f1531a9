import { libvirtHost, libvirtLogin } from "../../../config/libvirtUri.ts";
import type { HostPlan } from "../../../plan/machines/hosts.ts";
import type { Plan } from "../../../plan/plan.ts";
import type { Observation } from "../../observe/observe.ts";
import type { HostSight, SiteSight } from "../../observe/site.ts";
import { type Row, type RowOf, rowsOf } from "../../observe/siteRows.ts";

/** All that the site is judged by. */
export interface Site {
  readonly plan: Plan;
  readonly sight: SiteSight;
  /** What mirrors say of themselves; empty before the first `up`. */
  readonly mirrors: Observation["mirrors"];
}

/** Something about the site that is not as the stack needs it. */
export interface SiteProblem {
  /** What is, beginning with where. */
  readonly what: string;
  /** What it means for the stack: a sentence. */
  readonly means: string;
  /** The one command that mends it, or that shows what to mend. Words in <> are the operator's to put in. */
  readonly command: string;
}

/** A KVM host that has answered. */
export interface Answered extends HostSight {
  readonly host: HostPlan;
}

export function answeredHosts({ plan, sight }: Site): readonly Answered[] {
  return plan.hosts.flatMap((host) => {
    const seen = sight.hosts.get(host.name);
    return seen && "state" in seen ? [{ host, ...seen.state }] : [];
  });
}

/** The rows of one probe on every host that has answered, each with its host. */
export function everyRow<Name extends Row["probe"]>(
  site: Site,
  probe: Name,
): readonly { readonly host: HostPlan; readonly row: RowOf<Name> }[] {
  return answeredHosts(site).flatMap(({ host, rows }) => rowsOf(rows, probe).map((row) => ({ host, row })));
}

/** `[-p port] user@host` of a KVM host; undefined: this machine is the host. */
export function loginOf({ uri }: Pick<HostPlan, "uri">): string | undefined {
  const host = libvirtHost(uri);
  if (host === "localhost") return undefined;
  const { user, port } = libvirtLogin(uri);
  return `${port === 22 ? "" : `-p ${port} `}${user}@${host}`;
}

/** A command as an operator types it for a KVM host. @param commands run one after the other; without quotes */
export function onHost(host: Pick<HostPlan, "uri">, ...commands: readonly string[]): string {
  const joined = commands.join(" && ");
  const plain = !/[&|;<>]/.test(joined);
  const login = loginOf(host);
  if (login === undefined) return joined;
  const root = libvirtLogin(host.uri).user === "root";
  if (plain) return `ssh ${login} ${root ? "" : "sudo "}${joined}`;
  return root ? `ssh ${login} '${joined}'` : `ssh ${login} 'sudo sh -c "${joined}"'`;
}

/** The command that changes a key of the stack file. */
export const setKey = ({ stack }: Plan, key: string, value: string | number): string =>
  `pulumi config set --stack ${stack} --path '${key}' ${value}`;

/** Whether a machine of the stack exists on a host: a domain of its name, with the stack's mark. */
export function isMade({ plan, sight }: Site, machine: string, host: string): boolean | undefined {
  const seen = sight.hosts.get(host);
  if (!seen || !("state" in seen)) return undefined;
  return rowsOf(seen.state.rows, "domain").some(({ name, owner }) => name === machine && owner === plan.owner);
}
