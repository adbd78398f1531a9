import type { MirrorPlan } from "../../plan/machines/mirrors.ts";
import type { NicPlan } from "../../plan/machines/machine.ts";
import type { Plan } from "../../plan/plan.ts";
import { renderFirewall } from "./firewall.ts";
import { renderSshd } from "./sshd.ts";

/**
 * What a mirror got at its first boot and must follow when the configuration
 * changes: the document of scripts/guest/machines/mirror-settings.sh, which
 * explains its lines.
 */
export function renderMirrorSettings(plan: Plan, mirror: MirrorPlan): string {
  return [
    ...plan.authorizedKeys.map((key) => `key ${key}`),
    ...(plan.aptProxy === undefined ? [] : [`apt-proxy ${plan.aptProxy}`]),
    ...(plan.verify === undefined ? [] : [`verify ${plan.verify}`]),
    ...mirror.nics.map((nic) => interfaceLine(mirror, nic)),
    ...linesOf("sshd", renderSshd(plan.sshUser)),
    ...linesOf("firewall", renderFirewall(plan, mirror)),
    "end",
    "",
  ].join("\n");
}

/** A file, one line of the document for each of its lines. */
function linesOf(word: string, file: string | undefined): readonly string[] {
  return file === undefined
    ? []
    : file
        .replace(/\n$/, "")
        .split("\n")
        .map((line) => `${word} ${line}`);
}

function interfaceLine(mirror: MirrorPlan, nic: NicPlan): string {
  const key = `kvm-mirror:mirrors.${mirror.name}.${nic.role}`;
  const servers = nic.dns.length === 0 ? "-" : nic.dns.join(",");
  return (
    `interface ${nic.interface} ${key} ${nic.address}/${nic.prefix} ` +
    `${nic.mtu ?? "-"} ${nic.gateway ?? "-"} ${servers}`
  );
}
