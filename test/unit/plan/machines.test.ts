import { describe, expect, it } from "vitest";
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
        "sharedDisks": [],
        "sshTarget": "storage@10.30.0.11",
        "storageAddress": "10.20.0.11",
        "uuid": "c190d94e-121d-54a0-8619-f402c4b278dd",
        "vcpus": 2,
      }
    `);
  });
});
