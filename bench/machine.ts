import type { System } from "../harness/system.ts";
import type { Report } from "./report/report.ts";

/** What a KVM host and its guest are. */
export async function machineOf(system: System, host: string, domain: string): Promise<Report["machine"]> {
  const said = await system.onHost(
    host,
    `virsh dumpxml ${domain} | grep -m 1 -o "<domain type='[a-z]*'"; ` +
      "virsh version | sed -n 's/^Running hypervisor: //p'; " +
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
