import type { GroupPlan, VolumePlan } from "../plan/plan.ts";
import { renderGroupEnv } from "./groupEnv.ts";
import { nbdAdmissionPath, renderNbdAdmissions, renderNbdConfig } from "./exports/nbd/nbdConfig.ts";
import { renderTgtTargets } from "./exports/iscsi/tgtTarget.ts";

/** A file of a mirror. */
interface GuestFile {
  readonly path: string;
  /** Octal, as chmod takes it. */
  readonly mode: "0600" | "0644";
  readonly content: string;
}

/**
 * All files of a group as the one document that group-configure.sh reads:
 * `==> PATH MODE` starts a file, its content follows.
 */
export function renderGroupDocument(group: GroupPlan, volumes: readonly VolumePlan[]): string {
  return groupFiles(group, volumes).map(documentPart).join("");
}

function groupFiles(group: GroupPlan, volumes: readonly VolumePlan[]): readonly GuestFile[] {
  const nbd = volumes.filter((volume) => volume.nbd);
  const iscsi = volumes.filter((volume) => volume.iscsi);
  return [
    { path: `/etc/kvm-mirror/${group.name}.env`, mode: "0644", content: renderGroupEnv(group, volumes) },
    ...(nbd.length === 0
      ? []
      : [
          {
            path: `/etc/nbd-server/kvm-mirror-${group.name}.conf`,
            mode: "0644" as const,
            content: renderNbdConfig(group, nbd),
          },
        ]),
    ...nbd.map((volume) => ({
      path: nbdAdmissionPath(group, volume),
      mode: "0644" as const,
      content: renderNbdAdmissions(volume),
    })),
    ...(iscsi.length === 0
      ? []
      : [{ path: `/etc/tgt/kvm-mirror/${group.name}.conf`, mode: "0600" as const, content: renderTgtTargets(iscsi) }]),
  ];
}

function documentPart({ path, mode, content }: GuestFile): string {
  if (/^==> /m.test(content)) throw new Error(`${path}: a line of its content looks like the start of another file`);
  if (content !== "" && !content.endsWith("\n")) throw new Error(`${path}: its last line has no end`);
  return `==> ${path} ${mode}\n${content}`;
}
