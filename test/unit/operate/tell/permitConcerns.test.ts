import { expect, test } from "vitest";
import type { ClientState } from "../../../../src/operate/observe/states.ts";
import { permitConcerns } from "../../../../src/operate/tell/permitConcerns.ts";
import { inventory } from "./statusSample.ts";

type Permit = ClientState["domains"][number]["permit"];
interface Host {
  readonly permit?: Permit;
  readonly hook?: ClientState["hook"];
  readonly state?: string;
}
const told = (a: Host | "silent", b: Host, some = inventory): readonly string[] => {
  const seen = (name: string, host: Host | "silent") =>
    [
      name,
      host === "silent"
        ? { unreachable: "no answer" }
        : {
            state: {
              host: `${name}.example.net`,
              ...(host.hook === undefined ? {} : { hook: host.hook }),
              domains: [
                {
                  name: "app-1",
                  ...(host.permit ? { permit: host.permit } : {}),
                  state: host.state ?? "shut off",
                  reason: "",
                  disks: [],
                },
              ],
            },
          },
    ] as const;
  return permitConcerns(some, { mirrors: new Map(), hosts: new Map([seen("kvm-a", a), seen("kvm-b", b)]) });
};
const active: Host = { permit: "here", hook: "called", state: "running" };
const standby: Host = { permit: "elsewhere", hook: "called" };

test("says nothing while one host has the permit, of hosts that say nothing of it, and of one that is silent", () => {
  expect(told(active, standby)).toEqual([]);
  expect(told({}, {})).toEqual([]);
  expect(told("silent", standby)).toEqual([]);
});

test("says of each host whether libvirt calls the hook, and what to type", () => {
  expect(told({ ...active, hook: "waits" }, standby)).toEqual([
    "KVM host kvm-a: libvirt does not call our hook yet, and nothing there but the exports keeps app-1 from being " +
      "started by hand; `kvm-mirror client app-1 --permit` mends that",
  ]);
  expect(told(active, { permit: "none", hook: "absent" })).toEqual([
    "KVM host kvm-b: libvirt's hook is not installed, and nothing there but the exports keeps app-1 from being " +
      "started by hand; `kvm-mirror client app-1 --permit` mends that",
  ]);
  expect(told(active, { ...standby, hook: "old" })).toEqual([
    "KVM host kvm-b: its libvirt is older than 6.5 and does not call our hook: nothing there but the exports keeps " +
      "app-1 from being started by hand. Upgrade it there",
  ]);
});

test.each<readonly [string, Host, Host, string]>([
  [
    "two hosts may start it",
    active,
    { ...active, state: "shut off" },
    "may be started on kvm-a and kvm-b; `kvm-mirror client app-1 --permit`",
  ],
  ["one has no permit", active, { ...standby, permit: "none" }, "has no permit on kvm-b; `kvm-mirror client"],
  ["one cannot be read", active, { ...standby, permit: "unreadable" }, "its permit on kvm-b cannot be read; "],
  ["nobody may start it", standby, standby, "may be started nowhere, not on kvm-a either, where it is active"],
  ["another one has it", standby, { ...active, state: "shut off" }, "is active on kvm-a, and its permit is on kvm-b"],
])("says that %s", (_, a, b, words) => {
  expect(told(a, b)).toEqual([expect.stringContaining(words)]);
});

test("after a move away from a dead host: nothing while it is dead; then that two permits are there", () => {
  expect(told("silent", active)).toEqual([]);
  expect(told({ ...active, state: "shut off" }, active)).toEqual([
    "client app-1 may be started on kvm-a and kvm-b; `pulumi up` takes one permit",
  ]);
});

test("a domain of the VM team without a disk of ours is nobody's business here", () => {
  const theirs = inventory.clients.map((client) => ({ ...client, managed: false, disks: [] }));
  expect(told({ ...active, hook: "absent" }, active, { ...inventory, clients: theirs })).toEqual([]);
});

test("says of a live migration that was begun how it is ended, until it is", () => {
  const words =
    "client app-1: a live migration to kvm-b was begun, and is not ended: its exports may admit both KVM hosts. " +
    "Unless it is under way now, `kvm-mirror client app-1 --to kvm-b --live` says how far it came, and goes on";
  expect(told({ ...active, permit: "elsewhere" }, { ...standby, permit: "incoming" })).toEqual([words]);
  expect(told(standby, { ...active, permit: "incoming" })).toEqual([words]);
});
