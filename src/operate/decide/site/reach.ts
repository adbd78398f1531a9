import { libvirtHost } from "../../../config/libvirtUri.ts";
import { keyPath } from "../../../config/problem.ts";
import type { HostPlan } from "../../../plan/machines/hosts.ts";
import type { Plan } from "../../../plan/plan.ts";
import { everyRow, loginOf, setKey, type Site, type SiteProblem } from "./site.ts";

/** KVM hosts that ssh does not reach, of which nothing else is said; and logins that cannot be root. */
export function reachProblems(site: Site): readonly SiteProblem[] {
  const { plan, sight } = site;
  const silent = plan.hosts.flatMap((host) => {
    const seen = sight.hosts.get(host.name);
    return seen && "unreachable" in seen ? [unreachable(plan, host, seen.unreachable)] : [];
  });
  const plain = everyRow(site, "host")
    .filter(({ row }) => !row.root)
    .map(({ host }) => ({
      what: `${host.name}: the login is not root, and sudo asks it for a password`,
      means: "`up` cannot set what belongs to root there, and not all was looked at.",
      command: visudo(host),
    }));
  return [...silent, ...plain];
}

const visudo = (host: HostPlan): string =>
  `${loginOf(host) === undefined ? "" : `ssh -t ${loginOf(host)} `}sudo visudo -f /etc/sudoers.d/kvm-mirror`;

function unreachable(plan: Plan, host: HostPlan, why: string): SiteProblem {
  return {
    what: `${host.name} does not answer: ${why}`,
    means: "`up` cannot work there, and nothing of this host was looked at.",
    command: wayOut(plan, host, why),
  };
}

/** By ssh's own words (ssh.c, sshconnect.c, auth of OpenSSH 8 and 9). */
function wayOut(plan: Plan, host: HostPlan, why: string): string {
  const login = loginOf(host);
  if (login === undefined) return "virsh --connect qemu:///system version";
  if (/permission denied|too many authentication failures/i.test(why)) return `ssh-copy-id ${login}`;
  // ssh shows the key, and asks.
  if (/host key/i.test(why)) return `ssh ${login} true`;
  if (/could not resolve|name or service not known/i.test(why))
    return setKey(plan, keyPath("hosts", host.name, "uri"), "qemu+ssh://root@<its address>/system");
  if (/connection refused/i.test(why)) return "systemctl enable --now ssh (at its console)";
  return `ping -c 3 ${libvirtHost(host.uri)}`;
}
