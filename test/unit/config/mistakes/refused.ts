import { describe, expect, it } from "vitest";
import { type Changes, mistakes } from "../sample.ts";

/** By what is wrong: the changes that make the sound sample so, and all that is said about it, one line a mistake. */
export type BadConfigurations = Readonly<Record<string, readonly [changes: Changes, said: string]>>;

/** Tests that each is refused, with exactly its message. */
export function refused(about: string, configurations: BadConfigurations): void {
  describe(about, () => {
    it.each(Object.entries(configurations).map(([name, [changes, said]]) => ({ name, changes, said })))(
      "refuses $name",
      ({ changes, said }) => {
        expect(mistakes(changes)).toBe(said);
      },
    );
  });
}
