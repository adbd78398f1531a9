import { expect, it } from "vitest";
import { renderReference } from "../../../src/config/reference.ts";

it("the reference of all keys is the one that is committed", async () => {
  await expect(renderReference()).toMatchFileSnapshot("../../../docs/configuration.md");
});

it("every key is explained", () => {
  for (const line of renderReference()
    .split("\n")
    .filter((one) => one.startsWith("| `")))
    expect(line).not.toMatch(/\| {2}\|$/);
});
