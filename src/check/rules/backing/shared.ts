import { type SharedBacking, sharedBackings } from "../../../config/backing/backing.ts";
import { keyPath, type Problem } from "../../../config/problem.ts";
import { entries, unknownName } from "../entries.ts";
import type { ConfigDraft } from "../rule.ts";

/** What people call the disk that volumes of a kind share, and a volume's part of it. */
export const sharedWords = {
  lvm: { disk: "LVM disk", an: "an LVM disk", part: "its logical volume is thick", suffix: "lvm-disk" },
  zvol: { disk: "ZFS disk", an: "a ZFS disk", part: "the space of its zvol is reserved", suffix: "zfs-disk" },
} as const satisfies Record<SharedBacking, object>;

/** Volumes that lie on such a disk. */
export const lyingOn = (kind: SharedBacking, { volumes }: ConfigDraft) =>
  entries(volumes).filter(([, { backing }]) => backing === kind);

export function* sharedDeclared(draft: ConfigDraft): Generator<Problem> {
  for (const kind of sharedBackings) {
    if (draft.backing[kind] !== undefined || draft.backing.wrong?.includes(kind)) continue;
    for (const [name] of lyingOn(kind, draft))
      yield {
        key: keyPath("volumes", name, "backing"),
        value: kind,
        text:
          `needs ${sharedWords[kind].an} on each mirror; give its size, as in ` +
          `\`kvm-mirror:backing: { ${kind}: { size: 500GiB } }\``,
      };
  }
}

const noThin = {
  lvm: "there are no thin pools (a full one fails both copies at once)",
  zvol: "there are no sparse ones (a full pool fails both copies at once)",
} as const satisfies Record<SharedBacking, string>;

/** No volume takes space that another one was promised. */
export function* sharedThick(draft: ConfigDraft): Generator<Problem> {
  for (const kind of sharedBackings)
    for (const [name, { provisioning }] of lyingOn(kind, draft))
      if (provisioning === "thin")
        yield {
          key: keyPath("volumes", name, "provisioning"),
          value: provisioning,
          text:
            `is not for a volume with backing ${kind}: ${sharedWords[kind].part}, ${noThin[kind]}; leave it out. The ` +
            `${sharedWords[kind].disk} may be thin in the KVM host's pool: kvm-mirror:backing.${kind}.provisioning`,
        };
}

export function* sharedNewDisks({ backing, mirrors }: ConfigDraft): Generator<Problem> {
  for (const kind of sharedBackings)
    for (const mirror of Object.keys(backing[kind]?.newDisks ?? {}))
      yield* unknownName("mirror", mirror, mirrors, keyPath("backing", kind, "newDisks"));
}

export function* sharedDiskStays(draft: ConfigDraft): Generator<Problem> {
  for (const kind of sharedBackings) {
    const [first] = lyingOn(kind, draft).filter(([, { leaves }]) => leaves !== true);
    if (draft.backing[kind]?.leaves === true && first !== undefined)
      yield {
        key: keyPath("backing", kind, "leaves"),
        value: true,
        text:
          `is for ${sharedWords[kind].disk}s whose volumes have left, and volume ${first[0]} lies on them; ` +
          "take it away",
      };
  }
}
