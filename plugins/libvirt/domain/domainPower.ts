/**
 * Whether a domain runs, apart from its definition: for domains that may
 * start only when others have attached their disks.
 */
import { z } from "zod";
import type { Call, ResourceKind } from "../../serving/resource.ts";
import type { ProviderConfig } from "../config.ts";
import type { Hosts } from "../host/hosts.ts";
import { foreignName } from "../names.ts";
import { inspectDomain, isOn } from "./domainState.ts";
import { reportPause, shutDownDomain, startDomain } from "./power.ts";

const inputs = z.strictObject({
  domain: foreignName.meta({
    replace: true,
    description: "Name of the domain, which others may have defined. Cannot change in place.",
  }),
  running: z.boolean(),
  shutdownTimeout: z
    .int()
    .min(0)
    .default(120)
    .describe("Seconds that the guest gets to shut down before its power is cut. Default 120."),
});

export type DomainPowerInputs = z.output<typeof inputs>;

/** The kind `DomainState`. */
export function domainPower(hosts: Hosts): ResourceKind<ProviderConfig, DomainPowerInputs, DomainPowerInputs> {
  const bring = async (config: ProviderConfig, wanted: DomainPowerInputs, call: Call): Promise<DomainPowerInputs> => {
    const host = hosts.of(config);
    if (wanted.running) await startDomain(host, wanted.domain, call);
    else await shutDownDomain(host, wanted.domain, wanted.shutdownTimeout, call);
    return wanted;
  };
  return {
    token: "libvirt:index:DomainState",
    description:
      "Whether a domain runs, for one whose disks are attached after it was defined and before it may start. " +
      "Deleting shuts it down if it was to run. Import id: name of the domain.",
    inputs,
    outputs: z.strictObject({}),
    async create(config, wanted, call) {
      return { id: wanted.domain, state: await bring(config, wanted, call) };
    },
    async read(config, id, call, known) {
      const host = hosts.of(config);
      const found = await inspectDomain(host, foreignName.parse(id), call.signal);
      if (!found) return undefined;
      await reportPause(host, id, found, call);
      const now: DomainPowerInputs = {
        domain: id,
        running: isOn(found),
        shutdownTimeout: known?.inputs.shutdownTimeout ?? 120,
      };
      return { id, inputs: now, state: now };
    },
    update: (config, _id, _olds, news, call) => bring(config, news, call),
    async delete(config, _id, state, call) {
      if (state.running) await shutDownDomain(hosts.of(config), state.domain, state.shutdownTimeout, call);
    },
  };
}
