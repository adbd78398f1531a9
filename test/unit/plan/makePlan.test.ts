import { describe, expect, it } from "vitest";
import { parseConfig } from "../../../src/config/parse.ts";
import { makePlan } from "../../../src/plan/makePlan.ts";
import { changed, sample } from "../config/sample.ts";
import { planOf } from "../render/sample.ts";

const plan = planOf();

describe("the plan", () => {
  it("holds the hosts with their networks, images and ports", () => {
    expect(plan.hosts[1]).toMatchInlineSnapshot(`
      {
        "address": "10.30.0.3",
        "firewallPorts": [
          3260,
          10809,
        ],
        "images": [
          {
            "checksum": "sha256sums:https://cloud-images.ubuntu.com/releases/jammy/release/SHA256SUMS",
            "format": "qcow2",
            "source": "https://cloud-images.ubuntu.com/releases/jammy/release/ubuntu-22.04-server-cloudimg-amd64.img",
            "volumeName": "unit.image-6c401419.qcow2",
          },
        ],
        "keepalive": {
          "idle": 2,
          "interval": 1,
          "probes": 3,
        },
        "name": "kvm-b",
        "networks": [
          {
            "form": {
              "bridge": "br-replication",
              "kind": "bridge",
            },
            "mtu": 9000,
            "name": "unit-replication",
            "prefix": 24,
            "role": "replication",
          },
          {
            "form": {
              "bridge": "br-storage",
              "kind": "bridge",
            },
            "name": "unit-storage",
            "prefix": 24,
            "role": "storage",
          },
          {
            "form": {
              "bridge": "br-management",
              "kind": "bridge",
            },
            "name": "unit-management",
            "prefix": 24,
            "role": "management",
          },
        ],
        "pool": "fast",
        "storageAddress": "10.20.0.3",
        "uri": "qemu+ssh://root@10.30.0.3:2222/system",
        "virtualization": "auto",
      }
    `);
  });

  it("holds the mirrors with names, addresses and devices", () => {
    expect(plan.mirrors[0]).toMatchInlineSnapshot(`
      {
        "dataDisks": [
          {
            "bytes": 269484032,
            "device": "/dev/disk/by-id/virtio-r0",
            "serial": "r0",
            "target": "vdb",
            "volume": "r0",
            "volumeName": "unit.mirror-a.r0.raw",
          },
          {
            "bytes": 1074790400,
            "device": "/dev/disk/by-id/virtio-r1",
            "serial": "r1",
            "target": "vdc",
            "volume": "r1",
            "volumeName": "unit.mirror-a.r1.raw",
          },
        ],
        "host": "kvm-a",
        "hostKey": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBtiz9LokZfsLXyCvU8qLVe46Kt2bQIOieFfOWddCzuI",
        "image": {
          "checksum": "sha256sums:https://cloud-images.ubuntu.com/releases/jammy/release/SHA256SUMS",
          "format": "qcow2",
          "source": "https://cloud-images.ubuntu.com/releases/jammy/release/ubuntu-22.04-server-cloudimg-amd64.img",
          "volumeName": "unit.image-6c401419.qcow2",
        },
        "managementAddress": "10.30.0.11",
        "memoryMiB": 4096,
        "name": "mirror-a",
        "nics": [
          {
            "address": "10.10.0.11",
            "dns": [],
            "interface": "replication0",
            "mac": "52:54:00:81:70:d7",
            "mtu": 9000,
            "network": "unit-replication",
            "prefix": 24,
            "role": "replication",
          },
          {
            "address": "10.20.0.11",
            "dns": [],
            "interface": "storage0",
            "mac": "52:54:00:28:50:27",
            "network": "unit-storage",
            "prefix": 24,
            "role": "storage",
          },
          {
            "address": "10.30.0.11",
            "dns": [
              "10.30.0.1",
              "192.0.2.53",
            ],
            "gateway": "10.30.0.1",
            "interface": "management0",
            "mac": "52:54:00:da:c7:82",
            "network": "unit-management",
            "prefix": 24,
            "role": "management",
          },
        ],
        "osDisk": {
          "bytes": 10737418240,
          "volumeName": "unit.mirror-a.os.qcow2",
        },
        "replicationAddress": "10.10.0.11",
        "seedName": "unit.mirror-a.seed.iso",
        "sshTarget": "storage@10.30.0.11",
        "storageAddress": "10.20.0.11",
        "uuid": "c190d94e-121d-54a0-8619-f402c4b278dd",
        "vcpus": 2,
      }
    `);
  });

  it("holds groups, volumes and who is admitted", () => {
    expect({ groups: plan.groups, volumes: plan.volumes }).toMatchInlineSnapshot(`
      {
        "groups": [
          {
            "iscsiPort": 3260,
            "name": "main",
            "nbdPort": 10809,
            "prefix": 24,
            "primary": "mirror-a",
            "secondary": "mirror-b",
            "vip": "10.20.0.10",
            "volumes": [
              "r0",
              "r1",
            ],
          },
        ],
        "volumes": [
          {
            "admissions": [
              {
                "address": "10.20.0.2",
                "client": "app-1",
                "protocol": "nbd",
              },
            ],
            "bytes": 268435456,
            "device": "/dev/drbd0",
            "group": "main",
            "minor": 0,
            "name": "r0",
            "nbd": {
              "name": "r0",
              "port": 10809,
            },
            "port": 7788,
            "replication": {
              "degrWfcTimeout": 60,
              "firstSyncDeadline": 3600,
              "protocol": "C",
              "resyncRate": "100M",
              "waitForFirstSync": false,
              "wfcTimeout": 15,
            },
          },
          {
            "admissions": [
              {
                "address": "10.20.0.3",
                "client": "db-1",
                "protocol": "iscsi",
              },
            ],
            "bytes": 1073741824,
            "device": "/dev/drbd1",
            "group": "main",
            "iscsi": {
              "iqn": "iqn.2026-11.net.example:r1",
              "lun": 1,
              "port": 3260,
              "scsiId": "KVM-MIRR7b4992295527b070",
              "scsiSn": "7b4992295527b070",
            },
            "minor": 1,
            "name": "r1",
            "nbd": {
              "name": "spare",
              "port": 10809,
            },
            "port": 7789,
            "replication": {
              "degrWfcTimeout": 60,
              "firstSyncDeadline": 3600,
              "protocol": "C",
              "resyncRate": "100M",
              "waitForFirstSync": false,
              "wfcTimeout": 15,
            },
          },
        ],
      }
    `);
  });

  it("holds the clients with their disks", () => {
    expect(plan.clients.map(({ machines, ...client }) => ({ ...client, machines: machines?.length }))).toMatchInlineSnapshot(`
      [
        {
          "active": "kvm-a",
          "disks": [
            {
              "address": "10.20.0.10",
              "bus": "virtio",
              "initiators": {},
              "port": 10809,
              "protocol": "nbd",
              "serial": "r0",
              "sourceName": "r0",
              "target": "vdb",
              "volume": "r0",
            },
          ],
          "hosts": [
            "kvm-a",
            "kvm-b",
          ],
          "machines": 2,
          "name": "app-1",
        },
        {
          "active": "kvm-b",
          "disks": [
            {
              "address": "10.20.0.10",
              "bus": "sata",
              "initiators": {
                "kvm-b": "iqn.2026-11.net.example:r1:db-1.kvm-b",
              },
              "port": 3260,
              "protocol": "iscsi",
              "serial": "r1",
              "sourceName": "iqn.2026-11.net.example:r1/1",
              "target": "sdc",
              "volume": "r1",
            },
          ],
          "hosts": [
            "kvm-b",
          ],
          "machines": undefined,
          "name": "db-1",
        },
      ]
    `);
  });

  it("is the same each time, and has no secret in it", () => {
    expect(planOf()).toEqual(plan);
    expect(JSON.stringify(plan)).not.toContain(sample.secret);
    expect(JSON.stringify(plan)).not.toContain("PRIVATE");
  });
});

describe("identities", () => {
  it("of a client are the same on all its hosts", () => {
    const [one, other] = plan.clients[0]?.machines ?? [];
    expect({ ...one, host: "" }).toEqual({ ...other, host: "" });
  });

  it("differ between machines, roles and stacks", () => {
    const elsewhere = makePlan(parseConfig(sample), { project: "kvm-mirror", stack: "other" });
    const of = ({ mirrors }: typeof plan): readonly string[] => mirrors.flatMap(({ uuid, nics }) => [uuid, ...nics.map(({ mac }) => mac)]);
    const all = [...of(plan), ...of(elsewhere)];
    expect(new Set(all).size).toBe(all.length);
  });

  it("are well-formed: UUIDs of version 5, local unicast MAC addresses of QEMU", () => {
    for (const { uuid, nics } of plan.mirrors) {
      expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      for (const { mac } of nics) expect(mac).toMatch(/^52:54:00(:[0-9a-f]{2}){3}$/);
    }
  });

  it("stay when the image, the sizes or the secret's generation change; host keys follow the generation", () => {
    const next = planOf({ keyGeneration: 2, machine: { memory: "8GiB" } });
    expect(next.mirrors.map(({ uuid }) => uuid)).toEqual(plan.mirrors.map(({ uuid }) => uuid));
    expect(next.mirrors[0]?.hostKey).not.toBe(plan.mirrors[0]?.hostKey);
  });
});

describe("a volume that comes or goes", () => {
  it("moves no other volume's disk, device or port", () => {
    const more = planOf({ "volumes.a0": { size: "1GiB", minor: 7, exports: { nbd: {} } } });
    const places = ({ mirrors, volumes }: typeof plan): readonly unknown[] => [
      ...mirrors.flatMap(({ dataDisks }) => dataDisks.filter(({ volume }) => volume !== "a0")),
      ...volumes.filter(({ name }) => name !== "a0"),
    ];
    expect(places(more)).toEqual(places(plan));
    expect(more.mirrors[0]?.dataDisks[0]).toMatchObject({ volume: "a0", target: "vdi" });
  });
});

describe("networks without a bridge", () => {
  const oneHost = {
    allowSameHost: true,
    "mirrors.mirror-b.host": "kvm-a",
    "clients.app-1.hosts": undefined,
    "clients.db-1.active": "kvm-a",
    "networks.replication": { cidr: "10.10.0.0/24", isolated: true },
    "networks.storage": { cidr: "10.20.0.0/24", isolated: true },
    "networks.management": { cidr: "10.30.0.0/24", nat: true },
  };

  it("give the host the addresses that clients and guests need", () => {
    expect(planOf(oneHost).hosts[0]?.networks.map(({ role, form }) => ({ role, form }))).toMatchInlineSnapshot(`
      [
        {
          "form": {
            "kind": "isolated",
          },
          "role": "replication",
        },
        {
          "form": {
            "hostAddress": "10.20.0.2",
            "kind": "isolated",
          },
          "role": "storage",
        },
        {
          "form": {
            "hostAddress": "10.30.0.1",
            "kind": "nat",
          },
          "role": "management",
        },
      ]
    `);
  });
});

it("refuses two interfaces of one MAC address", () => {
  const config = parseConfig(changed({}));
  // Found by search: these two names meet in the 24 bits of a management interface's address.
  const { "app-1": app } = config.clients;
  if (!app) throw new Error("the sample has a client app-1");
  const machine = { ...app.machine, management: "10.30.0.22" } as NonNullable<typeof app.machine>;
  const clients = { "app-4446": { ...app, disks: [] }, "app-5099": { ...app, machine, disks: [] } };
  expect(() => makePlan({ ...config, clients }, { project: "kvm-mirror", stack: "unit" })).toThrow("would get the same MAC address");
});
