import { describe, expect, it } from "vitest";
import { namingStack } from "../../../../src/operate/tell/typed.ts";

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
