import { describe, expect, test } from "vitest";
import { type Asker, interview } from "../../../../src/operate/begin/interview.ts";
import { hostNames, type Known, questions } from "../../../../src/operate/begin/questions.ts";
import { stackText } from "../../../../src/operate/begin/stackText.ts";

const publicKey =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILn77uKx0gsx5P4txNmhjUBPP8n9Vq61sB0s1dt1DPW8 operator@example.net";
const known: Known = { publicKeys: [publicKey], takenMirrors: [], environment: "staging", month: "2026-11" };
const needed = {
  "First KVM host": "qemu+ssh://root@kvm-a.example.net/system",
  "Second KVM host": "qemu+ssh://root@kvm-b.example.net/system",
  "Storage network": "10.20.0.0/24",
  "Replication network": "10.10.0.0/24",
  "Management network": "10.30.0.0/24",
  "Name of the first volume": "orders",
  "Its size": "500GiB",
};

/** Answers by the beginning of the question, each in turn; Enter for every other. */
function operator(answers: Readonly<Record<string, string | readonly string[]>>) {
  const said: string[] = [];
  const left = Object.entries(answers).map(([begin, one]) => ({
    begin,
    with: typeof one === "string" ? [one] : [...one],
  }));
  const asker: Asker = {
    say: (line) => void said.push(line),
    ask: async (prompt) => {
      said.push(prompt);
      if (said.length > 60) throw new Error(`it asks for ever: ${said.join("\n")}`);
      return left.find(({ begin }) => prompt.startsWith(begin))?.with.shift() ?? "";
    },
  };
  return { asker, said };
}
const sealed = { encryption: { encryptionsalt: "v1:salt=" }, secret: "v1:sealed=" };

describe("kvm-mirror new", () => {
  test("asks seven questions that have no default, and writes a whole stack file", async () => {
    const { asker, said } = operator({ ...needed, "VM on both hosts": "orders-db" });
    const answers = await interview(asker, known);
    expect(said).toHaveLength(questions.length - 1);
    expect(said.filter((prompt) => !prompt.includes("["))).toHaveLength(7);
    expect(stackText(answers, sealed)).toMatchInlineSnapshot(`
      "# yaml-language-server: $schema=../docs/stack.schema.json
      # Every key with unit and default: docs/configuration.md
      encryptionsalt: v1:salt=
      config:
        # The stack's own secret, encrypted. Every other one is derived from it.
        kvm-mirror:secret:
          secure: v1:sealed=

        kvm-mirror:hosts:
          kvm-a: { uri: "qemu+ssh://root@kvm-a.example.net/system", storageAddress: 10.20.0.2 }
          kvm-b: { uri: "qemu+ssh://root@kvm-b.example.net/system", storageAddress: 10.20.0.3 }

        # Replication takes jumbo frames (mtu: 9000) where every switch between the hosts does.
        kvm-mirror:networks:
          replication: { cidr: 10.10.0.0/24, bridge: br-replication }
          storage: { cidr: 10.20.0.0/24, bridge: br-storage }
          management: { cidr: 10.30.0.0/24, bridge: br-management, gateway: 10.30.0.1, dns: [10.30.0.1] }

        kvm-mirror:ssh:
          authorizedKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILn77uKx0gsx5P4txNmhjUBPP8n9Vq61sB0s1dt1DPW8 operator@example.net"]

        kvm-mirror:mirrors:
          mirror-a: { host: kvm-a, replication: 10.10.0.11, storage: 10.20.0.11, management: 10.30.0.11 }
          mirror-b: { host: kvm-b, replication: 10.10.0.12, storage: 10.20.0.12, management: 10.30.0.12 }

        kvm-mirror:groups:
          main: { vip: 10.20.0.10, preferredMirror: mirror-a }

        # minor never changes: device and port follow from it.
        kvm-mirror:volumes:
          orders: { size: 500GiB, minor: 0, exports: { nbd: {} } }

        # The domain exists on both hosts and stays the VM team's; only its disk is attached.
        kvm-mirror:clients:
          "orders-db":
            active: kvm-a
            hosts: [kvm-a, kvm-b]
            existing: true
            disks:
              - { volume: orders, protocol: nbd, target: vdb }
      "
    `);
  });

  test("without a client leaves that block out", async () => {
    const answers = await interview(operator(needed).asker, known);
    expect(stackText(answers, sealed)).not.toContain("clients");
  });

  test.each([
    [needed["First KVM host"], "iqn.2026-11.net.example:orders"],
    ["qemu+ssh://root@192.0.2.1/system", "iqn.2026-11.local.staging:orders"],
  ])("suggests a target's name after the domain of %s", async (host, name) => {
    const { asker } = operator({ ...needed, "First KVM host": host, "Exported by": "iscsi" });
    const answers = await interview(asker, known);
    expect(stackText(answers, sealed)).toContain(`exports: { iscsi: { iqn: "${name}" } } }`);
  });

  test.each([
    ["First KVM host", "kvm-a.example.net", "is not the URI of a libvirt host"],
    ["Storage network", "10.20.0.5/24", "has bits behind its prefix; the network is 10.20.0.0/24"],
    ["Storage network", "fd00::/64", "IPv6 is not used here"],
    ["Bridges", "br0 br1", "has 2 words; write the names of three bridges"],
    ["Addresses that the two", "10.20.0.2 10.20.0", ": 10.20.0 is not an IPv4 address"],
    ["Names of the two", "Mirror-A mirror-b", ": Mirror-A has a name that is no host name"],
    ["Your public ssh key", "ssh-ed25519 AAAA", "is damaged"],
    ["Your public ssh key", "-----BEGIN OPENSSH PRIVATE KEY-----", "is a private key"],
    ["Name of the first volume", "all", "has a name that DRBD, nbd-server or this program use themselves"],
    ["Its size", "500GB", "write 500GiB"],
    ["Its size", "", "it has no default"],
    ["Exported by", "smb", "is neither nbd nor iscsi"],
    ["VM on both hosts", "db 1", "has a name that cannot be handed to scripts"],
  ])("asks again when %s is answered by %j", async (question, wrong, why) => {
    const right = Object.entries(needed).find(([begin]) => begin === question)?.[1] ?? "";
    const { asker, said } = operator({ ...needed, [question]: [wrong, right] });
    await interview(asker, known);
    expect(said.filter((line) => line.startsWith("  "))).toEqual([expect.stringContaining(why)]);
    expect(said).toHaveLength(questions.length + 1);
  });

  test("goes through all once more when answers do not go together, and keeps what was said", async () => {
    const { asker, said } = operator({ ...needed, "A free address in the storage": ["10.21.0.10", "10.20.0.10"] });
    const answers = await interview(asker, known);
    expect(answers.vip).toBe("10.20.0.10");
    expect(said[questions.length - 1]).toMatch(
      /kvm-mirror:groups\.main\.vip = "10\.21\.0\.10": [^]*Once more; Enter keeps/,
    );
    expect(said.at(-1)).toContain("[none]");
    expect(said[questions.length]).toContain("[qemu+ssh://root@kvm-a.example.net/system]");
  });

  test("does not name its mirrors as those of another stack file, because hosts have one list of names", async () => {
    const answers = await interview(operator(needed).asker, { ...known, takenMirrors: ["mirror-a", "mirror-b"] });
    expect(answers.mirrors).toBe("staging-a staging-b");
  });
});

test.each([
  ["qemu+ssh://root@kvm-a.example.net/system", "qemu+ssh://root@kvm-b.example.net:2222/system", ["kvm-a", "kvm-b"]],
  ["qemu+ssh://root@192.0.2.1/system", "qemu+ssh://root@192.0.2.2/system", ["kvm-a", "kvm-b"]],
  ["qemu+ssh://node.one.example/system", "qemu+ssh://node.two.example/system", ["kvm-a", "kvm-b"]],
])("hosts %s and %s are called %j", (firstHost, secondHost, names) => {
  expect(hostNames({ firstHost, secondHost })).toEqual(names);
});
