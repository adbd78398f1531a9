import { keyPath } from "../../../config/problem.ts";
import type { ClientPlan } from "../../../plan/clients/clients.ts";
import type { HostPlan } from "../../../plan/machines/hosts.ts";
import type { Plan } from "../../../plan/plan.ts";
import type { HostVersions } from "../../../render/exports/exportProtocol.ts";
import { obstacleOf } from "../../../render/exports/clientDisk.ts";
import { everyRow, onHost, setKey, type Site, type SiteProblem } from "./site.ts";

/** libvirt that does not answer, or whose version, or QEMU's, cannot give what the stack file asks for. */
export function libvirtProblems(site: Site): readonly SiteProblem[] {
  const silent = everyRow(site, "unknown")
    .filter(({ row }) => row.of === "libvirt")
    .map(({ host, row }) => ({
      what: `${host.name}: libvirt does not answer: ${row.why}`,
      means: "`up` cannot make anything there; pool, KVM and domains of this host were not looked at.",
      command: onHost(host, "systemctl restart libvirtd"),
    }));
  const old = everyRow(site, "libvirt").flatMap(({ host, row: { libvirt, qemu } }) =>
    site.plan.clients
      .filter(({ hosts }) => hosts.includes(host.name))
      .flatMap((client) => tooOld(site.plan, client, host, { libvirt, qemu })),
  );
  return [...silent, ...old];
}

function tooOld(plan: Plan, client: ClientPlan, host: HostPlan, versions: HostVersions): readonly SiteProblem[] {
  return client.disks.flatMap((disk, index) => {
    const obstacle = obstacleOf(disk, host.name, versions);
    if (obstacle === undefined) return [];
    const key = keyPath("clients", client.name, "disks", index, obstacle.key);
    return [
      {
        what: `${host.name}: ${key} = ${obstacle.value} ${obstacle.text}`,
        means: `\`up\` refuses the disk of ${client.name} there.`,
        command:
          obstacle.key === "protocol"
            ? onHost(host, "apt-get install --only-upgrade qemu-system-x86")
            : setKey(plan, key, freeTarget(client)),
      },
    ];
  });
}

/** The first target that an older libvirt takes, and no disk of the client has. */
function freeTarget({ disks }: ClientPlan): string {
  const taken = disks.map(({ target }) => target);
  return [..."bcdefgh"].map((letter) => `vd${letter}`).find((target) => !taken.includes(target)) ?? "<vdb to vdh>";
}
