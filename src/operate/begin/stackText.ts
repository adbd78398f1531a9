import { type Answers, hostNames } from "./questions.ts";

/** What Pulumi has put into a stack file by itself: how its secrets are encrypted, and the stack's own secret. */
export interface Sealed {
  /** Keys beside `config`, as they are: encryptionsalt, secretsprovider, encryptedkey. */
  readonly encryption: Readonly<Record<string, string>>;
  /** `kvm-mirror:secret`, encrypted. */
  readonly secret: string;
}

/** The stack file that the answers describe. */
export function stackText(answers: Answers, sealed: Sealed): string {
  const [one, other] = hostNames(answers);
  const [oneAddress = "", otherAddress = ""] = answers.hostAddresses.split(" ");
  const [storage = "", replication = "", management = ""] = answers.bridges.split(" ");
  const [first = "", second = ""] = answers.mirrors.split(" ");
  const { volume, protocol, iqn, client, gateway } = answers;
  const mirror = (name: string, host: string, addresses: string): string => {
    const [inReplication = "", inStorage = "", inManagement = ""] = addresses.split(" ");
    const at = `replication: ${inReplication}, storage: ${inStorage}, management: ${inManagement}`;
    return `    ${name}: { host: ${host}, ${at} }\n`;
  };
  return `# yaml-language-server: $schema=../docs/stack.schema.json
# Every key with unit and default: docs/configuration.md
${Object.entries(sealed.encryption)
  .map(([key, value]) => `${key}: ${value}\n`)
  .join("")}config:
  # The stack's own secret, encrypted. Every other one is derived from it.
  kvm-mirror:secret:
    secure: ${sealed.secret}

  kvm-mirror:hosts:
    ${one}: { uri: ${JSON.stringify(answers.firstHost)}, storageAddress: ${oneAddress} }
    ${other}: { uri: ${JSON.stringify(answers.secondHost)}, storageAddress: ${otherAddress} }

  # Replication takes jumbo frames (mtu: 9000) where every switch between the hosts does.
  kvm-mirror:networks:
    replication: { cidr: ${answers.replication}, bridge: ${replication} }
    storage: { cidr: ${answers.storage}, bridge: ${storage} }
    management: { cidr: ${answers.management}, bridge: ${management}, gateway: ${gateway}, dns: [${gateway}] }

  kvm-mirror:ssh:
    authorizedKeys: [${JSON.stringify(answers.publicKey)}]

  kvm-mirror:mirrors:
${mirror(first, one, answers.firstMirror)}${mirror(second, other, answers.secondMirror)}
  kvm-mirror:groups:
    main: { vip: ${answers.vip}, preferredMirror: ${first} }

  # minor never changes: device and port follow from it.
  kvm-mirror:volumes:
    ${volume}: { size: ${answers.size}, minor: 0, exports: { ${protocol}: ${iqn === "" ? "{}" : `{ iqn: ${JSON.stringify(iqn)} }`} } }
${client === "none" ? "" : clientText(answers, one, other)}`;
}

const clientText = ({ client, volume, protocol }: Answers, one: string, other: string): string => `
  # The domain exists on both hosts and stays the VM team's; only its disk is attached.
  kvm-mirror:clients:
    ${JSON.stringify(client)}:
      active: ${one}
      hosts: [${one}, ${other}]
      existing: true
      disks:
        - { volume: ${volume}, protocol: ${protocol}, target: vdb }
`;
