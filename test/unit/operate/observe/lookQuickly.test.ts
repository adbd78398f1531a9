import { describe, expect, it } from "vitest";
import { lookQuickly, type Observation, type Seen } from "../../../../src/operate/observe/observe.ts";
import { type Patience, patient } from "../../../../src/operate/remote/runScript.ts";
import type { MirrorState } from "../../../../src/operate/observe/states.ts";

const answers: Seen<MirrorState> = { state: { mirror: "mirror-b" } as MirrorState };
const silent: Seen<MirrorState> = { unreachable: "ssh: connect to host 10.30.0.12: Connection timed out" };

const mirrors = (a: Seen<MirrorState>, b: Seen<MirrorState>): Observation["mirrors"] =>
  new Map([
    ["mirror-a", a],
    ["mirror-b", b],
  ]);

/** What is seen, look by look, and how long each look waited for a first word. */
async function looks(...views: readonly Observation["mirrors"][]): Promise<{ seen: Observation; waited: number[] }> {
  const waited: number[] = [];
  const look = (patience: Patience): Promise<Observation> => {
    waited.push(patience.connect);
    const view = views[waited.length - 1];
    if (!view) throw new Error("looked once too often");
    return Promise.resolve({ mirrors: view, hosts: new Map() });
  };
  return { seen: await lookQuickly(look), waited };
}

describe("lookQuickly", () => {
  it("does not wait for the dead when the survivor answers", async () => {
    const one = mirrors(silent, answers);
    expect(await looks(one)).toEqual({ seen: { mirrors: one, hosts: new Map() }, waited: [3] });
  });

  it("gives both mirrors time when none answers quickly: the survivor may only be slow", async () => {
    const none = mirrors(silent, silent);
    const one = mirrors(silent, answers);
    expect(await looks(none, one)).toEqual({ seen: { mirrors: one, hosts: new Map() }, waited: [3, patient.connect] });
  });
});
