import { disklessCut } from "../faults/disks.ts";
import type { Fault } from "../faults/fault.ts";
import type { Control } from "./control.ts";

/** Longest that a client which stopped at an error may take to go on, in seconds. */
const patience = 180;

/**
 * DRBD fails what it has no data for, instead of having it wait (its own default):
 * nbd-server does not look at the result of its fsync(), says that the write is
 * done, and reads it from its page cache. tgtd passes errors on, so that nothing is acknowledged there.
 */
export const ioError: Control & { readonly fault: Fault } = {
  name: "io-error",
  protocols: ["nbd"],
  async weaken(system, { volume }) {
    for (const { name } of system.inventory.mirrors)
      await system.onMirror(name, `drbdadm resource-options --on-no-data-accessible=io-error ${volume.name}`);
  },
  fault: {
    ...disklessCut,
    async strike(system, situation, random, mode) {
      await disklessCut.strike(system, situation, random, mode);
      // A flush says that it failed, and the client's machine stops there; an operator has it go on.
      const { name, host } = situation.client;
      if (!/^paused/.test(await system.onHost(host, `LC_ALL=C virsh domstate ${name}`))) return;
      const { status, output } = await system.operate("client", [name, "--resume"], patience);
      if (status !== 0) throw new Error(`kvm-mirror client ${name} --resume: exit status ${status}: ${output.trim()}`);
    },
  },
  async restore(system) {
    for (const { name } of system.inventory.mirrors)
      await system.onMirror(name, "drbdadm adjust all >/dev/null 2>&1", 120);
  },
  writerOptions: "--flush-buffered-every 256 --flush-every 256",
};
