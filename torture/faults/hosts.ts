import type { Fault } from "./fault.ts";
import { bothBack } from "./machines.ts";

/**
 * A KVM host loses its power, and the primary with it: nobody can say any more
 * whether it is off. The client, on the other host, lives.
 */
export const killHost: Fault = {
  kind: "kill-host",
  weight: 8,
  recovery: "failover",
  needsWord: true,
  target: ({ primaryHost }) => primaryHost,
  possible: ({ client, primaryHost }) => client.host !== primaryHost,
  strike: (system, { primaryHost }) => system.power(primaryHost, "off"),
  async mend(system, situation, mode) {
    await system.power(situation.primaryHost, "on");
    await bothBack(system, situation, mode);
  },
};
