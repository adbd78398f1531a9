/** MirrorPair in programs of others, in YAML and in TypeScript: the examples of docs/components.md. */
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { Project } from "./project.ts";
import { REPOSITORY } from "./toolchain.ts";
import { cloneBeside, example, withYaml, writeProject } from "./shop.ts";

const secret = `stack-${randomBytes(32).toString("hex")}`;
let project: Project;
beforeAll(async () => {
  project = await Project.create();
  cloneBeside(project);
  withYaml(project);
  writeProject(project, example("yaml"));
  await project.succeed("stack", "init", "prod");
  await project.succeed("config", "set", "--secret", "storageSecret", secret);
});
afterAll(async () => {
  writeProject(project, example("yaml"));
  await project.succeed("state", "unprotect", "--all", "--yes");
  await project.dispose();
});

interface Program {
  readonly resources: Record<string, { type: string; properties: Record<string, Record<string, object> | string> }>;
  readonly [key: string]: unknown;
}

/** The example in YAML, with other resources. */
const withResources = (change: (resources: Program["resources"]) => Program["resources"]): string => {
  const program = parse(example("yaml")) as Program;
  return stringify({ ...program, resources: change(program.resources) }, { aliasDuplicateObjects: false });
};

/** What a preview of a program says that fails. */
async function said(program: string): Promise<string> {
  writeProject(project, program);
  const output = await project.fail("preview");
  return output.slice(output.indexOf("Diagnostics:"));
}

test("pulumi package add takes the component from a clone, as the example has it in Pulumi.yaml", async () => {
  const { packages, ...rest } = parse(example("yaml")) as Program;
  writeProject(project, stringify(rest));
  await project.succeed("package", "add", "./kvm-mirror/plugins/mirrorpair");
  const { stdout } = await project.succeed("package", "get-schema", "./kvm-mirror/plugins/mirrorpair");
  expect(JSON.parse(stdout)).toMatchObject({ name: "kvm-mirror" });
  expect(packages).toEqual({ "kvm-mirror": "./kvm-mirror/plugins/mirrorpair" });
});

test("a program in YAML makes the whole pair, and gives what clients need", async () => {
  writeProject(project, example("yaml"));
  await project.succeed("up", "--yes");
  const outputs = JSON.parse((await project.succeed("stack", "output", "--json")).stdout) as object;
  expect(outputs).toMatchObject({ ordersServer: "10.20.0.10", storageInventory: { stack: "prod.storage" } });
  await project.succeed("preview", "--expect-no-changes");
  const state = await project.state();
  expect(state.get("storage-mirror-a-orders")?.urn).toContain(
    "::kvm-mirror:index:MirrorPair$kvm-mirror:index:MirrorVm$libvirt:index:Volume::",
  );
  expect(state.get("storage-main-start")?.inputs?.["create"]).toMatch(
    /^bash kvm-mirror\/scripts\/operator\/place-group\.sh main mirror-a /,
  );
  expect(project.stored()).not.toContain(secret);
});

test("kvm-mirror finds the pair in the program's output", () => {
  const output = execFileSync(
    join(project.directory, "kvm-mirror/bin/kvm-mirror"),
    [...["inventory", "--stack", "prod.storage"]],
    { env: { ...project.env, KVM_MIRROR_PROGRAM: project.directory }, encoding: "utf8" },
  );
  expect(JSON.parse(output)).toMatchObject({ stack: "prod.storage", volumes: [{ name: "orders" }] });
});

test("the example in TypeScript is the same to Pulumi", async () => {
  const { resources: _, outputs: __, config: ___, packages: ____, ...rest } = parse(example("yaml")) as Program;
  writeProject(
    project,
    stringify({ ...rest, main: "index.ts", runtime: { name: "nodejs", options: { typescript: false } } }),
  );
  writeFileSync(join(project.directory, "index.ts"), example("ts"));
  await project.succeed("preview", "--expect-no-changes");
  const types = { extends: "./kvm-mirror/tsconfig.json", include: ["index.ts"] };
  writeFileSync(join(project.directory, "tsconfig.json"), JSON.stringify(types));
  const tsc = join(REPOSITORY, "node_modules/typescript/bin/tsc");
  expect(execFileSync(process.execPath, [tsc, "-p", project.directory], { encoding: "utf8" })).toBe("");
});

test("a mistake is one message that names the key, and no stack trace", async () => {
  const output = await said(
    withResources((resources) => {
      const volumes = { orders: { size: "500GB", exports: { nbd: {} } } };
      for (const { properties } of Object.values(resources)) Object.assign(properties, { volumes, secret: "plain" });
      return resources;
    }),
  );
  expect(output).toContain("MirrorPair storage has 2 mistakes; nothing was changed.");
  expect(output).toContain('  - volumes.orders.size = "500GB": has the unit GB');
  expect(output).toContain("  - secret: is not encrypted");
  expect(output.match(/nothing was changed/g)).toHaveLength(1);
  expect(output).not.toMatch(/kvm-mirror:volumes|unhandled|exception|ConfigError|^\s+at /m);
});

test("a key that is misspelt is found by Pulumi, from the package's schema", async () => {
  const output = await said(example("yaml").replace("minor: 0", "minr: 0"));
  expect(output).toContain("minr does not exist on 'kvm-mirror:index:MirrorPairVolume'");
});

test("what another resource makes cannot decide what a pair is", async () => {
  const output = await said(
    withResources(({ storage, ...rest }) => {
      if (!storage) throw new Error("the example has no storage");
      const random = { type: "command:local:Command", properties: { create: "openssl rand -hex 32" } };
      return {
        ...rest,
        random,
        storage: { ...storage, properties: { ...storage.properties, secret: "${random.stdout}" } },
      };
    }),
  );
  expect(output).toContain("  - secret: is not known before `up`: another resource makes it.");
});

test("two pairs are in one program, each with names of its own", async () => {
  writeProject(
    project,
    withResources(({ storage, ...rest }) => {
      if (!storage) throw new Error("the example has no storage");
      const mirror = (host: string, last: number) => ({
        host,
        ...{ replication: `10.10.0.${last}`, storage: `10.20.0.${last}`, management: `10.30.0.${last}` },
      });
      const archive = {
        ...storage.properties,
        mirrors: { "archive-a": mirror("kvm-a", 21), "archive-b": mirror("kvm-b", 22) },
        groups: { main: { vip: "10.20.0.20", preferredMirror: "archive-a" } },
        // A secret within a block.
        monitoring: { notify: { webhook: { "fn::secret": "https://chat.example.net/hooks/5f0c9d2e" } } },
      };
      return { ...rest, storage, archive: { type: storage.type, properties: archive } };
    }),
  );
  const steps = await project.preview();
  expect([...steps.values()].filter(({ op }) => op !== "create")).toEqual([]);
  expect([...steps.keys()].filter((name) => !/^archive(-|$)/.test(name))).toEqual([]);
  expect([...steps.keys()]).toEqual(expect.arrayContaining(["archive-archive-a-orders", "archive-archive-a-notify"]));
});
