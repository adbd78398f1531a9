import { describe, expect, it } from "vitest";
import { unlessOff } from "../../../../src/operate/observe/observe.ts";
import { type Patience, patient } from "../../../../src/operate/remote/runScript.ts";

const never = new Promise<never>(() => undefined);
const off = Promise.resolve(true);
const running = Promise.resolve(false);

/** What comes of it, and how long each question waited for a first word. */
async function asked(
  host: Promise<boolean>,
  ...answers: readonly (() => Promise<string>)[]
): Promise<{ said: string; waited: number[] }> {
  const waited: number[] = [];
  const ask = ({ connect }: Patience): Promise<string> => {
    waited.push(connect);
    const answer = answers[waited.length - 1];
    if (!answer) throw new Error("asked once too often");
    return answer();
  };
  const said = await unlessOff(host, { ...patient, connect: 3 }, ask).catch(({ message }: Error) => message);
  return { said, waited };
}
const says = (what: string) => () => Promise.resolve(what);
const fails = (what: string) => () => Promise.reject(new Error(what));

describe("a mirror that its KVM host says is off", () => {
  it("is waited for no longer than a second", async () =>
    expect(await asked(off, () => never, fails("no answer"))).toEqual({ said: "no answer", waited: [3, 1] }));
  it("is heard all the same: it may run elsewhere", async () =>
    expect(await asked(off, () => never, says("Primary"))).toEqual({ said: "Primary", waited: [3, 1] }));
  it("is heard when its first answer is the quicker one", async () =>
    expect(await asked(off, says("Primary"), () => never)).toMatchObject({ said: "Primary" }));
});

it("a mirror that runs is given its time", async () => {
  expect(await asked(running, fails("no answer"))).toEqual({ said: "no answer", waited: [3] });
  expect(await asked(never, says("Primary"))).toEqual({ said: "Primary", waited: [3] });
});
