import { describe, expect, it } from "vitest";
import { parseConfig } from "../../../../src/check/parse.ts";
import { type Changes, bare, changed } from "../sample.ts";
import { refused } from "./refused.ts";

const range = { "networks.storage.vips": "10.20.0.64/26", "groups.main.vip": undefined };
/** More groups, each with an exported volume of its own. */
const groups = (...names: readonly string[]): Changes => ({
  ...range,
  "volumes.r0.group": "main",
  "volumes.r1.group": "main",
  ...Object.fromEntries(names.map((name) => [`groups.${name}`, { preferredMirror: "mirror-b" }])),
  ...Object.fromEntries(
    names.map((name, index) => [
      `volumes.of-${name}`,
      { size: "16MiB", minor: index + 2, group: name, exports: { nbd: {} } },
    ]),
  ),
});
const vips = (changes: Changes): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(Object.entries(parseConfig(changed(changes)).groups).map(([name, { vip }]) => [name, vip]));

describe("VIPs of a range", () => {
  it("never move: a group's follows from its name alone", () => {
    expect(vips(range)).toEqual({ main: "10.20.0.88" });
    const both = vips(groups("one", "two"));
    expect(both).toMatchInlineSnapshot(`
      {
        "main": "10.20.0.88",
        "one": "10.20.0.93",
        "two": "10.20.0.90",
      }
    `);
    expect(vips(groups("two"))).toEqual({ main: both["main"], two: both["two"] });
    expect(vips(groups("one"))).toEqual({ main: both["main"], one: both["one"] });
  });

  it("are for groups that export something and name none", () => {
    expect(vips({ ...range, "groups.main.vip": "10.20.0.10" })).toEqual({ main: "10.20.0.10" });
    expect(vips({ ...bare, ...range })).toMatchObject({ bare: undefined });
  });

  it("fit into the network, and are neither its own nor its broadcast address", () => {
    const small = { ...range, "networks.storage.vips": "10.20.0.252/30" };
    for (const name of ["a", "b", "c", "d", "e", "f", "g"])
      expect(vips({ ...small, groups: { [name]: { preferredMirror: "mirror-a" } } })[name]).toMatch(/\.25[234]$/);
  });
});

refused("VIPs of a range", {
  "two groups whose names meet": [
    groups("app1", "app15"),
    "kvm-mirror:groups.app15.vip: would be 10.20.0.98 by the group's name (networks.storage.vips), which is the VIP " +
      "of group app1 by its name, too; whichever of the two is new gets another address, for example 10.20.0.64",
  ],
  "a group whose name meets an address that somebody has": [
    { ...range, "hosts.kvm-a.storageAddress": "10.20.0.88" },
    "kvm-mirror:groups.main.vip: would be 10.20.0.88 by the group's name (networks.storage.vips), which is the " +
      "address of KVM host kvm-a; whichever of the two is new gets another address, for example 10.20.0.64",
  ],
  "a group whose name meets another one's own VIP": [
    { ...groups("one"), "groups.one.vip": "10.20.0.88" },
    "kvm-mirror:groups.main.vip: would be 10.20.0.88 by the group's name (networks.storage.vips), which is the " +
      "address of the VIP of group one; whichever of the two is new gets another address, for example 10.20.0.64",
  ],
  "a range in another network": [
    { ...range, "networks.management.vips": "10.30.0.64/26" },
    'kvm-mirror:networks.management.vips = "10.30.0.64/26": is for the storage network, where clients find the ' +
      "exports; move it there",
  ],
  "a range outside the network": [
    { ...range, "networks.storage.vips": "10.30.0.64/26" },
    'kvm-mirror:networks.storage.vips = "10.30.0.64/26": is no part of the storage network 10.20.0.0/24; write a ' +
      "part of it",
  ],
  "a range that is none": [
    { ...range, "networks.storage.vips": "10.20.0.64-127" },
    'kvm-mirror:networks.storage.vips = "10.20.0.64-127": is not a network; write first address/prefix, ' +
      "for example 10.20.0.64/26",
  ],
});
