import { beforeEach, expect, it, vi } from "vitest";
import { makeInventory } from "../../../../src/inventory/makeInventory.ts";
import { notify } from "../../../../src/operate/commands/notify.ts";
import { screenOn } from "../../../../src/operate/tell/screen.ts";
import { Refused } from "../../../../src/refused.ts";
import { planOf } from "../../render/sample.ts";

/** What notify-test.sh says, by mirror; an error: why the mirror does not answer. */
let said: Readonly<Record<string, unknown>>;
vi.mock("../../../../src/operate/stack/readInventory.ts", () => ({ readInventory: () => makeInventory(planOf()) }));
vi.mock("../../../../src/operate/remote/runScript.ts", async (actual) => ({
  ...(await actual<object>()),
  askMirror: async ({ name }: { name: string }, _: unknown, script: string) => {
    expect(script).toBe("notify-test.sh");
    if (said[name] instanceof Error) throw said[name];
    return `${JSON.stringify(said[name])}\n`;
  },
}));

let shown: string;
beforeEach(() => void (shown = ""));
const stream = { write: (text: string) => void (shown += text) };
const beside = { write: () => undefined };
const run = () => notify({ stack: "unit", screen: screenOn(stream, beside) });
const attempt = (channel: string, error: string | null = null) => ({ channel, delivered: error === null, error });

it("says of each mirror and way that the message was delivered", async () => {
  said = { "mirror-a": [attempt("webhook"), attempt("mail")], "mirror-b": [attempt("webhook"), attempt("mail")] };
  await run();
  expect(shown).toBe(
    "mirror-a: webhook delivered\nmirror-a: mail delivered\nmirror-b: webhook delivered\nmirror-b: mail delivered\n",
  );
});

it("fails when one way of one mirror does, and says why", async () => {
  said = {
    "mirror-a": [
      attempt("webhook"),
      { ...attempt("mail", "the mail server refuses 1 of 2 recipients"), delivered: true },
    ],
    "mirror-b": [attempt("webhook", "the server answers 404"), attempt("mail")],
  };
  await expect(run()).rejects.toThrow("not delivered as it should be: mail of mirror-a, webhook of mirror-b");
  expect(shown).toBe(
    "mirror-a: webhook delivered\nmirror-a: mail delivered, but the mail server refuses 1 of 2 recipients\n" +
      "mirror-b: webhook not delivered: the server answers 404\nmirror-b: mail delivered\n",
  );
});

it("fails for a mirror that does not answer, or is to tell nobody, while the other one delivers", async () => {
  said = { "mirror-a": new Error("no route to host"), "mirror-b": [attempt("webhook")] };
  await expect(run()).rejects.toThrow("not delivered as it should be: mirror-a");
  expect(shown).toBe("mirror-a: cannot be asked: no route to host\nmirror-b: webhook delivered\n");
  said = { "mirror-a": null, "mirror-b": [attempt("webhook")] };
  await expect(run()).rejects.toThrow("not delivered as it should be: mirror-a");
});

it("is refused where no mirror is to tell anybody", async () => {
  said = { "mirror-a": null, "mirror-b": null };
  await expect(run()).rejects.toThrow(Refused);
  await expect(run()).rejects.toThrow("write kvm-mirror:monitoring.notify into the stack file");
});
