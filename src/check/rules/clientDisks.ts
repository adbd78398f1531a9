import type { z } from "zod";
import { assignTargets, busOf, ownTargets } from "../../plan/targets.ts";
import type { clientDiskSchema } from "../../config/clients/clients.ts";
import { exportKeys, protocols, titleOf } from "../../config/exports/protocols.ts";
import type { ConfigDraft } from "./rule.ts";
import { leftOut } from "../draft.ts";
import { keyPath, type Problem } from "../../config/problem.ts";
import { listed } from "../suggest.ts";
import { eachRepeated, entries, unknownName } from "./entries.ts";

interface PlacedDisk {
  readonly client: string;
  readonly index: number;
  readonly existing: boolean;
  /** All disks of that client. */
  readonly siblings: readonly z.output<typeof clientDiskSchema>[];
  readonly disk: z.output<typeof clientDiskSchema>;
}

function placed({ clients }: ConfigDraft): readonly PlacedDisk[] {
  return entries(clients).flatMap(([client, { disks = [], existing = false }]) =>
    disks.map((disk, index) => ({ client, index, existing, siblings: disks, disk })),
  );
}

function diskKey({ client, index }: PlacedDisk, key: string): string {
  return keyPath("clients", client, "disks", index, key);
}

export function* diskVolumes(draft: ConfigDraft): Generator<Problem> {
  for (const one of placed(draft)) {
    const { volume, protocol } = one.disk;
    yield* unknownName("volume", volume, draft.volumes, diskKey(one, "volume"));
    const block = draft.volumes[volume];
    if (block && leftOut(block, "exports"))
      yield {
        key: diskKey(one, "volume"),
        value: volume,
        text: `is not exported: write the exports of volume ${volume}, ${exportKeys[protocol].example}`,
      };
    const exports = block?.exports;
    if (exports && exports[protocol] === undefined) {
      const other = protocols.filter((one) => exports[one] !== undefined);
      yield {
        key: diskKey(one, "protocol"),
        value: protocol,
        text:
          `is not among the exports of volume ${volume}; attach it by ` +
          `${listed(other, "or")}, or export it by ${titleOf(protocol)} too`,
      };
    }
  }
}

/** One volume, one disk: two guests, or one guest by two ways, would write over each other. */
export function diskOnce(draft: ConfigDraft): Iterable<Problem> {
  return eachRepeated(
    placed(draft),
    ({ disk }) => disk.volume,
    (one, first) => ({
      key: diskKey(one, "volume"),
      value: one.disk.volume,
      text:
        `is attached to client ${first.client} by ${titleOf(first.disk.protocol)} already ` +
        `(${diskKey(first, "volume")}); one volume is one disk of one client: two writers would destroy its file ` +
        "system",
    }),
  );
}

export function* diskTargets(draft: ConfigDraft): Generator<Problem> {
  for (const one of placed(draft)) {
    const { target, bus } = one.disk;
    const key = diskKey(one, "target");
    if (target === undefined) {
      if (one.existing)
        yield {
          key,
          text:
            "is missing: only the VM team knows which targets an existing " +
            "client has free; ask for one, for example vdb",
        };
      else if (one.siblings.length > 1) yield { key, text: missingTarget(one) };
      continue;
    }
    if (bus !== undefined && busOf(target) !== bus)
      yield {
        key,
        value: target,
        text:
          `is not a target of bus ${bus}; write ${bus === "virtio" ? "vdb, vdc, …" : "sdb, sdc, …"}, or another ` +
          "bus",
      };
    if (!one.existing && ownTargets.includes(target))
      yield {
        key,
        value: target,
        text: "is taken: vda is the machine's OS disk, vdzz or sda its cloud-init seed; use the next letter",
      };
  }
}

/** Earlier versions gave targets by the order of the list: the message names the one that such a disk has. */
function missingTarget({ siblings, index }: PlacedDisk): string {
  const target = assignTargets(siblings)[index] ?? "";
  return (
    "is missing: where a client has more than one disk, each says its target, so that none moves when " +
    `another comes or goes. Without it this one was ${target}: write \`target: ${target}\``
  );
}

export function diskTargetsOnce(draft: ConfigDraft): Iterable<Problem> {
  return eachRepeated(
    placed(draft),
    ({ client, disk }) => disk.target && `${client}/${disk.target}`,
    (one, first) => ({
      key: diskKey(one, "target"),
      value: one.disk.target,
      text: `is the target of volume ${first.disk.volume} already; give each disk of a client its own`,
    }),
  );
}
