/** What a host says about a domain. */
import type { Host } from "../host/host.ts";
import { infoField } from "../infoField.ts";
import type { Owner } from "../owner.ts";
import { parseXml } from "../xml/dom.ts";
import type { Element } from "../xml/dom.ts";
import { readOwner } from "../xml/ownerElement.ts";
import { viewDomain } from "./domainView.ts";
import type { DomainView } from "./domainView.ts";

export interface FoundDomain {
  /** The persistent definition, which the next start takes. */
  readonly xml: string;
  readonly root: Element;
  readonly view: DomainView;
  /** What runs now; undefined when it is off. */
  readonly live: DomainView | undefined;
  readonly owner: Owner | undefined;
  /** libvirt's words: `running`, `paused`, `shut off`, … */
  readonly state: string;
  /** Why it is in that state, for example `I/O error`. */
  readonly reason: string;
  readonly autostart: boolean;
  /** Not so: it was undefined while running, and is gone with its end. */
  readonly persistent: boolean;
}

export async function inspectDomain(host: Host, name: string, signal: AbortSignal): Promise<FoundDomain | undefined> {
  const output = await host.run({ script: "read-domain", args: [name], signal });
  if (output === "") return undefined;
  const [info = "", state = "", xml = "", live = ""] = output.split("\0");
  const what = `domain ${name} on ${host.name}`;
  const root = parseXml(xml, what);
  const [, word = "", reason = ""] = /^(.*?)(?: \((.*)\))?\s*$/.exec(state) ?? [];
  return {
    xml,
    root,
    view: viewDomain(root),
    live: live.trim() === "" ? undefined : viewDomain(parseXml(live, what)),
    owner: readOwner(root),
    state: word,
    reason,
    autostart: infoField(info, "Autostart") === "enable",
    persistent: infoField(info, "Persistent") === "yes",
  };
}

/** Whether it runs, or waits (paused), or has crashed and keeps its memory: there is a QEMU process, or may be one. */
export function isOn({ state }: Pick<FoundDomain, "state">): boolean {
  return state !== "shut off";
}

/**
 * Whether a running domain is not what its definition says, so that the definition takes effect at the next start only.
 */
export function needsRestart({ view, live }: Pick<FoundDomain, "view" | "live">): boolean {
  return live !== undefined && restartWords(view, live).length > 0;
}

/** What differs between a definition and what runs, for example `memory 128 → 256 MiB`. */
export function restartWords(view: DomainView, live: DomainView): readonly string[] {
  const change = (what: string, now: unknown, then: unknown, unit = "") =>
    now === then ? [] : [`${what} ${String(now)} → ${String(then)}${unit}`];
  const sets = (what: string, now: readonly object[], then: readonly object[]) =>
    sorted(now) === sorted(then) ? [] : [what];
  return [
    ...change("memory", live.memory, view.memory, " MiB"),
    ...change("vcpu", live.vcpu, view.vcpu),
    ...change("type", live.virtType, view.virtType),
    ...sets("disks", live.disks, view.disks),
    ...sets("interfaces", live.interfaces, view.interfaces),
  ];
}

function sorted(items: readonly object[]): string {
  return JSON.stringify(items.map((item) => JSON.stringify(item)).sort());
}
