import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { shellLine, shellWord } from "../../../plugins/serving/shell.ts";

describe("words for a shell", () => {
  it("stay as they are when plain", () => {
    expect(shellLine(["bash", "../scripts/operator/on-mirror.sh", "storage@10.30.0.11", "/plain:word@1,2=3"])).toBe(
      "bash ../scripts/operator/on-mirror.sh storage@10.30.0.11 /plain:word@1,2=3",
    );
  });

  it("reach the command unchanged", () => {
    const plain = ["plain-word/1.0", "", "a b", "ü", "ssh-ed25519 AAAA+/= c", "line\nbreak", "*", "~", "-n", "!!"];
    const words = [...plain, "it's", '"$HOME"', "`id`", "$(reboot)", "a;b|c&d", "a\\b", "\\", '"'];
    const seen = execFileSync("sh", ["-c", `printf '%s\\0' ${shellLine(words)}`], { encoding: "utf8" });
    expect(seen.split("\0").slice(0, -1)).toEqual(words);
  });

  it("cannot hold NUL", () => expect(() => shellWord("a\0b")).toThrow("a command's argument cannot hold NUL"));
});
