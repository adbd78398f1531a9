import { describe, expect, it } from "vitest";
import { namingProgram, namingStack } from "../../../../src/operate/tell/typed.ts";

describe("a text in which every command names the stack", () => {
  it.each([
    ["kvm-mirror switch r0 --to mirror-b", "kvm-mirror switch --stack prod r0 --to mirror-b"],
    [
      "(kvm-mirror status; `pulumi up --refresh`)",
      "(kvm-mirror status --stack prod; `pulumi up --stack prod --refresh`)",
    ],
    ["kvm-mirror inventory --stack prod --from a@b", "kvm-mirror inventory --stack prod --from a@b"],
    ["kvm-mirror check shows when", "kvm-mirror check --stack prod shows when"],
    ["kvm-mirror:groups of kvm-mirror", "kvm-mirror:groups of kvm-mirror"],
    ["/usr/local/lib/kvm-mirror/cluster-resume.sh", "/usr/local/lib/kvm-mirror/cluster-resume.sh"],
  ])("%s", (text, naming) => expect(namingStack(text, "prod")).toBe(naming));
});

describe("a text about a pair in another program", () => {
  it.each([
    ["kvm-mirror status", "kvm-mirror status --stack prod.storage"],
    ["run `pulumi up`, then again", "run `pulumi up --stack prod --cwd /srv/shop`, then again"],
    ["pulumi up --stack prod.storage", "pulumi up --stack prod --cwd /srv/shop"],
  ])("%s", (text, naming) =>
    expect(namingProgram(text, "prod.storage", { directory: "/srv/shop", stack: "prod" })).toBe(naming),
  );
});
