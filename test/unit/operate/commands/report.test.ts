/** `kvm-mirror report`, on mirrors and hosts that are played. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { makeInventory } from "../../../../src/inventory/makeInventory.ts";
import { report } from "../../../../src/operate/commands/report.ts";
import { screenOn } from "../../../../src/operate/tell/screen.ts";
import { Refused } from "../../../../src/refused.ts";
import { keys, planOf } from "../../render/sample.ts";

const inventory = makeInventory(planOf());
/** What is asked of whom; undefined: no answer. */
let answers: (place: string, script: string, args: readonly string[]) => string | undefined;
const answer = async (place: string, script: string, args: readonly string[]): Promise<string> => {
  const said = answers(place, script, args);
  if (said === undefined) throw new Error("no route to host");
  return said;
};
vi.mock("../../../../src/operate/stack/readInventory.ts", () => ({ readInventory: () => inventory }));
vi.mock("../../../../src/operate/remote/runScript.ts", async (actual) => ({
  ...(await actual<object>()),
  askMirror: (mirror: { name: string }, _: unknown, script: string, ...args: string[]) =>
    answer(mirror.name, script, args),
  askHost: (host: { name: string }, _: unknown, script: string, ...args: string[]) => answer(host.name, script, args),
}));

const packed = (text: string): string => gzipSync(text).toString("base64");
let directory: string;
let shown: string;
let beside: string;
let asked: string[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "kvm-mirror-report-test-"));
  [shown, beside, asked] = ["", "", []];
  answers = (place, script, args) => {
    if (script !== "report.sh") return undefined;
    asked.push([place, ...args].join(" "));
    return packed(`==> DRBD\nof ${place}\n`);
  };
});
afterEach(() => rmSync(directory, { recursive: true }));

const make = (change: Partial<Parameters<typeof report>[0]> = {}) =>
  report({
    stack: inventory.stack,
    screen: screenOn({ write: (text) => void (shown += text) }, { write: (text) => void (beside += text) }),
    ...{ since: "2026-11-27 12:00", until: "2026-11-27 14:00", file: join(directory, "r.tar.gz"), ...change },
  });
const fileIn = (name: string): string =>
  execFileSync("tar", ["-xzOf", join(directory, "r.tar.gz"), name], { encoding: "utf8" });

it("holds what every machine says of the time, in one file that its owner alone reads", async () => {
  await make();
  const names = execFileSync("tar", ["-tzf", join(directory, "r.tar.gz")], { encoding: "utf8" })
    .trim()
    .split("\n");
  expect(names.toSorted()).toEqual(
    [
      "about.txt",
      "history.txt",
      "inventory.json",
      "kvm-a.host.txt",
      "kvm-b.host.txt",
      "mirror-a.mirror.txt",
      "mirror-b.mirror.txt",
      "status.json",
    ]
      .concat("status.txt")
      .toSorted(),
  );
  expect(statSync(join(directory, "r.tar.gz")).mode & 0o777).toBe(0o600);
  expect(fileIn("mirror-a.mirror.txt")).toBe("==> DRBD\nof mirror-a\n");
  // Played mirrors have no journal.
  expect(fileIn("history.txt")).toContain("! mirror-a cannot be asked (no route to host)");
  expect(JSON.parse(fileIn("inventory.json"))).toEqual(JSON.parse(JSON.stringify(inventory)));
  expect(fileIn("about.txt")).toContain("Journals are from 2026-11-27 12:00:00 UTC to 2026-11-27 14:00:00 UTC.");
  expect(asked).toContain("mirror-b 1795780800 1795788000");
  expect(asked).toContain("kvm-a 1795780800 1795788000 mirror-a app-1");
  expect(shown).toContain(`${join(directory, "r.tar.gz")} (`);
  // Nothing of it is left elsewhere.
  expect(readdirSync(tmpdir()).filter((name) => /^kvm-mirror-report-(?!test-)/.test(name))).toEqual([]);
});

it("names who does not answer, and stops for nobody", async () => {
  const all = answers;
  answers = (place, ...rest) => (place === "mirror-a" || place === "kvm-b" ? undefined : all(place, ...rest));
  await make();
  for (const words of [
    "mirror mirror-a cannot be asked: no route to host",
    "KVM host kvm-b cannot be asked: no route",
  ]) {
    expect(fileIn("about.txt")).toContain(words);
    expect(beside).toContain(words);
  }
  expect(fileIn("mirror-b.mirror.txt")).toContain("of mirror-b");
  expect(fileIn("status.txt")).toContain("Needs attention");
});

it("names a machine whose answer was cut off", async () => {
  const all = answers;
  answers = (place, ...rest) => (place === "mirror-a" ? all(place, ...rest)?.slice(0, 24) : all(place, ...rest));
  await make();
  expect(fileIn("about.txt")).toContain("mirror mirror-a cannot be asked: ");
});

it("has no secret, should one stand in a log", async () => {
  const secret = keys.drbdSharedSecret("r0");
  const pem = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n-----END OPENSSH PRIVATE KEY-----";
  answers = (_, script) =>
    script === "report.sh"
      ? packed(
          `drbdadm: shared-secret "${secret}"; here\n${pem}\n  incominguser app-1 hunter2-hunter2\n` +
            `sudo: COMMAND=env PULUMI_CONFIG_PASSPHRASE=hush-hush pulumi up\n`,
        )
      : undefined;
  await make();
  const text = execFileSync("tar", ["-xzOf", join(directory, "r.tar.gz")], { encoding: "utf8" });
  for (const hidden of [secret, "b3BlbnNzaC1rZXk", "hunter2", "hush-hush"]) expect(text).not.toContain(hidden);
  expect(text).toContain("shared-secret [secret]; here");
});

it("is refused for a time in which nothing is, and never writes over a file", async () => {
  await expect(make({ since: "1h", until: "2h" })).rejects.toThrow(Refused);
  await expect(make({ since: "soon" })).rejects.toThrow('"soon" is no moment');
  expect(existsSync(join(directory, "r.tar.gz"))).toBe(false);
  await make();
  await expect(make()).rejects.toThrow("is there already: name another one with --file");
});
