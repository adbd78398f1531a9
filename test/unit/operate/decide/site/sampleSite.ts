import { parseRows, type Row } from "../../../../../src/operate/observe/siteRows.ts";
import { domainsOn } from "../../../../../src/operate/observe/domainsOn.ts";
import { addressesOf, volumesOn } from "../../../../../src/operate/observe/siteQuestions.ts";
import type { HostSight } from "../../../../../src/operate/observe/site.ts";
import type { Site } from "../../../../../src/operate/decide/site/site.ts";
import type { Seen } from "../../../../../src/operate/observe/observe.ts";
import type { MirrorState } from "../../../../../src/operate/observe/states.ts";
import type { HostPlan } from "../../../../../src/plan/machines/hosts.ts";
import type { Plan } from "../../../../../src/plan/plan.ts";

/** 2026-11-27 12:00 UTC. */
export const now = 1_795_780_800;

/** What a sound host says, in the words of site-facts.sh: before the first `up`, or with all that it makes. */
function soundRows(plan: Plan, host: HostPlan, made: boolean): readonly object[] {
  const row = (probe: string, rest: object) => ({ probe, ...rest });
  const bridge = (name: string, mtu: string) => row("bridge", { name, state: "up", mtu, ports: `eno1.7:${mtu}` });
  const others = plan.hosts.filter(({ name }) => name !== host.name);
  const team = plan.clients.filter(({ machines }) => !machines).map(({ name }) => name);
  return [
    row("host", { time: `${now}.250`, root: "yes" }),
    row("sshd", { maxStartups: "10:30:100" }),
    row("libvirt", { libvirt: "9.0.0", qemu: "7.2.22" }),
    row("hook", { state: "called" }),
    row("kvm", { state: "works", said: "" }),
    bridge("br-replication", "9000"),
    bridge("br-storage", "1500"),
    bridge("br-management", "1500"),
    row("pool", { name: host.pool, state: "running", type: "dir", free: String(2 ** 40), promised: "0" }),
    ...(made ? volumesOn(plan, host.name).map(({ volumeName }) => row("volume", { name: volumeName })) : []),
    ...domainsOn(plan, host.name)
      .filter((name) => made || team.includes(name))
      .map((name) => row("domain", { name, owner: team.includes(name) ? "" : plan.owner })),
    ...(made ? [] : host.images.map(({ source }) => row("image", { source, state: "ok", said: "" }))),
    row("address", { address: host.storageAddress, device: "br-storage" }),
    ...others.map(({ storageAddress }) =>
      row("path", { to: storageAddress, device: "br-storage", bytes: "1500", state: "full" }),
    ),
    ...addressesOf(plan).map(({ address }) =>
      row("free", { address, state: made ? "taken" : "free", mac: made ? "52:54:00:00:00:01" : "" }),
    ),
    row("forward", { calls: "0", policy: "", accepts: "yes", manager: "none" }),
    ...(plan.failover.mode === "automatic"
      ? [...plan.failover.fences, ...(plan.failover.qdevice ? [plan.failover.qdevice] : [])].map(({ address, port }) =>
          row("tcp", { address, port: String(port), state: "open" }),
        )
      : []),
  ];
}

/** A sound site of a plan. */
export function soundSite(plan: Plan, made = false): Site {
  const sight = (host: HostPlan): Seen<HostSight> => ({
    state: {
      rows: parseRows(
        soundRows(plan, host, made)
          .map((row) => JSON.stringify(row))
          .join("\n"),
      ),
      asked: now,
      answered: now + 1,
    },
  });
  const running = plan.failover.mode === "automatic" && made;
  return {
    plan,
    sight: {
      hosts: new Map(plan.hosts.map((host) => [host.name, sight(host)])),
      fences: new Map(
        running
          ? plan.mirrors.map(({ name }) => {
              const mirror = plan.mirrors.find((other) => other.name !== name)?.name ?? "";
              return [name, { state: { mirror, status: "on", said: "" } }] as const;
            })
          : [],
      ),
    },
    mirrors: new Map(made ? plan.mirrors.map(({ name }) => [name, { state: mirror(name, running) }]) : []),
  };
}

function mirror(name: string, clustered: boolean): MirrorState {
  return {
    mirror: name,
    drbdVersion: "8.4.11",
    volumes: [],
    groups: [],
    attached: [],
    cluster: clustered
      ? { answers: true, quorum: true, paused: false, nodes: [], groups: [], fences: [], qdevice: true }
      : null,
  };
}

/** The rows of a host, changed; all other hosts stay as they are. */
export function withRows(site: Site, host: string, change: (rows: readonly Row[]) => readonly Row[]): Site {
  const seen = site.sight.hosts.get(host);
  if (!seen || !("state" in seen)) throw new Error(`no rows of ${host}`);
  const hosts = new Map(site.sight.hosts).set(host, { state: { ...seen.state, rows: change(seen.state.rows) } });
  return { ...site, sight: { ...site.sight, hosts } };
}

/** A host that does not answer, with the reason. */
export function silent(site: Site, host: string, unreachable: string): Site {
  return { ...site, sight: { ...site.sight, hosts: new Map(site.sight.hosts).set(host, { unreachable }) } };
}

/** Every row of a probe, or those of which `key` is `value`, gets other values. @throws when there is none */
export function edit(site: Site, host: string, which: Readonly<Record<string, unknown>>, values: object): Site {
  let found = 0;
  const changed = withRows(site, host, (rows) =>
    rows.map((row) => {
      if (!Object.entries(which).every(([key, value]) => (row as Record<string, unknown>)[key] === value)) return row;
      found++;
      return { ...row, ...values } as Row;
    }),
  );
  if (found === 0) throw new Error(`${host} has no row ${JSON.stringify(which)}`);
  return changed;
}

/** What a mirror says of itself, changed. */
export function withMirror(site: Site, name: string, change: Partial<MirrorState>): Site {
  const seen = site.mirrors.get(name);
  if (!seen || !("state" in seen)) throw new Error(`no state of ${name}`);
  return { ...site, mirrors: new Map(site.mirrors).set(name, { state: { ...seen.state, ...change } }) };
}
