/** What waits to be sent: no more than a bound, and what is too much is counted, not forgotten in silence. */
import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { expect, test } from "vitest";

const library = resolve(import.meta.dirname, "../../scripts/guest/monitoring/lib");
/** What a Python program prints that has the library. */
const python = (program: string): unknown =>
  JSON.parse(
    execFileSync(
      "python3",
      ["-BEsSc", `import json, sys; sys.path.insert(0, ${JSON.stringify(library)})\n${program}`],
      {
        encoding: "utf8",
      },
    ),
  );
const messages = `
from notify_text import joined, LONGEST
from notify_outbox import Outbox, MOST_WAITING
def message(number):
    return {"text": f"text {number}", "kind": "one-copy-left", "headline": f"headline {number}", "moment": number}
`;

test("more messages than it keeps are counted, and the newest are kept", () => {
  const [dropped, kept, told, text] = python(`${messages}
box = Outbox("webhook", {}, 10, 15)
for number in range(MOST_WAITING + 5):
    box.add(message(number))
print(json.dumps([box.dropped, [one["moment"] for one in box.waiting], box.told()["waiting"],
                  joined(box.waiting, box.dropped)["text"].splitlines()]))`) as [number, number[], number, string[]];
  expect([dropped, kept[0], kept.at(-1), told]).toEqual([5, 5, 24, 25]);
  expect(text.slice(0, 4)).toEqual([
    "text 24",
    "Not delivered before:",
    "5 more",
    "1970-01-01 00:00:05 UTC headline 5",
  ]);
  expect(text).toHaveLength(3 + 19);
});

test("started anew it goes on with what waits, and tries at once", () => {
  expect(
    python(`${messages}
box = Outbox("webhook", {}, 10, 15)
box.add(message(1))
box.ended((False, "connection refused"), 100, 5000)
anew = Outbox("webhook", box.keep(), 10, 15)
print(json.dumps([anew.told(), box.next, anew.next]))`),
  ).toEqual([{ name: "webhook", waiting: 1, lastSuccess: null, error: "connection refused", errorAt: 5000 }, 110, 0]);
});

test("a text is no longer than services take, however many volumes there are", () => {
  expect(
    python(`
import notify_text
seen = {f"volume-{n}": {"group": f"g{n}", "connection": "WFConnection", "role": "Primary", "disk": "UpToDate",
                        "peer_disk": "DUnknown", "suspended": False, "frozen": False} for n in range(255)}
troubles = [{"volume": name, "trouble": "one-copy-left", "since": 1} for name in seen]
made = notify_text.compose({"stack": "s", "mirror": "m"}, {"kind": "one-copy-left", "troubles": troubles}, seen, float, 9)
print(json.dumps([len(made["text"]) <= notify_text.LONGEST + 100, made["text"].splitlines()[-1], len(made["troubles"])]))`),
  ).toEqual([true, "Look: kvm-mirror status --stack s", 255]);
});
