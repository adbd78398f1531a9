import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { shellLine, shellWord } from "../../../src/components/shell.ts";

describe("words for a shell", () => {
  it("stay as they are when plain", () => {
    expect(shellLine(["bash", "../scripts/operator/on-mirror.sh", "storage@10.30.0.11", "r0"])).toBe(
      "bash ../scripts/operator/on-mirror.sh storage@10.30.0.11 r0",
    );
  });

  it.each(["ssh-ed25519 AAAA+/= c", "it's", "$(reboot)", "a;b|c&d", "", "new\nline", "*", "~", "-n", "\\", '"'])(
    "reach the command unchanged: %j",
    (word) => {
      expect(execFileSync("sh", ["-c", `printf %s ${shellWord(word)}`], { encoding: "utf8" })).toBe(word);
    },
  );
});
