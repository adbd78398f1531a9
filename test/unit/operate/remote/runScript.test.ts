import { describe, expect, it } from "vitest";
import { askMirror, changeOnMirror, patient } from "../../../../src/operate/remote/runScript.ts";
import { Refused } from "../../../../src/refused.ts";
import { makeInventory } from "../../../../src/inventory/makeInventory.ts";
import type { InventoryMirror } from "../../../../src/inventory/inventory.ts";
import { planOf } from "../../render/sample.ts";
import { playedSsh } from "../playedSsh.ts";

const played = playedSsh();

/**
 * What a question to a mirror comes to when ssh does this, behind the line
 * with which a command's own output begins (mirror-ssh.sh).
 */
async function asked(ssh: string, patience = patient): Promise<string> {
  return askMirror(mirrorBehind(ssh), patience, "state.sh").catch((error: Error) => error.message);
}

function mirrorBehind(ssh: string): InventoryMirror {
  played.ssh(ssh);
  const [mirror] = makeInventory(planOf()).mirrors;
  if (!mirror) throw new Error("the sample has no mirror");
  return mirror;
}

describe("a change on a mirror", () => {
  const changed = (ssh: string): Promise<unknown> =>
    changeOnMirror(mirrorBehind(ssh), 60, "group-stop.sh", "main").catch((error: unknown) => error);
  it("is refused where its script ends with 3: nothing was changed", async () => {
    const error = await changed("echo 'group-stop.sh: refused: a client has it open' >&2; exit 3");
    expect(error).toBeInstanceOf(Refused);
    expect(String(error)).toContain("group-stop.sh: refused: a client has it open");
  });
  it("fails where it ends otherwise", async () =>
    expect(await changed("echo no >&2; exit 1")).not.toBeInstanceOf(Refused));
});

describe("a question to a mirror", () => {
  it("is answered by what its script prints", async () =>
    expect(await asked("echo answer; echo words >&2")).toBe("answer\n"));
  it("fails with the last word of what was said", async () =>
    expect(await asked("echo first >&2; echo last >&2; exit 3")).toBe("last"));
  it("tells one that died in the middle", async () =>
    expect(await asked("exit 255")).toBe("its connection broke off: it gives no sign of life"));
  it("tells one that lives and does not answer", async () =>
    expect(await asked("exec sleep 20", { ...patient, answer: 1 })).toBe("it is connected, but no answer within 1 s"));
  it("waits for a first word and for signs of life as long as it is told to", async () => {
    const words = await asked('printf "%s\\n" "$@"', { connect: 3, silence: 24, answer: 60 });
    expect(words.match(/^(ConnectTimeout|ServerAlive).*/gm)).toEqual([
      "ConnectTimeout=3",
      "ServerAliveInterval=4",
      "ServerAliveCountMax=6",
    ]);
  });
});
