import { existsSync, readFileSync } from "node:fs";
import { root } from "../harness/run.ts";
import type { System } from "../harness/system.ts";
import type { Report } from "./report/report.ts";

/** What a KVM host and its guest are. */
export async function machineOf(system: System, host: string, domain: string): Promise<Report["machine"]> {
  const said = await system.onHost(
    host,
    `virsh dumpxml ${domain} | grep -m 1 -o "<domain type='[a-z]*'"; virsh version | sed -n 's/^Running hypervisor: //p'; ` +
      "nproc; sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1",
  );
  return machineIn(said);
}

/** @param said four lines: the domain's type, the hypervisor, the number of processors, their model (may be missing) */
export function machineIn(said: string): Report["machine"] {
  const [type = "", qemu = "", processors = "", processor = ""] = said.split("\n");
  const guests = /'(kvm|qemu)'/.exec(type)?.[1];
  if (guests !== "kvm" && guests !== "qemu") throw new Error(`the host does not say what its guests run on: ${said}`);
  return {
    guests,
    qemu: qemu.replace(/^QEMU /, "") || "unknown",
    processors: Number(processors) || 0,
    processor: processor || "unknown",
  };
}

/**
 * How many times slower than this machine's the guests' clock of a lab runs: a file beside the lab's state says it.
 * 1 for any other stack, and without that file.
 * @param state the lab's state directory
 */
export function slownessOf(stack: string, state = `${root}.lab`): number {
  const [slow, its] = [`${state}/slow`, `${state}/stack`];
  if (!existsSync(slow) || !existsSync(its) || readFileSync(its, "utf8").trim() !== stack) return 1;
  const text = readFileSync(slow, "utf8").trim();
  const factor = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || factor < 1) throw new Error(`${slow} holds no factor of at least 1: ${text}`);
  return factor;
}
