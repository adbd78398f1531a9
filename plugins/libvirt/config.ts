/** Arguments of `new libvirt.Provider(...)`. */
import { z } from "zod";
import { parseUri } from "./uri.ts";

/**
 * `uri` may change without replacing anything: a host under another name is
 * the same host. If it is another one, `pulumi refresh`
 * finds nothing there and the next `up` makes everything anew.
 */
export const providerConfig = z.strictObject({
  uri: z
    .string()
    .check((context) => {
      try {
        parseUri(context.value);
      } catch (error) {
        context.issues.push({ code: "custom", input: context.value, message: (error as Error).message });
      }
    })
    .describe(
      "libvirt URI of the KVM host: `qemu:///system` for this machine, or " +
        "`qemu+ssh://[user@]host[:port]/system[?keyfile=PATH&known_hosts=PATH]`. The system's ssh connects, so that " +
        "~/.ssh/config, the agent, jump hosts and known_hosts apply. " +
        "Needs a login that may use libvirt and write its pools (root).",
    ),
  owner: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*\/[A-Za-z0-9][A-Za-z0-9._-]*$/, "must be <project>/<stack>")
    .describe(
      "`<project>/<stack>`: marks whatever is made, so that nothing that belongs to anyone else is ever taken over.",
    ),
});

export type ProviderConfig = z.output<typeof providerConfig>;
