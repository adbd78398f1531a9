import type { HostPlan } from "../../../plan/machines/hosts.ts";
import { machinesOn } from "../../observe/siteQuestions.ts";
import { rowsOf } from "../../observe/siteRows.ts";
import { answeredHosts, onHost, type Site, type SiteProblem } from "./site.ts";

/** Names of machines that other domains have, and domains of the VM team that are not there. */
export function domainProblems(site: Site): readonly SiteProblem[] {
  const { plan } = site;
  return answeredHosts(site).flatMap(({ host, rows }) => {
    if (rowsOf(rows, "libvirt").length === 0) return [];
    const domains = rowsOf(rows, "domain");
    const taken = domains.filter(
      ({ name, owner }) => owner !== plan.owner && machinesOn(plan, host.name).some((machine) => machine.name === name),
    );
    const team = plan.clients.filter(({ machines, hosts }) => !machines && hosts.includes(host.name));
    const missing = team.filter(({ name }) => !domains.some((domain) => domain.name === name));
    return [
      ...taken.map(({ name, owner }) => foreign(site, host, name, owner)),
      ...missing.map(({ name, hosts }) => absent(site, host, name, hosts)),
    ];
  });
}

function foreign({ plan }: Site, host: HostPlan, name: string, owner: string): SiteProblem {
  const what = `${host.name}: there is a domain ${name} already`;
  // That stack's next `up` would miss a domain that has another name.
  return owner === ""
    ? {
        what: `${what}, which no stack has made`,
        means: "`up` leaves it alone and fails. Give it another name while it is off, or the stack's machine.",
        command: onHost(host, `virsh domrename ${name} <another name>`),
      }
    : {
        what: `${what}, of stack ${owner}`,
        means: "`up` leaves it alone and fails. Name the machine of this stack otherwise.",
        command: `$EDITOR stacks/Pulumi.${plan.stack}.yaml`,
      };
}

/** Its definition comes from another of its hosts, if one has it. */
function absent(site: Site, host: HostPlan, name: string, hosts: readonly string[]): SiteProblem {
  const from = answeredHosts(site).find(
    (other) => hosts.includes(other.host.name) && rowsOf(other.rows, "domain").some((domain) => domain.name === name),
  );
  return {
    what: `${host.name}: there is no domain ${name}, which the stack file calls an existing client`,
    means: "`up` has nothing to attach its disks to there.",
    command: from
      ? `virsh -c ${from.host.uri} dumpxml --inactive ${name} | virsh -c ${host.uri} define /dev/stdin`
      : onHost(host, "virsh define <its XML>"),
  };
}
