import { describe, expect, it } from "vitest";
import { makeInventory } from "../../../../src/inventory/makeInventory.ts";
import { deathPhrase } from "../../../../src/operate/decide/clientMove.ts";
import { lastCopyPhrase, staleCopyPhrase } from "../../../../src/operate/decide/decideFailover.ts";
import { givenUpPhrase, offAndEqualPhrase, offPhrase } from "../../../../src/operate/decide/decideNewest.ts";
import { discardPhrase } from "../../../../src/operate/decide/decideRecovery.ts";
import { anewPhrase } from "../../../../src/operate/decide/liveMigration.ts";
import { phraseWords } from "../../../../src/operate/decide/phraseWords.ts";
import { planOf } from "../../render/sample.ts";

const words = (typed: string) => phraseWords(makeInventory(planOf()), typed);
const time = "2026-11-27 12:00:00 UTC";

describe("what a record says of a phrase", () => {
  it.each([
    offPhrase("mirror-a"),
    offAndEqualPhrase("mirror-a", "mirror-b", undefined),
    offAndEqualPhrase("mirror-a", "mirror-b", time),
    givenUpPhrase("mirror-a", time),
    givenUpPhrase("mirror-a", "they lost each other"),
    lastCopyPhrase("mirror-a", "mirror-b"),
    lastCopyPhrase("mirror-a", "mirror-b", time),
    staleCopyPhrase("mirror-a", "mirror-b", undefined),
    staleCopyPhrase("mirror-a", "mirror-b", time),
    discardPhrase("r0", "mirror-b"),
    anewPhrase("app-1"),
    deathPhrase("app-1", ["kvm-a"]),
    deathPhrase("app-1", ["kvm-a", "kvm-b"]),
  ])("is the phrase, where it is one of ours: %s", (phrase) => expect(words(phrase)).toBe(phrase));

  it.each([
    "hunter2",
    "",
    offPhrase("hunter2"),
    `${offPhrase("mirror-a")} hunter2`,
    discardPhrase("r0 hunter2", "mirror-b"),
    givenUpPhrase("mirror-a", "hunter2"),
    `hunter2\n${offPhrase("mirror-a")}`,
  ])("is nothing of another text: %j", (text) => expect(words(text)).toBe("a phrase that nothing asks for"));
});
