/** While a client is migrated live, both of its hosts may open its volumes, whatever the stack file says of it. */
import { expect, test } from "vitest";
import { documentAdmitting } from "../../../../src/operate/act/admissionSteps.ts";
import { renderGroupDocument } from "../../../../src/render/placement/groupDocument.ts";
import { planOf } from "../../render/sample.ts";

const plan = planOf();
const asPlanned = renderGroupDocument(
  plan.groups[0] ?? expect.fail("the sample has no group"),
  plan.volumes.filter(({ group }) => group === "main"),
);
const lines = (document: string): readonly string[] => document.split("\n");
const admitting = (...addresses: string[]) => documentAdmitting(plan, "main", "app-1", addresses);

test("one address is what `up` installs; two are in the table and in the servers' lists", () => {
  expect(admitting("10.20.0.2")).toBe(asPlanned);
  const known = new Set(lines(asPlanned));
  expect(lines(admitting("10.20.0.2", "10.20.0.3")).filter((line) => !known.has(line))).toMatchInlineSnapshot(`
    [
      "r0 nbd 10.20.0.10:10809/r0 /dev/drbd0 10.20.0.2,10.20.0.3",
      "10.20.0.3",
    ]
  `);
});

test("the other clients of a group keep what they have", () => {
  const others = plan.volumes.flatMap(({ admissions }) => admissions.filter(({ client }) => client !== "app-1"));
  expect(others.length).toBeGreaterThan(0);
  for (const { address } of others) expect(admitting("10.20.0.9")).toContain(address);
});

test("a group that the stack file no longer has is said", () => {
  expect(() => documentAdmitting(plan, "gone", "app-1", [])).toThrow(
    "the stack file has no group gone any more: run `pulumi up` first",
  );
});
