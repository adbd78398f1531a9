import { CommanderError } from "commander";
import { readdirSync, readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { check } from "../../../../src/operate/commands/check.ts";
import { client } from "../../../../src/operate/commands/client.ts";
import { diskXml } from "../../../../src/operate/commands/diskXml.ts";
import { failover } from "../../../../src/operate/commands/failover.ts";
import { history } from "../../../../src/operate/commands/history.ts";
import { inventory } from "../../../../src/operate/commands/inventory.ts";
import { maintain } from "../../../../src/operate/commands/maintain.ts";
import { program } from "../../../../src/operate/commands/program.ts";
import { notify } from "../../../../src/operate/commands/notify.ts";
import { recover } from "../../../../src/operate/commands/recover.ts";
import { report } from "../../../../src/operate/commands/report.ts";
import { status, watchStatus } from "../../../../src/operate/commands/status.ts";
import { statusOfAll } from "../../../../src/operate/commands/statusOfAll.ts";
import { switchGroups } from "../../../../src/operate/commands/switch.ts";
import { repository } from "../../../../src/operate/stack/pulumiCommand.ts";
import { Refused } from "../../../../src/refused.ts";

/** The words are read here; what commands do is not. */
vi.mock("../../../../src/operate/commands/check.ts", () => ({ check: vi.fn() }));
vi.mock("../../../../src/operate/commands/client.ts", () => ({ client: vi.fn() }));
vi.mock("../../../../src/operate/commands/diskXml.ts", () => ({ diskXml: vi.fn() }));
vi.mock("../../../../src/operate/commands/failover.ts", () => ({ failover: vi.fn() }));
vi.mock("../../../../src/operate/commands/history.ts", () => ({ history: vi.fn() }));
vi.mock("../../../../src/operate/commands/inventory.ts", () => ({ inventory: vi.fn() }));
vi.mock("../../../../src/operate/commands/maintain.ts", () => ({ maintain: vi.fn() }));
vi.mock("../../../../src/operate/commands/notify.ts", () => ({ notify: vi.fn() }));
vi.mock("../../../../src/operate/commands/recover.ts", () => ({ recover: vi.fn() }));
vi.mock("../../../../src/operate/commands/report.ts", () => ({ report: vi.fn() }));
vi.mock("../../../../src/operate/commands/status.ts", () => ({ status: vi.fn(), watchStatus: vi.fn() }));
vi.mock("../../../../src/operate/commands/statusOfAll.ts", () => ({ statusOfAll: vi.fn() }));
vi.mock("../../../../src/operate/commands/switch.ts", () => ({ switchGroups: vi.fn() }));

let out: string;
let beside: string;

beforeEach(() => {
  out = beside = "";
  vi.stubEnv("PULUMI_STACK", "staging");
  vi.clearAllMocks();
  vi.spyOn(process.stdout, "write").mockImplementation((text) => Boolean((out += String(text))));
  vi.spyOn(process.stderr, "write").mockImplementation((text) => Boolean((beside += String(text))));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** Exit status of a command line; 64 stands for one that commander refuses. */
async function type(line: string): Promise<number> {
  let ended = 0;
  try {
    await program((exit) => void (ended = exit)).parseAsync(line.match(/"[^"]*"|\S+/g)?.map(unquoted) ?? [], {
      from: "user",
    });
    return ended;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 64;
    throw error;
  }
}
const unquoted = (word: string): string => word.replace(/^"(.*)"$/, "$1");

describe("a command's words", () => {
  const acting = { stack: "staging", dryRun: false };
  it.each([
    ["status", status, { stack: "staging", json: false }],
    ["status --json --stack production", status, { stack: "production", json: true }],
    ["status --all", statusOfAll, { json: false }],
    ["status --all --json", statusOfAll, { json: true }],
    ["status --watch", watchStatus, { stack: "staging" }],
    ["status --watch 2 --stack production", watchStatus, { stack: "production", seconds: 2 }],
    ["check", check, { stack: "staging", json: false }],
    ["check --json", check, { stack: "staging", json: true }],
    ["notify", notify, { stack: "staging" }],
    ["history", history, { stack: "staging", since: "3d", json: false }],
    ["history --since 2h --json", history, { since: "2h", json: true }],
    ["report", report, { stack: "staging", since: "2h", until: undefined, file: undefined }],
    [
      'report --since "2026-11-27 13:00" --until 1h --file r.tar.gz',
      report,
      { since: "2026-11-27 13:00", until: "1h", file: "r.tar.gz" },
    ],
    ["inventory", inventory, { stack: undefined, from: undefined, hostKey: undefined }],
    ['inventory --from s@h --host-key "ssh-ed25519 A"', inventory, { from: "s@h", hostKey: "ssh-ed25519 A" }],
    ["disk-xml app-1", diskXml, { stack: "staging", client: "app-1", host: undefined }],
    ["disk-xml app-1 --host kvm-b", diskXml, { client: "app-1", host: "kvm-b" }],
    ["switch all --to mirror-b", switchGroups, { ...acting, selection: "all", to: "mirror-b" }],
    [
      "switch --stack example/kvm-mirror/p r0 --to b --dry-run",
      switchGroups,
      { stack: "example/kvm-mirror/p", dryRun: true },
    ],
    ["failover all", failover, { ...acting, selection: "all", confirm: undefined }],
    ['failover r0 --confirm "mirror-a is off"', failover, { ...acting, selection: "r0", confirm: "mirror-a is off" }],
    ["maintain mirror-a", maintain, { ...acting, mirror: "mirror-a", done: false, wait: 1800 }],
    ["maintain mirror-a --done --wait 60", maintain, { ...acting, done: true, wait: 60 }],
    ["recover r0", recover, { ...acting, volume: "r0", keep: undefined, confirm: undefined, withoutCopy: false }],
    ["recover r0 --roll-back b", recover, { ...acting, volume: "r0", keep: undefined, rollBack: "b" }],
    ["recover r0 --keep b --without-copy", recover, { ...acting, keep: "b", withoutCopy: true }],
    ["client app-1 --resume", client, { ...acting, name: "app-1", wish: { kind: "resume" } }],
    ["client app-1 --start", client, { ...acting, name: "app-1", wish: { kind: "start" } }],
    ["client app-1 --permit", client, { ...acting, name: "app-1", wish: { kind: "permit" } }],
    [
      "client app-1 --to b --live",
      client,
      { ...acting, wish: { kind: "live", to: "b", copyStorage: false, confirm: undefined } },
    ],
    [
      "client app-1 --to b --live --copy-storage --confirm x",
      client,
      { ...acting, wish: { kind: "live", to: "b", copyStorage: true, confirm: "x" } },
    ],
    ["client app-1 --to b --confirm x", client, { ...acting, wish: { kind: "move", to: "b", confirm: "x" } }],
  ])("are read: %s", async (line, body, options) => {
    expect(await type(line)).toBe(0);
    expect(vi.mocked<(options: never) => unknown>(body)).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining(options),
    );
  });

  it.each([
    ["status production", "A stack is named by --stack: kvm-mirror status --stack production"],
    ["inventory production", "A stack is named by --stack: kvm-mirror inventory --stack production"],
    ["disk-xml production app-1", "kvm-mirror disk-xml app-1 --stack production"],
    ["disk-xml production app-1 kvm-b", "kvm-mirror disk-xml app-1 --host kvm-b --stack production"],
    ["switch all production --to b", "too many words: all production. A stack is named by --stack <env>"],
    ["switch all", "required option '--to <mirror>' not specified"],
    ["swich all --to b", "Did you mean switch?"],
    ["status --watch never", "it is a whole number of seconds"],
    ["status --all --stack production", "--all is every stack, --stack is one"],
    ["status --all --watch", "--all is one look; --watch is for a stack"],
    ["status --watch --json", "--watch is for a person, --json is not"],
    ["status --stack=", "it is the name of a stack"],
    ["status --stack --json", "it is the name of a stack"],
    ["maintain a --done --wait 0", "it is a whole number of seconds"],
    ["inventory --host-key x", "--host-key belongs to --from"],
    ["client", "missing required argument 'name'"],
    ["client app-1", "say one of --resume, --start, --permit and --to <KVM host>"],
    ["client app-1 --resume --to kvm-b", "cannot be used with option '--resume'"],
    ["client app-1 --start --to kvm-b", "cannot be used with option '--start'"],
    ["client app-1 --resume --start", "cannot be used with option '--start'"],
    ["client app-1 app-2 --resume", "too many words: app-1 app-2"],
    ["client app-1 --resume --confirm x", "--confirm belongs to --to"],
    ["client app-1 --start --live", "--live belongs to --to"],
    ["client app-1 --live", "say one of --resume, --start, --permit and --to <KVM host>"],
    ["client app-1 --to kvm-b --copy-storage", "--copy-storage belongs to --live"],
    ["client app-1 --force", "unknown option '--force'"],
  ])("are refused, with what to type: %s", async (line, words) => {
    expect(await type(line)).toBe(64);
    expect(beside).toContain(`kvm-mirror: `);
    expect(beside).toContain(words);
    expect(beside).toMatch(/\(kvm-mirror .*--help (shows how|names the commands)\)/);
  });
});

describe("what a command leaves on record of what was typed", () => {
  it.each([
    ["switch all --to mirror-b", switchGroups, ["switch", "all", "--to", "mirror-b"]],
    ["maintain mirror-a --done --stack staging", maintain, ["maintain", "mirror-a", "--stack", "staging", "--done"]],
    ["client app-1 --resume", client, ["client", "app-1", "--resume"]],
    ['failover r0 --confirm "my secret"', failover, ["failover", "r0"]],
    ["recover r0 --keep b --confirm=hush", recover, ["recover", "r0", "--keep", "b"]],
  ])("is its words, and no phrase: %s", async (line, body, words) => {
    expect(await type(line)).toBe(0);
    const [options] = vi.mocked<(options: { readonly words: readonly string[] }) => unknown>(body as never).mock
      .lastCall!;
    expect(options.words).toEqual(words);
  });
});

describe("a command's exit status", () => {
  it.each([
    ["0 when it is done", () => Promise.resolve(), 0, ""],
    ["1 when it failed", () => Promise.reject(new Error("no route to host")), 1, "switch: no route to host\n"],
    ["3 when it was refused", () => Promise.reject(new Refused("wait")), 3, "switch: wait\n"],
  ] as const)("is %s", async (_, does, exit, words) => {
    vi.mocked(switchGroups).mockImplementationOnce(does);
    expect(await type("switch all --to mirror-b")).toBe(exit);
    expect(beside).toBe(words);
  });

  it("is 2 when status has something that needs attention", async () => {
    vi.mocked(status).mockResolvedValueOnce(2);
    expect(await type("status")).toBe(2);
  });
});

describe("what a command says to type", () => {
  it.each([
    ["switch all --to b --stack production", "run `kvm-mirror recover --stack production r0`"],
    ["switch all --to b --stack staging", "run `kvm-mirror recover r0`"],
    ["switch all --to b", "run `kvm-mirror recover r0`"],
  ])("is about the same stack: %s", async (line, words) => {
    vi.mocked(switchGroups).mockRejectedValueOnce(new Refused("run `kvm-mirror recover r0`"));
    await type(line);
    expect(beside).toBe(`switch: ${words}\n`);
  });
});

describe("kvm-mirror --help", () => {
  const commands = [
    "status",
    "check",
    "history",
    "notify",
    "report",
    "inventory",
    "disk-xml",
    "switch",
    "maintain",
    "client",
    "failover",
    "recover",
  ];
  it("names every command, and every runbook that there is", async () => {
    expect(await type("--help")).toBe(0);
    for (const name of [...commands, "bench"]) expect(out).toMatch(new RegExp(`^  ${name} `, "m"));
    const pages = readdirSync(`${repository}docs/runbooks`).filter((page) => page !== "README.md");
    expect([...out.matchAll(/^ {2}(\S+\.md) +\S/gm)].map(([, page]) => page).toSorted()).toEqual(pages.toSorted());
    expect(out).toMatch(/split-brain\.md +split brain/);
  });

  it("names the version by --version", async () => {
    expect(await type("--version")).toBe(0);
    const { version } = JSON.parse(readFileSync(`${repository}package.json`, "utf8"));
    expect(out).toBe(`${version}\n`);
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it.each(commands)("of %s shows its options and an example that it takes", async (name) => {
    expect(await type(`${name} --help`)).toBe(0);
    expect(out).toContain("--stack <env>");
    const examples = [...out.matchAll(/^ {2}kvm-mirror (.+?)(?: \| jq .*)?$/gm)].map(([, line]) => line ?? "");
    expect(examples).not.toEqual([]);
    for (const line of examples) {
      expect(line.split(" ")[0]).toBe(name);
      expect(await type(line)).toBe(0);
    }
  });
});
