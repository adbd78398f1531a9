import { readdirSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { graph, inProgramsPlace, root } from "./graph.ts";
import type { Recorded } from "./record.ts";

const stacks = readdirSync(`${root}stacks`).map((file) => file.replace(/^Pulumi\.(.*)\.yaml$/, "$1"));

inProgramsPlace();

describe.each(stacks)("stack %s", (stack) => {
  let resources: Recorded[];
  beforeAll(async () => {
    process.chdir(`${root}src`);
    resources = await graph(stack);
  });

  // Of lab-fifty it would be fifty times the same, which nobody would read: lab-lvm has one of each.
  if (stack !== "lab-fifty")
    it("registers the committed resource graph", async () => {
      await expect(`${JSON.stringify(resources, undefined, 2)}\n`).toMatchFileSnapshot(`./expected/${stack}.json`);
    });

  it("puts no secret in plain inputs", () => {
    const text = JSON.stringify(resources);
    expect(text).not.toContain("PRIVATE KEY");
    expect(text).not.toMatch(/shared-secret \\*"/);
    expect(text).toContain("<secret>");
  });

  it("keeps secret what a command prints that is given a secret", () => {
    const given = resources.filter(
      ({ type, inputs }) => type === "command:local:Command" && JSON.stringify(inputs).includes("<secret>"),
    );
    expect(given.length).toBeGreaterThan(0);
    // The official plugin hides no output on its own because an input is secret.
    for (const { name, options } of given) expect(options.additionalSecretOutputs, name).toEqual(["stdout", "stderr"]);
  });

  it("holds no path of a machine", () => {
    expect(JSON.stringify(resources)).not.toContain(root.replace(/\/$/, ""));
  });

  it("exports a volume only after every mirror has its metadata and the first sync has begun", () => {
    const byName = new Map(resources.map((resource) => [resource.name, resource]));
    const reaches = (from: string, to: string, seen = new Set<string>()): boolean => {
      if (from === to) return true;
      if (seen.has(from)) return false;
      seen.add(from);
      return ((byName.get(from)?.options.dependsOn as string[] | undefined) ?? []).some((next) =>
        reaches(next, to, seen),
      );
    };
    const starts = resources.filter((resource) => /-(start|place)$/.test(resource.name));
    expect(starts.length).toBeGreaterThan(0);
    const metadata = resources.filter((resource) => /-metadata$/.test(resource.name));
    expect(metadata.length).toBeGreaterThan(0);
    for (const { name } of metadata)
      expect(
        starts.some((start) => reaches(start.name, name)),
        name,
      ).toBe(true);
    const attachments = resources.filter((resource) => JSON.stringify(resource.inputs).includes("attach-disk.sh"));
    for (const attachment of attachments)
      expect(
        starts.some((start) => reaches(attachment.name, start.name)),
        attachment.name,
      ).toBe(true);
  });
});

it("another preferred mirror changes no command done once on a mirror, nor where a preload is done", async () => {
  const volume = {
    size: "256MiB",
    minor: 0,
    exports: { nbd: {} },
    preload: { source: "/tmp/image", checksum: `sha256:${"a".repeat(64)}` },
  };
  const of = async (preferredMirror: string) =>
    new Map(
      (
        await graph("lab", {
          "kvm-mirror:volumes": JSON.stringify({ r0: volume }),
          "kvm-mirror:groups": JSON.stringify({ main: { vip: "10.20.0.10", preferredMirror } }),
          "kvm-mirror:clients": "{}",
        })
      ).map((resource) => [resource.name, resource]),
    );
  const [before, after] = [await of("mirror-a"), await of("mirror-b")];
  expect([...after.keys()]).toEqual([...before.keys()]);
  const changed = [...before]
    .filter(([name, { inputs }]) => JSON.stringify(inputs) !== JSON.stringify(after.get(name)?.inputs))
    .map(([name]) => name);
  // They run again, ask both mirrors what was done, and find it done
  // (test/scripts/history.test.ts); the start moves the group.
  expect(changed.sort()).toEqual(["inventory", "main-start", "r0-first-sync", "r0-preload"]);
});

it("nothing is touched before it is sure that the mode of failover may be what the stack file says", async () => {
  for (const stack of ["lab", "lab-automatic"]) {
    const resources = await graph(stack);
    const byName = new Map(resources.map((resource) => [resource.name, resource]));
    const waits = (name: string, seen = new Set<string>()): boolean => {
      if (name === "failover-mode") return true;
      if (seen.has(name)) return false;
      seen.add(name);
      const options = byName.get(name)?.options;
      return [
        ...((options?.dependsOn as string[] | undefined) ?? []),
        ...(options?.provider === undefined ? [] : [options.provider as string]),
      ].some((next) => waits(next, seen));
    };
    const touching = resources.filter(({ type }) => /^(command|libvirt|pulumi:providers):/.test(type));
    expect(touching.length).toBeGreaterThan(20);
    expect(touching.filter(({ name }) => !waits(name)).map(({ name }) => name)).toEqual([]);
  }
});

it("a data disk is protected until the stack file says that its volume leaves", async () => {
  const disks = async (leaves: boolean) =>
    (
      await graph("production", {
        "kvm-mirror:volumes": JSON.stringify({ orders: { size: "1GiB", minor: 0, exports: { nbd: {} }, leaves } }),
      })
    )
      .filter(({ name }) => name.endsWith("-orders") && name.startsWith("mirror-"))
      .map(({ options }) => [options.protect, options.retainOnDelete]);
  expect(await disks(false)).toEqual([
    [true, true],
    [true, true],
  ]);
  // Unprotected, and still never deleted.
  expect(await disks(true)).toEqual([
    [false, true],
    [false, true],
  ]);
});

it("a third vote's certificate is there before the mirrors become members", async () => {
  const resources = await graph("lab-automatic", {
    "kvm-mirror:failover": JSON.stringify({
      mode: "automatic",
      qdevice: { address: "10.30.0.4", login: "vote@10.30.0.4:2222" },
    }),
  });
  const named = (name: string): Recorded | undefined => resources.find((resource) => resource.name === name);
  expect(named("qdevice-certificate")).toMatchObject({
    inputs: {
      create: expect.stringMatching(
        /^bash \S+\/qdevice-certificate\.sh vote@10\.30\.0\.4:2222 kvm-mirror-lab-automatic storage@10\.30\.0\.11 /,
      ) as string,
    },
    options: { dependsOn: ["mirror-a-settings", "mirror-b-settings"] },
  });
  for (const mirror of ["mirror-a", "mirror-b"])
    expect(named(`${mirror}-cluster`)?.options.dependsOn).toContain("qdevice-certificate");
});

it(
  "a client that leaves a KVM host is started elsewhere only after that host " +
    "has said that it is off there, with disks or without",
  async () => {
    const client = { active: "kvm-b", hosts: ["kvm-b"], machine: { management: "10.30.0.21" }, disks: [] };
    const resources = await graph("lab", { "kvm-mirror:clients": JSON.stringify({ "app-1": client }) });
    const named = (name: string): Recorded | undefined => resources.find((resource) => resource.name === name);
    expect(named("app-1-elsewhere")).toMatchObject({
      inputs: {
        create: expect.stringMatching(
          /elsewhere\.sh app-1 [0-9a-f-]{36} kvm-mirror\/lab kvm-b machine kvm-a qemu\+ssh:\S+\/system$/,
        ) as string,
        environment: { ACTIVE: "kvm-b" },
      },
    });
    expect(named("app-1-kvm-b-state")?.options.dependsOn).toContain("app-1-elsewhere");
  },
);

describe("a group that exports nothing, beside one that does", () => {
  const groups = { main: { vip: "10.20.0.10", preferredMirror: "mirror-a" }, bare: { preferredMirror: "mirror-b" } };
  const exported = { size: "256MiB", minor: 0, group: "main", exports: { nbd: {} } };
  const of = (some: Record<string, unknown>, volumes: Record<string, unknown>) =>
    graph("lab", {
      "kvm-mirror:groups": JSON.stringify(some),
      "kvm-mirror:volumes": JSON.stringify(volumes),
      "kvm-mirror:clients": "{}",
    });
  let resources: Recorded[];
  beforeAll(async () => {
    process.chdir(`${root}src`);
    resources = await of(groups, { r0: exported, r1: { size: "256MiB", minor: 1, group: "bare" } });
  });

  it("registers the committed resources for it", async () => {
    const its = resources.filter(({ name }) => /^bare(-|$)|^r1(-|$)|-r1$/.test(name));
    await expect(`${JSON.stringify(its, undefined, 2)}\n`).toMatchFileSnapshot("./expected/group-without-exports.json");
  });

  it("changes no command of the other one, which only learns its name", async () => {
    const alone = await of({ main: groups.main }, { r0: exported });
    const key = ({ type, name }: Recorded): string => `${type} ${name}`;
    const beside = new Map(resources.map((resource) => [key(resource), JSON.stringify(resource.inputs)]));
    const changed = alone.filter((resource) => beside.get(key(resource)) !== JSON.stringify(resource.inputs));
    expect(changed.map(key)).toEqual([
      "command:local:Command inventory",
      "command:local:Command main-configuration",
      // One disk more.
      "libvirt:index:Domain mirror-a",
      "libvirt:index:Domain mirror-b",
    ]);
    const configuration = changed.find(({ name }) => name === "main-configuration");
    expect(beside.get("command:local:Command main-configuration")?.replace(" bare ", " - ")).toBe(
      JSON.stringify(configuration?.inputs),
    );
  });
});

it("a stack that exports nothing lets no KVM host out to any port", async () => {
  const firewalls = async (stack: string): Promise<readonly string[]> =>
    (await graph(stack)).map(({ name }) => name).filter((name) => /^kvm-.-firewall$/.test(name));
  expect(await firewalls("lab-alternatives")).toEqual([]);
  expect(await firewalls("lab-bench")).toEqual(["kvm-a-firewall", "kvm-b-firewall"]);
});

describe("a group that follows a client", () => {
  const moved = async (stack: string, changes: Record<string, string> = {}) => {
    const resources = await graph(stack, changes);
    return (name: string): Recorded | undefined => resources.find((resource) => resource.name === name);
  };
  const script = (one: Recorded | undefined): string | undefined =>
    /(\S+\.sh .*?) mirror-/.exec(String((one?.inputs as { create?: string } | undefined)?.create))?.[1];

  it("goes after it when it runs, and keeps it from starting in no case", async () => {
    const named = await moved("lab-two-groups");
    expect(script(named("one-start"))).toBe("../scripts/operator/place-group.sh --stay one");
    expect(script(named("one-follow"))).toBe("../scripts/operator/follow-group.sh one app-1");
    expect(named("one-follow")?.options.dependsOn).toEqual(["app-1-kvm-a-state", "one-start"]);
    expect(named("two-follow")?.options.dependsOn).toEqual(["app-2-kvm-b-state", "two-start"]);
    expect(named("app-1-kvm-a-state")?.options.dependsOn).not.toContain("one-follow");
  });

  it("does so in a cluster, too", async () => {
    const named = await moved("lab-automatic", {
      "kvm-mirror:groups": JSON.stringify({ main: { vip: "10.20.0.10", follows: "app-1" } }),
    });
    expect(script(named("main-place"))).toBe("../scripts/operator/place-in-cluster.sh --stay main");
    expect(named("main-follow")?.options.dependsOn).toEqual(["app-1-kvm-a-state", "main-place"]);
    expect(JSON.stringify(named("cluster-resources")?.inputs)).toMatch(/main-prefers[^>]*mirror-a/);
  });
});

it("at no time two hosts may start a client: the others lose their permit before the exports change", async () => {
  const resources = await graph("lab");
  const on = (name: string): unknown => resources.find((resource) => resource.name === name)?.options.dependsOn;
  expect(on("app-1-kvm-b-permit")).toEqual(["app-1-kvm-b-state", "failover-mode"]);
  expect(on("main-configuration")).toContain("app-1-kvm-b-permit");
  expect(on("app-1-kvm-a-permit")).toEqual(["app-1-kvm-b-permit", "app-1-kvm-b-state", "failover-mode", "main-start"]);
  expect(on("app-1-kvm-a-state")).toContain("app-1-kvm-a-permit");
});
