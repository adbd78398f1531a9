import type { Inventory } from "../../inventory/inventory.ts";
import { makesThemSo } from "../decide/sameOnBoth.ts";
import type { ClusterState, MirrorState } from "../observe/states.ts";

/** What is not as it should be about the cluster, each with what it means and what to do; nothing in manual mode. */
export function clusterConcerns(inventory: Inventory, states: readonly MirrorState[]): readonly string[] {
  if (inventory.failover.mode === "manual") return [];
  const silent = states
    .filter((state) => !state.cluster?.answers)
    .map(
      (state) =>
        `Pacemaker does not run on ${state.mirror}: nothing is promoted there, and its peer cannot fence ` +
        `it by the cluster; \`systemctl start pacemaker\` there, and its log says why`,
    );
  const views = states.flatMap((state) => (state.cluster?.answers ? [{ mirror: state.mirror, ...state.cluster }] : []));
  const configurations = new Set(views.flatMap(({ configuration }) => configuration ?? []));
  const unequal =
    configurations.size > 1 ? [`the configurations of corosync are not the same on both mirrors: ${makesThemSo}`] : [];
  return [...silent, ...unequal, ...new Set(views.flatMap(viewConcerns))];
}

function viewConcerns({
  mirror,
  quorum,
  paused,
  pausedBy,
  nodes,
  groups,
  fences,
  qdevice,
}: ClusterState & { readonly mirror: string }): string[] {
  return [
    ...quorumConcerns(mirror, quorum, qdevice),
    ...(paused
      ? [`the cluster is paused (maintenance-mode): it does not fail over. ${pauseWords(pausedBy ?? undefined)}`]
      : []),
    ...nodes.flatMap(({ name, online, standby, unclean }) => {
      // Without quorum nobody is fenced.
      if (!quorum) return [];
      if (unclean)
        return [
          `the cluster is about to fence ${name}, and promotes nothing until that is ` +
            `confirmed; when its KVM host is dead: \`kvm-mirror failover\``,
        ];
      if (!online) return [`${name} is no member of the cluster: there is no failover until it is back`];
      return standby
        ? [
            `${name} is in standby and takes nothing over; after the ` +
              `maintenance: \`kvm-mirror maintain ${name} --done\``,
          ]
        : [];
    }),
    // A mirror that is alone, asleep or without quorum does not look after the other one's fencing.
    ...fences.flatMap(({ mirror: target, ready }) =>
      ready || paused || !quorum || !nodes.every(({ online, standby }) => online && !standby)
        ? []
        : [
            `the cluster could not turn off ${target} when it last looked: a failover from ` +
              `it would wait. On a mirror: \`crm_mon -1f\` says why, \`crm_resource --refresh ` +
              `--resource fence-${target}\` has it look again`,
          ],
    ),
    ...groups.flatMap(({ name, mirror: where }) =>
      where === null ? [`the cluster runs the exports of group ${name} nowhere`] : [],
    ),
  ];
}

/** How a pause ends. @param owner the planned switch that began it; undefined: somebody's hand */
export function pauseWords(owner: string | undefined): string {
  return owner === undefined
    ? "Somebody did that by hand, and ends it, on a mirror: sudo crm_attribute " +
        "--type crm_config --name maintenance-mode --delete"
    : `The planned switch ${owner} ends that itself, within 5 minutes; otherwise, on a ` +
        `mirror: sudo /usr/local/lib/kvm-mirror/cluster-resume.sh ${owner} 120`;
}

function quorumConcerns(mirror: string, quorum: boolean, qdevice: boolean | null): string[] {
  if (quorum && qdevice === false)
    return [
      `${mirror} has no connection to the third vote (corosync-qdevice-tool -s there): bring it back soon. ` +
        "While both mirrors run all goes on; when one of them goes down, the other one stops",
    ];
  if (quorum) return [];
  return qdevice === false
    ? [
        `${mirror} has no quorum and runs nothing, and it has no connection to the third vote ` +
          "(corosync-qdevice-tool -s there): a cluster that lost quorum waits for both mirrors and the third vote. " +
          `Bring them back; where only the third vote is missing, \`kvm-mirror failover\` has both mirrors go on ` +
          "without it",
      ]
    : [
        `${mirror} has no quorum and runs nothing before it has seen the other mirror. Start that ` +
          `one; when it is lost for good, \`kvm-mirror failover\` says what can be done`,
      ];
}
