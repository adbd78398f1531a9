import { expect, it } from "vitest";
import { concerns, observation, primaryState, secondaryState } from "./statusSample.ts";

const day = 86_400;
const withAgo = (first: number | null | undefined, second: number | null | undefined): string => {
  const of = (comparedAgo: number | null | undefined) => (comparedAgo === undefined ? {} : { comparedAgo });
  return concerns(observation({ state: primaryState(of(first)) }, { state: secondaryState(of(second)) }));
};

it("names a volume whose copies should have been compared by now, with where to look and what does it", () => {
  expect(withAgo(40 * day + 7, null)).toMatchInlineSnapshot(`
    "Needs attention
      ! volume r0: its copies were last compared 40 days ago, whatever kvm-mirror:verify says. On both mirrors: journalctl -u kvm-mirror-verify. To compare them now, on one of them: sudo /usr/local/lib/kvm-mirror/verify.sh r0
    "
  `);
});

it("is content with what one of the mirrors has seen, and with one that has no time set for it", () => {
  for (const [first, second] of [
    [40 * day, 6 * day],
    [35 * day, null],
    [null, null],
    [undefined, undefined],
  ] as const)
    expect(withAgo(first, second)).not.toContain("compared");
});
