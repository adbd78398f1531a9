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
  return [...silent, ...old, ...hookProblems(site)];
}

/** Before the first `up` it is absent, which `up` mends. */
function hookProblems(site: Site): readonly SiteProblem[] {
  return everyRow(site, "hook").flatMap(({ host, row: { state } }) => {
    const clients = site.plan.clients.filter(({ hosts, permits }) => permits && hosts.includes(host.name));
    const names = clients.map(({ name }) => name);
    if (names.length === 0 || (state !== "waits" && !isBefore(site, host, 6, 5))) return [];
    const what =
      state === "waits"
        ? `${host.name}: libvirt does not call the hook that \`up\` has installed`
        : `${host.name}: its libvirt is older than 6.5, and does not call the hook that \`up\` installs`;
    return [
      {
        what,
        means: `Nothing but the exports keeps ${names.join(", ")} from being started by hand.`,
        command:
          state === "waits"
            ? `kvm-mirror client ${names[0] ?? ""} --permit`
            : onHost(host, "apt-get install --only-upgrade libvirt-daemon-system"),
      },
    ];
  });
}

function isBefore(site: Site, { name }: HostPlan, major: number, minor: number): boolean {
  const said = everyRow(site, "libvirt").find(({ host }) => host.name === name)?.row.libvirt ?? "";
  const [, one, two] = /^(\d+)\.(\d+)/.exec(said) ?? [];
  return one !== undefined && (Number(one) < major || (Number(one) === major && Number(two) < minor));
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
