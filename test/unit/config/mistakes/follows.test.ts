import { expect, it } from "vitest";
import { parseConfig } from "../../../../src/check/parse.ts";
import { changed, oneHost } from "../sample.ts";
import { refused } from "./refused.ts";

/** db-1, beside app-1 in the one group, is active on the same host. */
const following = {
  "groups.main.preferredMirror": undefined,
  "groups.main.follows": "app-1",
  "clients.db-1.active": "kvm-a",
};

it("the preferred mirror of a group that follows a client is the one on the client's host", () => {
  const mirror = (host: string) =>
    parseConfig(changed({ ...following, "clients.app-1.active": host, "clients.db-1.active": host })).groups["main"]
      ?.preferredMirror;
  expect(mirror("kvm-a")).toBe("mirror-a");
  expect(mirror("kvm-b")).toBe("mirror-b");
});

const third = { "hosts.kvm-c": { uri: "qemu+ssh://root@kvm-c.example.net/system", storageAddress: "10.20.0.4" } };
refused("groups that follow a client", {
  "neither a mirror nor a client": [
    { "groups.main.preferredMirror": undefined },
    "kvm-mirror:groups.main.preferredMirror: is missing: mirror on which the group starts the first time; write one, " +
      "or `follows: <client>`, which is the mirror on that client's host",
  ],
  "a mirror and a client": [
    { "groups.main.follows": "app-1" },
    'kvm-mirror:groups.main.follows = "app-1": stands beside a preferredMirror; a group has one of the two: leave ' +
      "one out",
  ],
  "no such client": [
    { ...following, "groups.main.follows": "app-2" },
    'kvm-mirror:groups.main.follows = "app-2": is no client; there are app-1 and db-1',
  ],
  "no client at all": [
    { ...following, "clients.db-1.active": undefined, clients: {} },
    'kvm-mirror:groups.main.follows = "app-1": is no client: there is none; write preferredMirror instead',
  ],
  "clients that are active on different hosts": [
    { ...following, "clients.db-1.active": "kvm-b" },
    'kvm-mirror:groups.main.follows = "app-1": is active on kvm-a, and client db-1 of this group on kvm-b; a group ' +
      "has one primary: give each a group of its own, or write preferredMirror",
  ],
  "a client without a disk in the group": [
    { ...following, "clients.app-1.disks": [] },
    'kvm-mirror:groups.main.follows = "app-1": has no disk on a volume of this group; name a client that has one, or ' +
      "write preferredMirror",
  ],
  "a client on a host without a mirror": [
    {
      ...following,
      ...third,
      "clients.app-1.active": "kvm-c",
      "clients.app-1.hosts": undefined,
      "clients.db-1.active": "kvm-c",
    },
    'kvm-mirror:groups.main.follows = "app-1": is active on kvm-c, which runs no mirror (kvm-a and kvm-b do); write ' +
      "preferredMirror instead",
  ],
  "a client on a host with both mirrors": [
    { ...following, ...oneHost },
    'kvm-mirror:groups.main.follows = "app-1": is active on kvm-a, which runs mirror-a and mirror-b: write which one ' +
      "is the preferredMirror",
  ],
});
