/** That libvirt itself calls the hook, and refuses what has no permit. */
import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startHost, type TestHost } from "./testHost.ts";

const onHost = new URL("../../scripts/operator/on-host.sh", import.meta.url).pathname;
const uuid = "b0a1f5a4-3f0e-4c58-9d55-0f6d0e1c2b3a";
const domain =
  `<domain type='qemu'><name>tiny</name><uuid>${uuid}</uuid><memory unit='MiB'>32</memory>` +
  "<os><type>hvm</type></os></domain>";
let host: TestHost;
beforeAll(() => {
  host = startHost("h");
  host.feed(domain, "virsh", "define", "/dev/stdin");
});
afterAll(() => {
  for (const name of host.run("virsh", "list", "--name").split("\n").filter(Boolean))
    host.run("virsh", "destroy", name);
  host.down();
});

const script = (...words: string[]): string =>
  execFileSync("bash", [onHost, host.config.uri, ...words], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
const permit = (start: "here" | "elsewhere"): string =>
  script("permit-client.sh", "kvm-mirror/test", "tiny", start, start === "here" ? "a" : "b", "a", "machine", uuid);
const said = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return String((error as { stderr?: unknown }).stderr);
  }
  return "nothing";
};
const refused = expect.stringContaining("kvm-mirror: refused: client tiny of stack test is active on b, not here on a");
const state = () => JSON.parse(script("client-state.sh", "tiny")) as { hook: string; domains: object[] };

test("a daemon that knew no hook calls ours once it is installed, and does not start what has no permit", () => {
  permit("elsewhere");
  expect(state()).toMatchObject({ hook: "called", domains: [{ permit: "elsewhere", state: "shut off" }] });
  expect(said(() => host.run("virsh", "start", "tiny"))).toEqual(refused);
  expect(host.run("virsh", "list", "--all", "--name").trim()).toBe("tiny");
  permit("here");
  host.run("virsh", "start", "tiny");
  expect(said(() => permit("elsewhere"))).toContain("refused: tiny is running on");
});

test("what is saved to disk does not wake without a permit", () => {
  host.run("virsh", "managedsave", "tiny");
  permit("elsewhere");
  expect(said(() => host.run("virsh", "start", "tiny"))).toEqual(refused);
  expect(state()).toMatchObject({ domains: [{ state: "saved" }] });
  permit("here");
  host.run("virsh", "start", "tiny");
  expect(host.run("virsh", "domstate", "tiny").trim()).toBe("running");
  script("permit-forget.sh", "kvm-mirror/test", "tiny");
  expect(state()).toMatchObject({ hook: "absent", domains: [{ permit: "none" }] });
});
