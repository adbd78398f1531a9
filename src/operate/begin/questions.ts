import { address, formatAddress } from "../../config/address.ts";
import { parseCidr } from "../../config/cidr.ts";
import { libvirtHost, libvirtUri } from "../../config/libvirtUri.ts";
import { iqn } from "../../config/exports/iscsi/iqn.ts";
import { checkPublicKey } from "../../config/machines/ssh.ts";
import { checkClientName, checkMachineName, checkVolumeName } from "../../config/names.ts";
import { sizeInMiB } from "../../config/sizes.ts";
import { Mistake } from "../../config/written.ts";

/** What the answers are kept under, in the order of the questions. */
export const keys = [
  "firstHost",
  "secondHost",
  "storage",
  "replication",
  "management",
  "bridges",
  "gateway",
  "hostAddresses",
  "mirrors",
  "firstMirror",
  "secondMirror",
  "vip",
  "publicKey",
  "volume",
  "size",
  "protocol",
  "iqn",
  "client",
] as const;
export type Key = (typeof keys)[number];
export type Answers = Readonly<Record<Key, string>>;

/** What is known beside the answers. */
export interface Known {
  /** The operator's public keys, the first one to be suggested. */
  readonly publicKeys: readonly string[];
  /** Names of mirrors in the other stack files. */
  readonly takenMirrors: readonly string[];
  readonly environment: string;
  /** Year and month, `2026-11`: since when the names' owner has its domain, as far as anybody knows. */
  readonly month: string;
}

export interface Question {
  readonly key: Key;
  readonly text: string;
  /** Left out where the answers before do not ask for it; its answer is then empty. */
  readonly when?: (answers: Partial<Answers>) => boolean;
  /** What Enter alone means. */
  readonly suggest?: (answers: Partial<Answers>, known: Known) => string | undefined;
  /** What is kept of an answer. @throws Mistake for what is none */
  readonly read: (text: string) => string;
}

/** Address of a network by its place in it; none when that is no machine's. */
const nth = (network: string | undefined, place: number): string => {
  const { first, last } = parseCidr(network ?? "");
  return formatAddress(Math.min(first + place, last - 1));
};
const inEach = ({ replication, storage, management }: Partial<Answers>, place: number): string =>
  [replication, storage, management].map((network) => nth(network, place)).join(" ");

/** Of a schema's reader, which says what is wrong in its issues. */
const by =
  (schema: { safeParse(text: string): { error?: { issues: readonly { message: string }[] } } }) =>
  (text: string): string => {
    const wrong = schema.safeParse(text).error?.issues[0];
    if (wrong) throw new Mistake(wrong.message);
    return text;
  };
/** So many words, each of which `read` takes. */
const words = (count: number, what: string, read: (word: string) => unknown) => (text: string) => {
  const given = text.split(/[\s,]+/).filter(Boolean);
  if (given.length !== count) throw new Mistake(`has ${given.length} words; write ${what}`);
  for (const word of given) {
    try {
      read(word);
    } catch (error) {
      throw error instanceof Mistake ? new Mistake(`: ${word} ${error.message}`) : error;
    }
  }
  return given.join(" ");
};
const bridge = (name: string): void => {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$/.test(name)) throw new Mistake("is no name of a bridge");
};
const network = (text: string): string => parseCidr(text).text;

/** What a stack file needs and has no default for. */
export const questions: readonly Question[] = [
  {
    key: "firstHost",
    text: "First KVM host, as virsh reaches it (qemu+ssh://root@host/system)",
    read: by(libvirtUri()),
  },
  { key: "secondHost", text: "Second KVM host", read: by(libvirtUri()) },
  { key: "storage", text: "Storage network, address/prefix: clients reach the exports there", read: network },
  { key: "replication", text: "Replication network, of the two mirrors alone", read: network },
  { key: "management", text: "Management network, through which you reach the mirrors", read: network },
  {
    key: "bridges",
    text: "Bridges of storage, replication and management, the same on both hosts",
    suggest: () => "br-storage br-replication br-management",
    read: words(3, "the names of three bridges", bridge),
  },
  {
    key: "gateway",
    text: "Gateway of the management network, which also answers DNS",
    suggest: ({ management }) => nth(management, 1),
    read: by(address()),
  },
  {
    key: "hostAddresses",
    text: "Addresses that the two KVM hosts have in the storage network",
    suggest: ({ storage }) => `${nth(storage, 2)} ${nth(storage, 3)}`,
    read: words(2, "two addresses", by(address())),
  },
  {
    key: "mirrors",
    text: "Names of the two mirror VMs",
    suggest: (_, { takenMirrors, environment }) =>
      takenMirrors.some((name) => /^mirror-[ab]$/.test(name))
        ? `${environment}-a ${environment}-b`
        : "mirror-a mirror-b",
    read: words(2, "two names", checkMachineName),
  },
  {
    key: "firstMirror",
    text: "Free addresses for the first mirror, in replication, storage and management",
    suggest: (answers) => inEach(answers, 11),
    read: words(3, "three addresses", by(address())),
  },
  {
    key: "secondMirror",
    text: "And for the second one",
    suggest: (answers) => inEach(answers, 12),
    read: words(3, "three addresses", by(address())),
  },
  {
    key: "vip",
    text: "A free address in the storage network for the exports (the VIP)",
    suggest: ({ storage }) => nth(storage, 10),
    read: by(address()),
  },
  {
    key: "publicKey",
    text: "Your public ssh key, as in ~/.ssh/id_ed25519.pub",
    suggest: (_, { publicKeys }) => publicKeys[0],
    read: checkPublicKey,
  },
  {
    key: "volume",
    text: "Name of the first volume",
    read: (text) => {
      checkVolumeName(text);
      return text;
    },
  },
  { key: "size", text: "Its size (100GiB)", read: by(sizeInMiB()) },
  {
    key: "protocol",
    text: "Exported by nbd or iscsi",
    suggest: () => "nbd",
    read: (text) => {
      if (text !== "nbd" && text !== "iscsi") throw new Mistake("is neither nbd nor iscsi");
      return text;
    },
  },
  {
    key: "iqn",
    text: "Name of its iSCSI target",
    when: ({ protocol }) => protocol === "iscsi",
    suggest: ({ firstHost = "", volume = "" }, { month, environment }) => {
      const domain = libvirtHost(firstHost).toLowerCase().split(".").slice(1);
      const named = domain.length > 0 && !/^[0-9]+$/.test(domain.at(-1) ?? "");
      return `iqn.${month}.${named ? domain.toReversed().join(".") : `local.${environment.toLowerCase()}`}:${volume}`;
    },
    read: by(iqn()),
  },
  {
    key: "client",
    text: "VM on both hosts that gets it as a disk, or none for now",
    suggest: () => "none",
    read: (text) => {
      if (text !== "none") checkClientName(text, { existing: true });
      return text;
    },
  },
];

/** Names of the KVM hosts in the stack file: what comes first in their own, or a and b. */
export function hostNames({
  firstHost,
  secondHost,
}: Pick<Answers, "firstHost" | "secondHost">): readonly [string, string] {
  const [one = "", other = ""] = [firstHost, secondHost].map((uri) => libvirtHost(uri).split(".")[0]?.toLowerCase());
  const label = /^[a-z]([a-z0-9-]*[a-z0-9])?$/;
  return label.test(one) && label.test(other) && one !== other ? [one, other] : ["kvm-a", "kvm-b"];
}
