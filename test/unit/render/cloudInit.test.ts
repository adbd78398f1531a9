import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { ClientPlan } from "../../../src/plan/clients/clients.ts";
import type { MirrorPlan } from "../../../src/plan/machines/mirrors.ts";
import type { NicPlan } from "../../../src/plan/machines/machine.ts";
import { clientSeed, mirrorSeed, type Seed } from "../../../src/render/machines/cloudInit.ts";
import { renderNetworkConfig } from "../../../src/render/machines/networkConfig.ts";
import { readMirrorParts } from "../../../src/render/machines/staticParts.ts";
import { keys, planOf } from "./sample.ts";

const plan = planOf();

/** A seed as one text; the private key is cut. */
function legible(seed: Seed): string {
  const parts = seed.parts.map(
    ({ filename, contentType, secret, content }) =>
      `--- ${filename} ` +
      `${contentType}${secret ? " secret" : ""}\n${content.replace(/(BEGIN OPENSSH PRIVATE KEY-----)[^-]*/, "$1…")}`,
  );
  return [...parts, `--- meta-data\n${seed.metaData}`, `--- network-config\n${seed.networkConfig}`].join("");
}

const mirror = plan.mirrors[0] as MirrorPlan;
const client = plan.clients[0] as ClientPlan;

describe("the seed of a mirror", () => {
  it("holds who it is, its keys and its networks", () => {
    expect(legible(mirrorSeed(plan, mirror, keys, []))).toMatchInlineSnapshot(`
      "--- identity.yaml text/cloud-config
      #cloud-config
      hostname: mirror-a
      preserve_hostname: false
      manage_etc_hosts: false
      ssh_pwauth: false
      disable_root: true
      users:
        - name: storage
          gecos: Operator
          shell: /bin/bash
          lock_passwd: true
          sudo:
            - ALL=(ALL) NOPASSWD:ALL
          ssh_authorized_keys:
            - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBnbjsF3/p0VV4VWSlN5VYSQOH+nb0APiwAmpsNJTb/w operator@example.net
      write_files:
        - path: /etc/hosts
          permissions: "0644"
          content: |
            127.0.0.1 localhost
            ::1 localhost ip6-localhost ip6-loopback
            10.10.0.11 mirror-a
            10.10.0.12 mirror-b
        - path: /etc/ssh/sshd_config.d/00-kvm-mirror.conf
          permissions: "0644"
          content: |
            # Written by \`pulumi up\`.
            AllowUsers storage
            PermitRootLogin no
            AuthenticationMethods publickey
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            DisableForwarding yes
            PermitTunnel no
      apt:
        proxy: http://10.30.0.1:3142
      --- host-keys.yaml text/cloud-config secret
      #cloud-config
      ssh_deletekeys: true
      ssh_keys:
        ed25519_private: |
          -----BEGIN OPENSSH PRIVATE KEY-----…-----END OPENSSH PRIVATE KEY-----
        ed25519_public: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAeQV/StXVH7bMtoTK209SNQ+K0GE1QYTSe1bjEFBjDm mirror-a
      no_ssh_fingerprints: true
      ssh:
        emit_keys_on_console: false
      --- meta-data
      instance-id: c190d94e-121d-54a0-8619-f402c4b278dd
      local-hostname: mirror-a
      --- network-config
      version: 2
      ethernets:
        replication0:
          match:
            macaddress: 52:54:00:81:70:d7
          set-name: replication0
          dhcp4: false
          dhcp6: false
          accept-ra: false
          addresses:
            - 10.10.0.11/24
          mtu: 9000
        storage0:
          match:
            macaddress: "52:54:00:28:50:27"
          set-name: storage0
          dhcp4: false
          dhcp6: false
          accept-ra: false
          addresses:
            - 10.20.0.11/24
        management0:
          match:
            macaddress: 52:54:00:da:c7:82
          set-name: management0
          dhcp4: false
          dhcp6: false
          accept-ra: false
          addresses:
            - 10.30.0.11/24
          routes:
            - to: 0.0.0.0/0
              via: 10.30.0.1
          nameservers:
            addresses:
              - 10.30.0.1
              - 192.0.2.53
      "
    `);
  });

  it("holds the static parts, each of the kind that its first line says", () => {
    const { parts } = mirrorSeed(plan, mirror, keys);
    expect(parts.slice(2)).toEqual(readMirrorParts());
    expect(parts.map(({ filename, contentType }) => `${filename} ${contentType}`).slice(2, 4)).toEqual([
      "blind.sh text/cloud-boothook",
      "updates-by-hand.sh text/cloud-boothook",
    ]);
    // The media type of the parts says that they are 7bit.
    for (const { content } of readMirrorParts("automatic")) expect(content).toMatch(/^[\n\t -~]*$/);
    for (const { content, contentType } of parts)
      expect(content).toMatch(contentType === "text/cloud-config" ? /^#cloud-config\n/ : /^#!\/(usr\/)?bin\//);
  });

  it("is ASCII, and says what it should to YAML 1.1, whatever a key's comment holds", () => {
    const comment = "José 💾 a\u2028b\u0085c\x7fd\te # - : 'f' \"g\" \\h";
    const odd = { ...plan, authorizedKeys: [`ssh-ed25519 AAAA ${comment}`] };
    const [identity] = mirrorSeed(odd, mirror, keys, []).parts;
    expect(identity?.content).toMatch(/^[\n\x20-\x7e]*$/);
    const { users } = parse(identity?.content ?? "", { version: "1.1" }) as {
      users: { ssh_authorized_keys: string[] }[];
    };
    expect(users[0]?.ssh_authorized_keys).toEqual(odd.authorizedKeys);
  });

  it("shows a private key in the secret part only", () => {
    const { parts, metaData, networkConfig } = mirrorSeed(plan, mirror, keys);
    expect(
      parts.filter(({ content }) => content.includes("PRIVATE KEY")).map(({ filename, secret }) => [filename, secret]),
    ).toEqual([["host-keys.yaml", true]]);
    expect(metaData + networkConfig).not.toContain("PRIVATE KEY");
  });

  it("sets no key of cloud-init to two values: the order of parts must not matter", () => {
    const documents = mirrorSeed(plan, mirror, keys).parts.filter(
      ({ contentType }) => contentType === "text/cloud-config",
    );
    const settings = new Map<string, Set<string>>();
    for (const [name, value] of documents.flatMap(({ content }) => Object.entries(parse(content) as object))) {
      settings.set(name, (settings.get(name) ?? new Set()).add(JSON.stringify(value)));
    }
    expect([...settings].filter(([, values]) => values.size > 1)).toEqual([]);
  });
});

describe("the seed of a client", () => {
  it("is the same on every host, with one interface", () => {
    expect(legible(clientSeed(plan, client, keys))).toMatchInlineSnapshot(`
      "--- identity.yaml text/cloud-config
      #cloud-config
      hostname: app-1
      preserve_hostname: false
      manage_etc_hosts: false
      ssh_pwauth: false
      disable_root: true
      users:
        - name: storage
          gecos: Operator
          shell: /bin/bash
          lock_passwd: true
          sudo:
            - ALL=(ALL) NOPASSWD:ALL
          ssh_authorized_keys:
            - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBnbjsF3/p0VV4VWSlN5VYSQOH+nb0APiwAmpsNJTb/w operator@example.net
      write_files:
        - path: /etc/hosts
          permissions: "0644"
          content: |
            127.0.0.1 localhost
            ::1 localhost ip6-localhost ip6-loopback
            10.30.0.21 app-1
      apt:
        proxy: http://10.30.0.1:3142
      --- host-keys.yaml text/cloud-config secret
      #cloud-config
      ssh_deletekeys: true
      ssh_keys:
        ed25519_private: |
          -----BEGIN OPENSSH PRIVATE KEY-----…-----END OPENSSH PRIVATE KEY-----
        ed25519_public: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILXMdT6+w9cZrclmnUhJxADSCiyRUs56MBQC0tz1LHh8 app-1
      no_ssh_fingerprints: true
      ssh:
        emit_keys_on_console: false
      --- meta-data
      instance-id: 869e25a3-3284-513e-bdbe-f6376a7416aa
      local-hostname: app-1
      --- network-config
      version: 2
      ethernets:
        management0:
          match:
            macaddress: 52:54:00:df:30:23
          set-name: management0
          dhcp4: false
          dhcp6: false
          accept-ra: false
          addresses:
            - 10.30.0.21/24
          routes:
            - to: 0.0.0.0/0
              via: 10.30.0.1
          nameservers:
            addresses:
              - 10.30.0.1
              - 192.0.2.53
      "
    `);
  });

  it("is for machines of ours only", () => {
    expect(() => clientSeed(plan, { ...client, machines: undefined }, keys)).toThrow(
      "client app-1 is not a machine of ours",
    );
  });
});

it("quotes what YAML 1.1 would take for a number in base 60", () => {
  const nic: NicPlan = {
    role: "storage",
    network: "n",
    interface: "storage0",
    mac: "52:54:00:12:34:56",
    address: "10.20.0.11",
    prefix: 24,
    dns: [],
  };
  const read = parse(renderNetworkConfig([nic]), { version: "1.1" }) as {
    ethernets: { storage0: { match: { macaddress: unknown } } };
  };
  expect(read.ethernets.storage0.match.macaddress).toBe(nic.mac);
});
