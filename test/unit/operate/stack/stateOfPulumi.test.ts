import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lockFolder, locksIn, pendingOperations } from "../../../../src/operate/stack/stateOfPulumi.ts";

let directory: string;
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), "kvm-mirror-state-"))));
afterEach(() => rmSync(directory, { recursive: true }));

describe("pending operations", () => {
  it("are named by type and resource, and nothing else of the state is told", () => {
    const urn = "urn:pulumi:lab::kvm-mirror::kvm-mirror:Mirror$command:local:Command::mirror-a-settings";
    const operation = { type: "creating", resource: { urn, inputs: { stdin: "hush" } } };
    expect(pendingOperations(JSON.stringify({ version: 3, deployment: { pending_operations: [operation] } }))).toEqual([
      { type: "creating", name: "mirror-a-settings" },
    ]);
    expect(pendingOperations('hush { "deployment"')).toEqual({
      why: "what `pulumi stack export` prints is not understood",
      elsewhere: false,
    });
  });

  it.each(['{"version":3,"deployment":{}}', '{"version":3,"deployment":null}'])("are none in %s", (exported) =>
    expect(pendingOperations(exported)).toEqual([]),
  );
});

describe("where a backend keeps a stack's locks", () => {
  const below = "/.pulumi/locks/organization/kvm-mirror/prod";
  it.each([
    ["file:///var/lib/pulumi?metadata=skip", `/var/lib/pulumi${below}`],
    ["file:///srv/my%20state", `/srv/my state${below}`],
    ["file://~", `${homedir()}${below}`],
    ["file://~/state", `${homedir()}/state${below}`],
    ["https://api.pulumi.com", undefined],
    ["s3://states", undefined],
  ])("%s", (url, folder) => expect(lockFolder(url, "organization/kvm-mirror/prod")).toBe(folder));
});

describe("the locks of a stack", () => {
  const lock = { pid: 4711, username: "ops", hostname: "office", timestamp: "2026-11-27T08:15:00Z" };
  it("are read", () => {
    writeFileSync(join(directory, "a.json"), JSON.stringify(lock));
    expect(locksIn(directory)).toEqual([lock]);
  });

  it("are none where there is no folder", () => expect(locksIn(join(directory, "none"))).toEqual([]));

  it("are not known where one cannot be read", () => {
    mkdirSync(join(directory, "b.json"));
    expect(locksIn(directory)).toMatchObject({ why: expect.stringContaining(directory), elsewhere: false });
  });
});
