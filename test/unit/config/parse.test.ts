import { describe, expect, it } from "vitest";
import { checkIqn } from "../../../src/config/exports/iscsi/iqn.ts";
import { notesOf } from "../../../src/check/notes.ts";
import { parseConfig } from "../../../src/check/parse.ts";
import { ConfigError } from "../../../src/config/problem.ts";
import { makePlan } from "../../../src/plan/makePlan.ts";
import { type Changes, changed, mistakes, oneHost, sample } from "./sample.ts";

describe("a sound configuration", () => {
  it("has nothing wrong", () => {
    expect(mistakes({})).toBe("nothing");
  });

  it("gets the defaults of a mirror pair", () => {
    const {
      machine,
      image,
      allowSameHost,
      protectData,
      bootDeadline,
      keyGeneration,
      ssh,
      groups,
      volumes,
      hosts,
      clients,
    } = parseConfig(sample);
    expect({
      machine,
      image,
      allowSameHost,
      protectData,
      bootDeadline,
      keyGeneration,
      user: ssh.user,
      groups,
      r0: volumes["r0"],
      kvmA: hosts["kvm-a"],
      machineOfClient: clients["app-1"]?.machine,
    }).toMatchInlineSnapshot(`
      {
        "allowSameHost": false,
        "bootDeadline": 1200,
        "groups": {
          "main": {
            "iscsiPort": 3260,
            "nbdPort": 10809,
            "preferredMirror": "mirror-a",
            "vip": "10.20.0.10",
          },
        },
        "image": {
          "checksum": "sha256sums:https://cloud-images.ubuntu.com/releases/jammy/release/SHA256SUMS",
          "format": "qcow2",
          "source": "https://cloud-images.ubuntu.com/releases/jammy/release/ubuntu-22.04-server-cloudimg-amd64.img",
        },
        "keyGeneration": 1,
        "kvmA": {
          "keepalive": true,
          "pool": "default",
          "storageAddress": "10.20.0.2",
          "uri": "qemu+ssh://root@kvm-a.example.net/system",
          "virtualization": "kvm",
        },
        "machine": {
          "memory": 4294967296,
          "osDisk": 10737418240,
          "vcpus": 2,
        },
        "machineOfClient": {
          "management": "10.30.0.21",
          "memory": 4294967296,
          "osDisk": 10737418240,
          "vcpus": 2,
        },
        "protectData": true,
        "r0": {
          "backing": "disk",
          "exports": {
            "nbd": {},
          },
          "generation": 1,
          "leaves": false,
          "minor": 0,
          "provisioning": "full",
          "replication": {
            "degrWfcTimeout": 60,
            "firstSyncDeadline": 3600,
            "protocol": "C",
            "resyncRate": "100M",
            "waitForFirstSync": false,
            "wfcTimeout": 15,
          },
          "size": 268435456,
        },
        "user": "storage",
      }
    `);
  });

  it("is read in the order of names, which Pulumi keeps", () => {
    const { r0, r1 } = sample.volumes;
    expect(Object.keys(parseConfig(changed({ volumes: { r1, r0 } })).volumes)).toEqual(["r0", "r1"]);
  });

  it("may keep both mirrors on one host when it says so, on networks of that host", () => {
    expect(mistakes(oneHost)).toBe("nothing");
  });
});

describe("a configuration with mistakes", () => {
  it("is refused once, with all of them, in the words of the stack file", () => {
    const raw = changed({
      "volumes.r0.size": "256MB",
      "mirrors.mirror-b.storage": "10.21.0.12",
      "hosts.kvm-a.pol": "fast",
      "groups.main.preferredMirror": "mirror-x",
      secret: undefined,
    });
    expect(() => parseConfig(raw)).toThrowErrorMatchingInlineSnapshot(`
      [ConfigError: The stack's configuration has 5 mistakes; nothing was changed.
        - kvm-mirror:secret: is missing; every secret of the stack is derived from it. Make it with: printf 'stack-%s' "$(openssl rand -hex 32)" | pulumi config set --secret kvm-mirror:secret
        - kvm-mirror:hosts.kvm-a.pol: is no key (did you mean "pool"?)
        - kvm-mirror:volumes.r0.size = "256MB": has the unit MB; sizes are in units of 1024: write 256MiB
        - kvm-mirror:mirrors.mirror-b.storage = "10.21.0.12": is outside the storage network 10.20.0.0/24; use 10.20.0.1 to 10.20.0.254
        - kvm-mirror:groups.main.preferredMirror = "mirror-x": is no mirror; there are mirror-a and mirror-b]
    `);
  });

  it("names the mistakes for programs, too", () => {
    try {
      parseConfig(changed({ "volumes.r0.minor": 1 }));
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError);
      expect((error as ConfigError).problems).toMatchInlineSnapshot(`
        [
          {
            "key": "kvm-mirror:volumes.r1.minor",
            "text": "is the minor of volume r0 already; device and port follow from it: give each volume its own",
            "value": 1,
          },
        ]
      `);
    }
  });

  it("says nothing about what it could not read", () => {
    expect(
      mistakes({
        "mirrors.mirror-a.host": 7,
        "networks.storage.cidr": "10.20.0.0",
        "volumes.r1.exports.iscsi.iqn": "r1",
      }),
    ).toMatchInlineSnapshot(`
      "kvm-mirror:networks.storage.cidr = "10.20.0.0": is not a network; write network address/prefix, for example 10.20.0.0/24
      kvm-mirror:mirrors.mirror-a.host = 7: is not what belongs here; write a text
      kvm-mirror:volumes.r1.exports.iscsi.iqn = "r1": is not an iSCSI name; write iqn.<year>-<month>.<reversed domain>:<name>, for example iqn.2026-11.net.example:r0"
    `);
  });

  it("names everything that an empty configuration lacks", () => {
    expect(() => parseConfig({})).toThrowErrorMatchingInlineSnapshot(`
      [ConfigError: The stack's configuration has 9 mistakes; nothing was changed.
        - kvm-mirror:secret: is missing; every secret of the stack is derived from it. Make it with: printf 'stack-%s' "$(openssl rand -hex 32)" | pulumi config set --secret kvm-mirror:secret
        - kvm-mirror:hosts: names no KVM host; the mirrors need two
        - kvm-mirror:networks.replication: is missing: replication, storage and management are three networks
        - kvm-mirror:networks.storage: is missing: replication, storage and management are three networks
        - kvm-mirror:networks.management: is missing: replication, storage and management are three networks
        - kvm-mirror:ssh.authorizedKeys: has no key; nobody, and no step of \`pulumi up\`, could log in to the mirrors: add your public SSH key
        - kvm-mirror:mirrors: names no mirror; a stack has exactly two mirrors, each the other's copy
        - kvm-mirror:groups: names no group; a group says which volumes move together, and where they are preferred: add one
        - kvm-mirror:volumes: names no volume; there is nothing to replicate: add one]
    `);
  });

  it("never shows the secret", () => {
    expect(mistakes({ secret: "hunter2" })).not.toContain("hunter2");
  });
});

describe("an existing client", () => {
  const named = (name: string, block: object): Record<string, unknown> => {
    const raw = changed({ "clients.db-1": undefined });
    return { ...raw, clients: { ...(raw["clients"] as object), [name]: block } };
  };
  const existing = { active: "kvm-b", existing: true, disks: [{ volume: "r1", protocol: "iscsi", target: "sdc" }] };

  it.each(["DB_1.prod", "Windows-2022", "a+b", "1st"])("may have the name that its domain has: %s", (name) => {
    const { clients } = makePlan(parseConfig(named(name, existing)), { project: "kvm-mirror", stack: "unit" });
    const iqn = `iqn.2026-11.net.example:r1:${name.toLowerCase().replace(/[_+]/g, "-")}.kvm-b`;
    expect(clients.find((client) => client.name === name)?.disks[0]).toMatchObject({ initiators: { "kvm-b": iqn } });
    expect(checkIqn(iqn)).toBe(iqn);
  });

  it("is one whose name scripts can be given, and a machine of ours has a host name", () => {
    expect(() => parseConfig(named("db 1", existing))).toThrow(
      'kvm-mirror:clients["db 1"]: has a name that cannot be handed to scripts; rename the domain (virsh domrename)',
    );
    expect(() => parseConfig(named("DB_1", { active: "kvm-b", machine: { management: "10.30.0.31" } }))).toThrow(
      "kvm-mirror:clients.DB_1: has a name that is no host name",
    );
  });

  it("does not share its iSCSI initiator's name with another one", () => {
    const raw = named("DB_1", existing);
    const second = { ...existing, disks: [{ volume: "r0", protocol: "iscsi", target: "sdd" }] };
    const volumes = raw["volumes"] as { r0: object };
    const exported = { ...volumes, r0: { ...volumes.r0, exports: { iscsi: { iqn: "iqn.2026-11.net.example:r0" } } } };
    const clients = { DB_1: existing, "db-1": second };
    expect(() => parseConfig({ ...raw, volumes: exported, clients })).toThrow(
      "kvm-mirror:clients.db-1: has the iSCSI initiator names of client DB_1: they are written in lower case, with " +
        "hyphens; rename one",
    );
  });
});

describe("the stack's name", () => {
  const said = (stack: string, changes: Changes = {}) => {
    try {
      makePlan(parseConfig(changed(changes)), { project: "kvm-mirror", stack });
      return "nothing";
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return error.problems.map(({ key, value, text }) => `${key} = ${String(value)}: ${text}`).join("\n");
    }
  };
  const third = {
    "hosts.kvm-a.fenceAddress": "10.30.0.2",
    failover: { mode: "automatic", qdevice: { address: "192.0.2.7" } },
  };

  it.each(["prod", "prod.eu", "Prod_1", "x".repeat(93)])("may be %s", (stack) => {
    expect(said(stack)).toBe("nothing");
  });

  it("leaves room for the names that are made from it", () => {
    expect(said("x".repeat(100))).toBe(
      `the stack's name = ${"x".repeat(100)}: is too long: ${"x".repeat(100)}.image-6c401419.qcow2 would have 121 ` +
        "characters, libvirt's objects have at most 120; use one of at most 99, or shorter names of machines and " +
        "volumes (pulumi stack rename)",
    );
    expect(said("x".repeat(53), third)).toBe("nothing");
    expect(said("x".repeat(54), third)).toMatch(
      /is too long for the certificate of a third vote; use one of at most 53 characters \(pulumi stack rename\)$/,
    );
  });

  it("begins as a file's name may", () => {
    expect(said("-x")).toBe(
      "the stack's name = -x: is none for networks and files; it must begin with a letter or a digit " +
        "(pulumi stack rename)",
    );
  });
});

it("says where DRBD cuts a wait, unless it is the default, of which the reference says it", () => {
  const notes = (replication: object) => notesOf(parseConfig(changed({ "volumes.r0.replication": replication })));
  expect(notes({})).toEqual([]);
  expect(notes({ wfcTimeout: 0, degrWfcTimeout: 120 })).toEqual([]);
  expect(notes({ wfcTimeout: 120 })).toEqual([]);
  expect(notes({ degrWfcTimeout: 120 })).toEqual([
    "kvm-mirror:volumes.r0.replication.degrWfcTimeout = 120: DRBD waits no longer than wfcTimeout, 15 s; raise " +
      "wfcTimeout, or lower this",
  ]);
});

it("a key that was misspelt is said once", () => {
  expect(mistakes({ "volumes.r0": { sise: "1GiB", minor: 0, exports: { nbd: {} } } })).toBe(
    'kvm-mirror:volumes.r0.sise: is no key (did you mean "size"?)',
  );
});
