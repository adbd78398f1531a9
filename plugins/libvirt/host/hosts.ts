/** The hosts that this process is connected with. */
import type { ProviderConfig } from "../config.ts";
import { parseUri } from "../uri.ts";
import type { Host } from "./host.ts";
import { localHost } from "./localHost.ts";
import { sshHost } from "./sshHost.ts";

export interface Hosts {
  of(config: ProviderConfig): Host;
  close(): Promise<void>;
}

export function openHosts(): Hosts {
  const open = new Map<string, Host>();
  return {
    of({ uri }) {
      let host = open.get(uri);
      if (!host) {
        const target = parseUri(uri);
        host = target.kind === "local" ? localHost() : sshHost(target);
        open.set(uri, host);
      }
      return host;
    },
    async close() {
      await Promise.all([...open.values()].map((host) => host.close()));
      open.clear();
    },
  };
}
