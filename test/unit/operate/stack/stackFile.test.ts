import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { activeHost, stackFile, withActiveHost } from "../../../../src/operate/stack/stackFile.ts";

describe("the active host in a stack file", () => {
  it.each([
    ["lab", "app-1", "kvm-a"],
    ["production", "orders-db", "kvm-a"],
  ])("is one word, and nothing else changes: %s", (stack, client, host) => {
    const text = readFileSync(stackFile(stack), "utf8");
    expect(activeHost(text, client)).toBe(host);
    const changed = withActiveHost(text, client, "kvm-b");
    expect(activeHost(changed, client)).toBe("kvm-b");
    const [before, after] = [text, changed].map((whole) => whole.split("\n"));
    expect(after?.filter((line, index) => line !== before?.[index])).toHaveLength(1);
    expect(withActiveHost(changed, client, host)).toBe(text);
  });

  it("keeps comments and quotes around it", () => {
    const text = 'config:\n  kvm-mirror:clients: { app-1: { active: "kvm-a", hosts: [kvm-a, kvm-b] } } # ours\n';
    expect(withActiveHost(text, "app-1", "kvm-b")).toBe(
      "config:\n  kvm-mirror:clients: { app-1: { active: kvm-b, hosts: [kvm-a, kvm-b] } } # ours\n",
    );
  });

  it.each([
    ["a client that is not there", "config:\n  kvm-mirror:clients: {}\n"],
    ["no configuration at all", "{}\n"],
    ["a host that is no word", "config:\n  kvm-mirror:clients:\n    app-1: { active: [kvm-a] }\n"],
  ])("is refused: %s", (_, text) => {
    expect(() => withActiveHost(text, "app-1", "kvm-b")).toThrow("the stack file has no word for clients.app-1.active");
  });

  it("takes names of hosts only", () => {
    expect(() =>
      withActiveHost("config:\n  kvm-mirror:clients:\n    app-1: { active: kvm-a }\n", "app-1", "kvm-b, x: y"),
    ).toThrow("is no name of a KVM host");
  });

  it("finds the file of a stack of Pulumi's cloud", () => {
    expect(stackFile("example/kvm-mirror/production")).toBe(stackFile("production"));
  });
});
