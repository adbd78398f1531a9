import { describe, expect, it } from "vitest";
import { sample } from "../config/sample.ts";
import { planOf } from "../render/sample.ts";

const plan = planOf();

describe("the plan", () => {
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
            "backing": "disk",
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
            "backing": "disk",
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
          "permits": true,
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
          "permits": true,
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
