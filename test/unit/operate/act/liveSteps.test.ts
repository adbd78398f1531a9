/** The steps of a live migration, in the order that liveSequences.test.ts goes through. */
import { existsSync, readFileSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { makeInventory } from "../../../../src/inventory/makeInventory.ts";
import { anewSteps, arriveSteps, goSteps, type LiveArgs, staySteps } from "../../../../src/operate/act/liveSteps.ts";
import { migrationPermitStep, permitSteps } from "../../../../src/operate/act/permitSteps.ts";
import type { Step } from "../../../../src/operate/act/steps.ts";
import { clientNamed } from "../../../../src/operate/stack/named.ts";
import { planOf } from "../../render/sample.ts";
import { playedSsh } from "../playedSsh.ts";

vi.setConfig({ testTimeout: 60_000 });
const played = playedSsh();
const inventory = makeInventory(planOf());
const client = clientNamed(inventory, "app-1");
const to = (host: string, mirrors = ["mirror-a", "mirror-b"]): LiveArgs => ({
  inventory,
  client,
  to: host,
  followers: [],
  mirrors,
  show: () => undefined,
});
const titles = (steps: readonly Step[]): string => steps.map(({ title }) => `${title}\n`).join("");
const plan = {
  xml: "<domain/>",
  copied: ["vda"],
  overwritten: ["/pool/os disk.qcow2"],
  cpu: { args: ["host"], xml: "<cpu/>" },
};

test("of a client that goes: its permits first, and last of all what says that it is there alone", () => {
  const steps = goSteps(to("kvm-b"), { kind: "go", from: "kvm-a", clear: true }, { plan, token: "t" });
  expect(titles(steps)).toMatchInlineSnapshot(`
    "check that the stack file asks for nothing but this move (pulumi preview)
    on kvm-b: check that the exports answer (10.20.0.10:10809)
    on kvm-b: check that its CPU has all that the guest of app-1 goes by
    on kvm-b: end what a migration has left of app-1, where its guest does not run
    permits: kvm-a may not start app-1 again, then kvm-b lets this migration of it in, and nothing else
    on mirror-a: check that group main can admit kvm-b beside kvm-a
    on mirror-b: check that group main can admit kvm-b beside kvm-a
    on mirror-a: have group main admit kvm-b beside kvm-a
    on mirror-b: have group main admit kvm-b beside kvm-a
    migrate app-1 from kvm-a to kvm-b, with its disks vda
    in the stack file: clients.app-1.active becomes kvm-b
    on mirror-a: check that group main can admit kvm-b alone
    on mirror-b: check that group main can admit kvm-b alone
    on mirror-a: have group main admit kvm-b alone
    on mirror-b: have group main admit kvm-b alone
    permits: kvm-a may not start app-1, then kvm-b may start app-1
    pulumi up: the state says that app-1 is active on kvm-b
    check that app-1 runs on kvm-b and nowhere else
    "
  `);
});

test("of one that has come in: it is ended where it came from before it is let go", () => {
  expect(titles(arriveSteps(to("kvm-b"), { kind: "arrive", end: "kvm-a", letGo: true }))).toMatchInlineSnapshot(`
    "on kvm-a: end what a migration has left of app-1, where its guest does not run
    on kvm-b: let app-1 go on
    in the stack file: clients.app-1.active becomes kvm-b
    on mirror-a: check that group main can admit kvm-b alone
    on mirror-b: check that group main can admit kvm-b alone
    on mirror-a: have group main admit kvm-b alone
    on mirror-b: have group main admit kvm-b alone
    permits: kvm-a may not start app-1, then kvm-b may start app-1
    pulumi up: the state says that app-1 is active on kvm-b
    check that app-1 runs on kvm-b and nowhere else
    "
  `);
});

test("while a mirror is away, Pulumi is told nothing: `up` would fail", () => {
  const steps = titles(arriveSteps(to("kvm-b", ["mirror-b"]), { kind: "arrive", end: undefined, letGo: false }));
  expect(steps).not.toContain("pulumi up:");
  expect(steps).toMatch(/nowhere else\. When mirror-a is back, `pulumi up` makes the rest agree\n$/);
});

test("of one that stays: the other host is cleared before it goes on", () => {
  expect(titles(staySteps(to("kvm-a"), { kind: "stay", letGo: true, clear: "kvm-b" }))).toMatchInlineSnapshot(`
    "on kvm-b: end what a migration has left of app-1, where its guest does not run
    on kvm-a: let app-1 go on
    in the stack file: clients.app-1.active becomes kvm-a
    on mirror-a: check that group main can admit kvm-a alone
    on mirror-b: check that group main can admit kvm-a alone
    on mirror-a: have group main admit kvm-a alone
    on mirror-b: have group main admit kvm-a alone
    permits: kvm-b may not start app-1, then kvm-a may start app-1
    check that app-1 runs on kvm-a and nowhere else
    "
  `);
});

test("of one that starts anew: it is ended, and starts when it may; a dead host is asked nothing", () => {
  expect(titles(anewSteps(to("kvm-a", ["mirror-a"]), { kind: "anew", dead: ["kvm-b"] }))).toMatchInlineSnapshot(`
    "on kvm-a: check that the exports answer (10.20.0.10:10809)
    on mirror-a: end the connections that kvm-b (10.20.0.3) has left open to group main
    on kvm-a: end what a migration has left of app-1, where its guest does not run
    in the stack file: clients.app-1.active becomes kvm-a
    on mirror-a: check that group main can admit kvm-a alone
    on mirror-a: have group main admit kvm-a alone
    permits: kvm-a may start app-1
    on kvm-a: start app-1 anew
    check that app-1 runs on kvm-a and nowhere else. When kvm-b, mirror-b is back, \`pulumi up\` makes the rest agree
    "
  `);
});

test("the host that it leaves is forbidden first; the other one knows what is overwritten", async () => {
  played.ssh("true", `printf '%s\\n' "$*" >>${played.file("asked")}\ncat >/dev/null\n`);
  await migrationPermitStep(inventory, client, ["kvm-a", "kvm-b"], { token: "t", overwritten: plan.overwritten }).run();
  await permitSteps(inventory, client, "kvm-b", ["kvm-b"], true)[0]?.run();
  const asked = existsSync(played.file("asked")) ? readFileSync(played.file("asked"), "utf8").split("\n") : [];
  expect(asked.flatMap((line) => /'permit-client\.sh' (.*)$/.exec(line)?.[1]?.trim() ?? [])).toEqual([
    "'--leaving' 'kvm-mirror/unit' 'app-1' 'elsewhere' 'kvm-b' 'kvm-a' 'machine' '-'",
    "'--token=t' '--torn=/pool/os disk.qcow2' 'kvm-mirror/unit' 'app-1' 'incoming' 'kvm-a' 'kvm-b' 'machine' '-'",
    "'--whole' 'kvm-mirror/unit' 'app-1' 'here' 'kvm-b' 'kvm-b' 'machine' '-'",
  ]);
});

test("where the host that it leaves does not take it, no other one lets it in", async () => {
  const asking = `printf '%s\\n' "$*" >>${played.file("asked")}\ncat >/dev/null\n`;
  played.ssh("case \"$*\" in *leaving*) echo 'no space left on device' >&2; exit 1 ;; esac", asking);
  const step = migrationPermitStep(inventory, client, ["kvm-a", "kvm-b"], { token: "t", overwritten: [] });
  await expect(step.run()).rejects.toThrow("kvm-a: permit-client.sh: no space left on device");
  expect(readFileSync(played.file("asked"), "utf8")).not.toContain("incoming");
});
