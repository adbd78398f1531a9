import { longestIscsiName } from "../../../config/exports/iscsi/iqn.ts";
import { keyPath, type Problem } from "../../../config/problem.ts";
import { initiatorName } from "../../../plan/exports/iscsi/names.ts";
import { eachRepeated, entries } from "../entries.ts";
import type { ConfigDraft, Rule } from "../rule.ts";

/** tgt admits initiators to a target, not to a logical unit. */
function iscsiTargets({ volumes }: ConfigDraft): Iterable<Problem> {
  return eachRepeated(
    entries(volumes).flatMap(([volume, { exports }]) => (exports?.iscsi ? [{ volume, iqn: exports.iscsi.iqn }] : [])),
    ({ iqn }) => iqn,
    ({ volume, iqn }, first) => ({
      key: keyPath("volumes", volume, "exports", "iscsi", "iqn"),
      value: iqn,
      text:
        `is the target of volume ${first.volume} already; initiators are admitted by ` +
        "target, so that each would reach both volumes: give each its own",
    }),
  );
}

/** Initiators are named after the target, the client and its host. */
function* initiatorLengths({ volumes, clients }: ConfigDraft): Generator<Problem> {
  for (const [client, { disks = [], active, hosts = [] }] of entries(clients)) {
    const longest = [...hosts, ...(active === undefined ? [] : [active])].toSorted((a, b) => b.length - a.length)[0];
    for (const { volume, protocol } of disks) {
      const iqn = volumes[volume]?.exports?.iscsi?.iqn;
      if (protocol !== "iscsi" || iqn === undefined || longest === undefined) continue;
      const { length } = initiatorName(iqn, client, longest);
      if (length > longestIscsiName) {
        const text =
          `is too long: the initiator name <iqn>:${client}.<host> has ${length} ` +
          `characters, an iSCSI name holds ${longestIscsiName}; shorten it`;
        yield { key: keyPath("volumes", volume, "exports", "iscsi", "iqn"), value: iqn, text };
      }
    }
  }
}

/** Names of domains differ in letters that iSCSI names do not have. */
function initiatorClients({ clients }: ConfigDraft): Iterable<Problem> {
  return eachRepeated(
    entries(clients).filter(([, { disks = [] }]) => disks.some(({ protocol }) => protocol === "iscsi")),
    ([name]) => initiatorName("iqn", name, "host"),
    ([name], [first]) => ({
      key: keyPath("clients", name),
      text:
        `has the iSCSI initiator names of client ${first}: they are written in lower case, with hyphens; ` +
        "rename one",
    }),
  );
}

export const iscsi: readonly Rule[] = [iscsiTargets, initiatorLengths, initiatorClients];
