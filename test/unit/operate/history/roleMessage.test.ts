import { describe, expect, it } from "vitest";
import { roleChanges } from "../../../../src/operate/history/roleMessage.ts";

describe("a message of DRBD about roles", () => {
  it.each([
    ["block drbd0: role( Secondary -> Primary )", ["own drbd0 Secondary Primary"]],
    ["drbd r0/0 drbd0: role( Primary -> Secondary )", ["own r0 Primary Secondary"]],
    ["block drbd12: peer( Secondary -> Primary )", ["peer drbd12 Secondary Primary"]],
    [
      "drbd r0: peer( Primary -> Unknown ) conn( Connected -> NetworkFailure ) pdsk( UpToDate -> DUnknown )",
      ["peer r0 Primary Unknown"],
    ],
    [
      "block drbd0: role( Primary -> Secondary ) peer( Unknown -> Primary ) conn( WFReportParams -> Connected )",
      ["own drbd0 Primary Secondary", "peer drbd0 Unknown Primary"],
    ],
  ])("is read: %s", (message, changes) =>
    expect(roleChanges(message).map(({ whose, volume, from, to }) => [whose, volume, from, to].join(" "))).toEqual(
      changes,
    ),
  );

  it.each([
    "block drbd0: conn( Connected -> NetworkFailure ) disk( UpToDate -> Consistent )",
    "block drbd0: role( Secondary -> King )",
    "block drbd0: prole( Secondary -> Primary )",
    "drbd r0/0: role( Secondary -> Primary )",
    "nbd-server: block drbd0: role( Secondary -> Primary )",
    "block sda: role( Secondary -> Primary )",
    "block drbd0: role( Secondary -> ",
    "",
  ])("is no other: %s", (message) => expect(roleChanges(message)).toEqual([]));
});
