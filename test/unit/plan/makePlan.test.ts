import { describe, expect, it } from "vitest";
import { sample } from "../config/sample.ts";
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
        "backings": [
          {
            "dataDisk": {
              "bytes": 269484032,
              "generation": 1,
              "leaves": false,
              "preallocate": true,
              "serial": "r0",
              "target": "vdb",
              "volumeName": "unit.mirror-a.r0.raw",
            },
            "device": "/dev/disk/by-id/virtio-r0",
            "kind": "disk",
            "volume": "r0",
          },
          {
            "dataDisk": {
              "bytes": 1074790400,
              "generation": 1,
              "leaves": false,
              "preallocate": true,
              "serial": "r1",
              "target": "vdc",
              "volumeName": "unit.mirror-a.r1.raw",
            },
            "device": "/dev/disk/by-id/virtio-r1",
            "kind": "disk",
            "volume": "r1",
          },
        ],
        "host": "kvm-a",
        "hostKey": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAeQV/StXVH7bMtoTK209SNQ+K0GE1QYTSe1bjEFBjDm",
        "image": {
          "checksum": "sha256sums:https://cloud-images.ubuntu.com/releases/jammy/release/SHA256SUMS",
          "format": "qcow2",
          "source": "https://cloud-images.ubuntu.com/releases/jammy/release/ubuntu-22.04-server-cloudimg-amd64.img",
          "volumeName": "unit.image-6c401419.qcow2",
        },
        "managementAddress": "10.30.0.11",
        "marksDisk": {
          "bytes": 2097152,
          "preallocate": true,
          "serial": "kvm-mirror.marks",
          "target": "vdzy",
          "volumeName": "unit.mirror-a.marks",
        },
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
            "exports": {
              "ports": {
                "iscsi": 3260,
                "nbd": 10809,
              },
              "prefix": 24,
              "vip": "10.20.0.10",
            },
            "name": "main",
            "preferred": "mirror-a",
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
            "exports": {
              "nbd": {
                "name": "r0",
                "port": 10809,
              },
            },
            "generation": 1,
            "group": "main",
            "minor": 0,
            "name": "r0",
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
            "exports": {
              "iscsi": {
                "iqn": "iqn.2026-11.net.example:r1",
                "lun": 1,
                "port": 3260,
                "scsiId": "KVM-MIRR7b4992295527b070",
                "scsiSn": "7b4992295527b070",
              },
              "nbd": {
                "name": "spare",
                "port": 10809,
              },
            },
            "generation": 1,
            "group": "main",
            "minor": 1,
            "name": "r1",
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
    expect(
      plan.clients.map(({ machines, ...client }) => ({ ...client, machines: machines?.length })),
    ).toMatchInlineSnapshot(`
      [
        {
          "active": "kvm-a",
          "disks": [
            {
              "address": "10.20.0.10",
              "bus": "virtio",
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
