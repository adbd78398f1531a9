/** What a KVM host runs: the versions of its libvirt and of its QEMU, for programs that choose by them. */
import { z } from "zod";
import type { Call, ResourceKind } from "../serving/resource.ts";
import type { ProviderConfig } from "./config.ts";
import type { Hosts } from "./host/hosts.ts";
import { infoField } from "./infoField.ts";

const inputs = z.strictObject({});

const outputs = z.strictObject({
  libvirt: z.string().describe("Of the libvirt daemon, for example `9.0.0`."),
  qemu: z.string(),
});

export type HostVersionState = Readonly<z.output<typeof outputs>>;

/**
 * The kind `HostVersion`. It makes nothing. A preview asks the host, so that what depends on
 * it is shown exactly; afterwards the versions are in the state, and a
 * host that is down keeps nobody from an `up` that does not concern it. `refresh` asks again.
 */
export function hostVersion(hosts: Hosts): ResourceKind<ProviderConfig, object, HostVersionState> {
  const ask = async (config: ProviderConfig, call: Call): Promise<HostVersionState> => {
    const host = hosts.of(config);
    return parseVersions(await host.run({ script: "host-version", signal: call.signal }));
  };
  return {
    token: "libvirt:index:HostVersion",
    description:
      "Versions of what a KVM host runs. A preview asks the host for them when they are not in the state yet; " +
      "`refresh` asks again. Makes nothing on the host.",
    inputs,
    outputs,
    foresee: ask,
    async create(config, _inputs, call) {
      return { id: "versions", state: await ask(config, call) };
    },
    async read(config, id, call) {
      return { id, inputs: {}, state: await ask(config, call) };
    },
    async update(config, _id, _olds, _news, call) {
      return ask(config, call);
    },
    delete: async () => undefined,
  };
}

/** From what `virsh version --daemon` prints. @throws when one of the two is not said. */
export function parseVersions(output: string): HostVersionState {
  const number = (field: string): string => {
    const said = infoField(output, field);
    const version = /\d+(\.\d+)+/.exec(said)?.[0];
    if (version === undefined)
      throw new Error(`virsh version --daemon says ${JSON.stringify(said)} for "${field}", which has no version in it`);
    return version;
  };
  return { libvirt: number("Running against daemon"), qemu: number("Running hypervisor") };
}
