/** Permits by `kvm-mirror client`: at no time two hosts may start a client. */
import { existsSync, readFileSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { makeInventory } from "../../../../src/inventory/makeInventory.ts";
import { permitSteps } from "../../../../src/operate/act/permitSteps.ts";
import { permittedHosts } from "../../../../src/operate/decide/clientPermit.ts";
import type { Sight } from "../../../../src/operate/observe/clientHost.ts";
import { clientNamed } from "../../../../src/operate/stack/named.ts";
import { planOf } from "../../render/sample.ts";
import { playedSsh } from "../playedSsh.ts";

vi.setConfig({ testTimeout: 60_000 });
const played = playedSsh();
const inventory = makeInventory(planOf());
const app = clientNamed(inventory, "app-1");
const written = (): readonly string[] =>
  existsSync(played.file("asked"))
    ? readFileSync(played.file("asked"), "utf8")
        .split("\n")
        .flatMap((line) => /'permit-client\.sh' (.*)$/.exec(line)?.[1]?.replaceAll("'", "").trim() ?? [])
    : [];
const asking = () => `printf '%s\\n' "$*" >>${played.file("asked")}\ncat >/dev/null\n`;
const write = (to: string, hosts = app.hosts) => {
  const [step] = permitSteps(inventory, app, to, hosts);
  if (!step) throw new Error("no step");
  return step;
};

test("the other hosts are forbidden before the one is told that it may", async () => {
  played.ssh("true", asking());
  const step = write("kvm-b");
  expect(step.title).toBe("permits: kvm-a may not start app-1, then kvm-b may start app-1");
  await step.run();
  expect(written()).toEqual([
    "kvm-mirror/unit app-1 elsewhere kvm-b kvm-a machine -",
    "kvm-mirror/unit app-1 here kvm-b kvm-b machine -",
  ]);
});

test("where the other host does not take it, nobody is told that it may", async () => {
  played.ssh("case \"$*\" in *elsewhere*) echo 'refused: app-1 is running on a' >&2; exit 3 ;; esac", asking());
  await expect(write("kvm-b").run()).rejects.toThrow("kvm-a: permit-client.sh: refused: app-1 is running on a");
  expect(written().filter((line) => line.includes(" here "))).toEqual([]);
});

test("a dead host is not asked", async () => {
  played.ssh("true", asking());
  await write("kvm-b", ["kvm-b"]).run();
  expect(written()).toEqual(["kvm-mirror/unit app-1 here kvm-b kvm-b machine -"]);
});

test("permits are written anew on the hosts that answer, by where the last up has it", () => {
  const sight = (state?: string): Sight => (state === undefined ? { unreachable: "no route" } : { state, reason: "" });
  const hosts = (a?: string, b?: string) =>
    permittedHosts(
      app,
      new Map([
        ["kvm-a", sight(a)],
        ["kvm-b", sight(b)],
      ]),
    );
  expect(hosts("running", "shut off")).toEqual(["kvm-a", "kvm-b"]);
  expect(hosts("shut off")).toEqual(["kvm-a"]);
  expect(() => hosts(undefined, "shut off")).toThrow("is active on kvm-a, which cannot be asked: no route; if it is");
  expect(() => hosts("shut off", "running")).toThrow("is on at kvm-b, and active on kvm-a by the last `up`");
});

test("the permits of a MirrorPair are those that the program's up has written: of its project", async () => {
  played.ssh("true", asking());
  const plan = { ...planOf(), stack: "prod.storage", owner: "shop/prod.storage" };
  const [step] = permitSteps(makeInventory(plan), app, "kvm-b", ["kvm-b"]);
  await step?.run();
  expect(written()).toEqual(["shop/prod.storage app-1 here kvm-b kvm-b machine -"]);
  expect(makeInventory(planOf())).not.toHaveProperty("owner");
});
