/** Virtual machines. */
import { PartialFailure } from "../../serving/resource.ts";
import type { Call, ResourceKind } from "../../serving/resource.ts";
import type { ProviderConfig } from "../config.ts";
import { CommandFailed } from "../host/errors.ts";
import type { Host } from "../host/host.ts";
import type { Hosts } from "../host/hosts.ts";
import { foreignName } from "../names.ts";
import { ownerOf, refusal, sameOwner } from "../owner.ts";
import type { Owner } from "../owner.ts";
import { directoryPools } from "../pool/pools.ts";
import { renderXml } from "../xml/element.ts";
import { diskElement, interfaceElement } from "./deviceXml.ts";
import { editDomain } from "./domainEdit.ts";
import { domainInputs, domainOutputs } from "./domainInputs.ts";
import type { DomainInputs } from "./domainInputs.ts";
import { domainInputsOf } from "./domainRead.ts";
import { domainRules } from "./domainRules.ts";
import { inspectDomain, isOn, needsRestart, restartWords } from "./domainState.ts";
import type { FoundDomain } from "./domainState.ts";
import { consoleLog, renderDomain } from "./domainXml.ts";
import type { VirtType } from "./domainXml.ts";
import { reportPause, shutDownDomain } from "./power.ts";

export interface DomainState extends DomainInputs {
  /** What `type` came to. */
  readonly virtType: VirtType;
  /** Whether the running domain differs from its definition until it is started anew. */
  readonly restartRequired: boolean;
  /** When this resource last started it (ISO 8601); empty: never. */
  readonly lastStart: string;
}

/** Exit status of the script put-domain: defined, but it does not start. */
const doesNotStart = 5;

export function domain(hosts: Hosts): ResourceKind<ProviderConfig, DomainInputs, DomainState> {
  return {
    token: "libvirt:index:Domain",
    description:
      "A virtual machine, with a serial console (logged on the host), a channel for the QEMU guest agent and a " +
      "random number generator. Changes edit its present definition, so that what others attached stays; it is never " +
      "rebooted without being asked. Deleting shuts it down as its guest would. Import id: its name.",
    inputs: domainInputs,
    outputs: domainOutputs,
    check: domainRules,

    preview(news, olds) {
      const virtType = news.type === "auto" ? undefined : news.type;
      if (!olds) return { virtType, restartRequired: false, ...(news.running === true ? {} : { lastStart: "" }) };
      return {
        ...(news.type === olds.type ? {} : { virtType }),
        ...(news.running === true && olds.running === false ? { lastStart: undefined } : {}),
      };
    },

    async create(config, wanted, call) {
      const host = hosts.of(config);
      const owner = ownerOf(config, call.urn);
      const found = await inspectDomain(host, wanted.name, call.signal);
      if (found) adoptable(host, found, wanted, owner);
      return {
        id: wanted.name,
        state: await converge(host, wanted, { found, before: undefined, owner, then: undefined }, call),
      };
    },

    async read(config, id, call, known) {
      const host = hosts.of(config);
      const found = await inspectDomain(host, foreignName.parse(id), call.signal);
      if (!found?.persistent) return undefined;
      // Another domain of that name is not ours.
      if (known && found.view.uuid !== known.inputs.uuid) return undefined;
      await reportPause(host, id, found, call);
      const pools = await directoryPools(host, call.signal);
      const now = domainInputsOf(
        found.view,
        { autostart: found.autostart, running: isOn(found) },
        pools,
        known?.inputs,
        known?.state.virtType,
      );
      return {
        id,
        inputs: now,
        state: {
          ...now,
          virtType: found.view.virtType as VirtType,
          restartRequired: needsRestart(found),
          lastStart: known?.state.lastStart ?? "",
        },
      };
    },

    async update(config, _id, olds, news, call) {
      const host = hosts.of(config);
      const found = await inspectDomain(host, news.name, call.signal);
      if (found && found.view.uuid !== news.uuid)
        throw new Error(
          `domain ${news.name} on ${host.name} has UUID ${found.view.uuid}, ` +
            `not ${news.uuid}: it is another one, left alone`,
        );
      return converge(
        host,
        news,
        { found, before: olds.inputs, owner: ownerOf(config, call.urn), then: olds.state },
        call,
      );
    },

    async delete(config, id, state, call) {
      const host = hosts.of(config);
      const found = await inspectDomain(host, id, call.signal);
      if (!found) return;
      if (found.view.uuid !== state.uuid) {
        await call.log(
          "warning",
          `domain ${id} on ${host.name} has UUID ${found.view.uuid}, not ${state.uuid}: it is another one, left there`,
        );
        return;
      }
      await shutDownDomain(host, id, state.shutdownTimeout, call, "drop");
      await host.run({ script: "undefine-domain", args: [id, consoleLog(id)], signal: call.signal });
    },
  };
}

interface Present {
  readonly found: FoundDomain | undefined;
  readonly before: DomainInputs | undefined;
  readonly owner: Owner;
  /** Undefined: this is its first time. */
  readonly then: DomainState | undefined;
}

/**
 * Defines or edits, plugs in what is new, starts or shuts down: whatever lies between what is there and what is wanted.
 */
async function converge(host: Host, wanted: DomainInputs, present: Present, call: Call): Promise<DomainState> {
  const { found, before, owner, then } = present;
  const pools = await directoryPools(host, call.signal);
  const virtType = await resolveType(host, wanted, present, call);
  const document = found
    ? (editDomain(found.xml, { wanted, before, virtType, pools, owner }) ?? (found.persistent ? "" : found.xml))
    : renderDomain(wanted, virtType, pools, owner);
  const starts = wanted.running === true && !(found && isOn(found));
  // A state of an earlier version has none.
  const lastStart = starts ? new Date().toISOString() : (then?.lastStart ?? "");
  const state = { ...wanted, virtType, restartRequired: false, lastStart };
  try {
    await host.run({
      script: "put-domain",
      args: [wanted.name, wanted.autostart ? "yes" : "no", wanted.running === true ? "yes" : "no"],
      document,
      signal: call.signal,
    });
  } catch (error) {
    if (!(error instanceof CommandFailed) || error.exitCode !== doesNotStart) throw error;
    throw new PartialFailure(
      `domain ${wanted.name} is defined, but does not start: ${error.message}`,
      wanted.name,
      state,
    );
  }
  if (!found || !isOn(found)) return state;
  if (wanted.running === false) {
    await shutDownDomain(host, wanted.name, wanted.shutdownTimeout, call);
    return state;
  }
  await plugIn(host, wanted, found, call);
  const now = await inspectDomain(host, wanted.name, call.signal);
  if (!now?.live) return state;
  const words = restartWords(now.view, now.live);
  if (words.length > 0)
    await call.log(
      "warning",
      `domain ${wanted.name} on ${host.name} runs on as it is; at its next start: ${words.join(", ")}`,
    );
  return { ...state, restartRequired: words.length > 0 };

  /**
   * Devices that the running domain lacks, where their bus can do that.
   * SATA and IDE cannot: they wait for the next start.
   */
  async function plugIn(
    on: Host,
    { name, disks, interfaces }: DomainInputs,
    { live }: FoundDomain,
    { signal }: Call,
  ): Promise<void> {
    const missing = [
      ...disks
        .filter(({ target }) => target.bus === "virtio" && !live?.disks.some(({ dev }) => dev === target.dev))
        .map((disk) => diskElement(disk, pools)),
      ...interfaces.filter(({ mac }) => !live?.interfaces.some((nic) => nic.mac === mac)).map(interfaceElement),
    ];
    for (const device of missing)
      await on.run({ script: "attach-device", args: [name], document: renderXml(device), signal });
  }
}

function adoptable(host: Host, found: FoundDomain, wanted: DomainInputs, owner: Owner): void {
  const what = `domain ${wanted.name} on ${host.name}`;
  if (!sameOwner(found.owner, owner)) throw new Error(refusal(what, found.owner, "Domain", wanted.name));
  if (found.view.uuid !== wanted.uuid)
    throw new Error(
      `${what} exists with UUID ${found.view.uuid}, not ${wanted.uuid}: left alone. Undefine it, or give it that UUID`,
    );
}

/** `auto`: what the domain has already, else KVM where libvirt offers it. */
async function resolveType(
  host: Host,
  { type }: DomainInputs,
  { found, then }: Present,
  call: Call,
): Promise<VirtType> {
  if (type !== "auto") return type;
  const present = then?.virtType ?? found?.view.virtType;
  if (present === "kvm" || present === "qemu") return present;
  const offered = await host.run({ script: "kvm-offered", signal: call.signal });
  return offered.trim() === "yes" ? "kvm" : "qemu";
}
