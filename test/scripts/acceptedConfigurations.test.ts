/** What the configuration accepts, the programs that it is for can read: the same mutations of sound stack files. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { domainInputs } from "../../plugins/libvirt/domain/domainInputs.ts";
import { renderDomain } from "../../plugins/libvirt/domain/domainXml.ts";
import { networkUuid } from "../../plugins/libvirt/network/network.ts";
import { networkInputs } from "../../plugins/libvirt/network/networkInputs.ts";
import { renderNetwork } from "../../plugins/libvirt/network/networkXml.ts";
import { parseConfig } from "../../src/check/parse.ts";
import { ConfigError } from "../../src/config/problem.ts";
import { type Recorded, record } from "../graph/record.ts";
import { type Documents, documentsOf } from "../unit/config/documents.ts";
import { mutated, randomNumbers, type Raw, soundConfigurations } from "../unit/config/mutations.ts";

const repository = resolve(import.meta.dirname, "../..");
/** Accepted mutations of each sound configuration. */
const accepted = 4;
const folder = mkdtempSync(join(tmpdir(), "kvm-mirror-accepted-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const run = (command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): string =>
  execFileSync(command, args, { encoding: "utf8", stdio: "pipe", env: { ...process.env, ...env } });

/** Each sound configuration, and mutations of it that are accepted. */
function configurations(): readonly { readonly raw: Raw; readonly documents: Documents }[] {
  return soundConfigurations().flatMap((raw, index) => {
    const random = randomNumbers(100 + index);
    const found = [{ raw, documents: documentsOf(parseConfig(raw)) }];
    for (let round = 0; found.length <= accepted; round++) {
      if (round > 2000) throw new Error(`configuration ${index}: hardly a mutation is accepted`);
      const changed = mutated(raw, random);
      const documents = documentsIfAccepted(changed);
      if (documents) found.push({ raw: changed, documents });
    }
    return found;
  });
}

function documentsIfAccepted(raw: Raw): Documents | undefined {
  try {
    return documentsOf(parseConfig(raw));
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

describe("what is accepted is read", () => {
  let all: ReturnType<typeof configurations>;
  beforeAll(() => {
    all = configurations();
  });

  it("by drbdadm", () => {
    for (const { raw, documents } of all) {
      const path = file("drbd.conf", documents.drbd);
      expect(
        run("drbdadm", ["-c", path, "dump"], { DRBD_DRIVER_VERSION_OVERRIDE: "8.4.11" }),
        JSON.stringify(raw),
      ).toContain("resource");
    }
  });

  it("by PyYAML, with which cloud-init reads it, as it was meant", () => {
    const script =
      "import json, sys, yaml; print(json.dumps([yaml.safe_load(text) for text in json.load(open(sys.argv[1]))]))";
    for (const { raw, documents } of all) {
      const path = file("documents.json", JSON.stringify(documents.yaml));
      const read = JSON.parse(run("/usr/bin/python3", ["-c", script, path])) as {
        users?: { ssh_authorized_keys: unknown }[];
      }[];
      const [identity] = read;
      expect(
        read.every((one) => typeof one === "object" && one !== null),
        JSON.stringify(raw),
      ).toBe(true);
      expect(identity?.users?.[0]?.ssh_authorized_keys).toEqual(documents.plan.authorizedKeys);
    }
  });

  it("by corosync and by Pacemaker", () => {
    const empty = run("cibadmin", ["--empty"]);
    let clusters = 0;
    for (const { raw, documents } of all) {
      if (documents.cib === undefined || documents.corosync === undefined) continue;
      clusters++;
      const key = file("authkey", "x".repeat(256));
      // It asks for a node of this machine's name.
      const config = documents.corosync
        .replace("totem {\n", `totem {\n    keyfile: ${key}\n`)
        .replace(/^( *name: ).*$/m, `$1${hostname()}`);
      run("corosync", ["-t", "-c", file("corosync.conf", config)]);
      const merge = [
        join(repository, "scripts/guest/placement/lib/merge_cib.py"),
        file("current.xml", empty),
        file("ours.xml", documents.cib),
      ];
      const cib = file("cib.xml", run("python3", merge));
      expect(() => run("crm_verify", ["--xml-file", cib, "-VV"]), JSON.stringify(raw)).not.toThrow();
    }
    expect(clusters).toBeGreaterThan(10);
  });

  it("a client's disk, by libvirt's schema", () => {
    const around = renderDomain(domainInputs.parse(guest), "qemu", [{ name: "default", dir: "/pool" }], owner);
    const paths = all.flatMap(({ documents }, index) =>
      documents.disks.map((disk, number) => {
        // The schema of Debian 12's libvirt does not know the element (nbdForm.ts).
        const known = disk.replace(/ *<reconnect [^>]*>\n/, "");
        return file(`disk-${index}-${number}.xml`, around.replace("<devices>", `<devices>${known}`));
      }),
    );
    expect(paths.length).toBeGreaterThan(20);
    validate("domain", paths);
  });
});

const owner = { stack: "kvm-mirror/fuzzed", resource: "any" };
const guest = {
  name: "any",
  uuid: "b0a1f5a4-3f0e-4c58-9d55-0f6d0e1c2b3a",
  memory: 512,
  vcpu: 1,
  disks: [],
  interfaces: [],
};

function validate(schema: "domain" | "network", paths: readonly string[]): void {
  expect(paths.length).toBeGreaterThan(0);
  run("xmllint", ["--noout", "--relaxng", `/usr/share/libvirt/schemas/${schema}.rng`, ...paths]);
}

describe("the resources of what is accepted", () => {
  beforeEach(() => {
    process.chdir(join(repository, "src"));
    return () => process.chdir(repository);
  });

  async function resourcesOf(raw: Raw): Promise<Recorded[]> {
    vi.resetModules();
    const config = Object.entries(raw).map(([key, value]) => [
      `kvm-mirror:${key}`,
      typeof value === "string" ? value : JSON.stringify(value),
    ]);
    const program = async () => (await import("../../src/main.ts")).inventory;
    // What is accepted, an older host may lack: that is said when it is known what runs there (qemuDisk.ts).
    const newest = { libvirt: "11.0.0", qemu: "10.0.0" };
    return record("fuzzed", Object.fromEntries(config), program, ["kvm-mirror:monitoring"], newest);
  }

  it("have names of their own, and domains and networks that libvirt's schema takes", async () => {
    mkdirSync(join(folder, "xml"));
    const domains: string[] = [];
    const networks: string[] = [];
    for (const [index, raw] of soundConfigurations().entries()) {
      const random = randomNumbers(200 + index);
      let changed = mutated(raw, random);
      while (documentsIfAccepted(changed) === undefined) changed = mutated(raw, random);
      const resources = await resourcesOf(changed);
      // Of all that is made in two kinds of components, and could have one name, the OS disk is another thing.
      const urns = resources.map(({ type, name, options }) => `${type}::${name} ${String(options["ignoreChanges"])}`);
      expect(
        urns.filter((urn, at) => urns.indexOf(urn) !== at),
        JSON.stringify(changed),
      ).toEqual([]);
      for (const { type, name, inputs } of resources) {
        if (type === "libvirt:index:Domain") {
          const domain = domainInputs.parse({ ...(inputs as object), type: "qemu" });
          const pools = [...new Set(domain.disks.map(({ source }) => source.pool))].map((pool) => ({
            name: pool,
            dir: "/pool",
          }));
          domains.push(file(`xml/${index}-${name}.xml`, renderDomain(domain, "qemu", pools, owner)));
        }
        if (type === "libvirt:index:Network") {
          const network = networkInputs.parse(inputs);
          networks.push(file(`xml/${index}-${name}.xml`, renderNetwork(network, networkUuid(network.name), owner)));
        }
      }
    }
    validate("domain", domains);
    validate("network", networks);
  });
});
