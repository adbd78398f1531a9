/**
 * The main job on real virtual machines, as one story: each step goes on from the state that the one before left.
 * Two KVM hosts are simulated; guests, DRBD, NBD, iSCSI, libvirt and Pulumi are real.
 */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { failoverByHand } from "./byHand.ts";
import { drift, growth } from "./changes.ts";
import { dataOnBothMirrors } from "./data.ts";
import { finishedStack } from "./finishedStack.ts";
import { pool } from "./guests.ts";
import { interruptedUp } from "./interrupted.ts";
import { lab, onHost, operator, pulumi, root, succeed } from "./lab.ts";

/** What a lab consists of on this machine: namespaces, mounts, and processes of the kinds that it starts. */
function traces(): string[] {
  const lines = (command: string, ...args: string[]): string[] =>
    execFileSync(command, args, { encoding: "utf8" }).split("\n").filter(Boolean);
  const kinds = /^ *\d+ +(qemu-system|libvirtd|virtlogd|dnsmasq|tinyproxy|socat|sshd|ssh|pulumi)/;
  return [
    ...lines("ip", "netns", "list"),
    ...lines("findmnt", "-rno", "TARGET"),
    ...lines("ps", "-eo", "pid=,comm=").filter((line) => kinds.test(line)),
  ];
}

let before: string[];

beforeAll(async () => {
  const down = await lab("down.sh");
  if (down.status !== 0) throw new Error(down.output);
  before = traces();
  const up = await lab("up.sh", "--hosts-only");
  if (up.status !== 0) throw new Error(up.output);
});

afterAll(async () => {
  const { status, output } = await lab("down.sh");
  if (status !== 0) throw new Error(output);
});

// The steps of the story, in their order.
interruptedUp();
finishedStack();
failoverByHand();
drift();
growth();
dataOnBothMirrors();

describe("the end", () => {
  it("destroys what it made, and nothing is left on the hosts", async () => {
    const destroy = await pulumi(["destroy", "--yes"]);
    expect(destroy.status, destroy.output).toBe(0);
    for (const host of ["kvm-a", "kvm-b"] as const) {
      const left = await succeed(onHost(host, `virsh list --all --name; virsh net-list --all --name; ls -A ${pool}`));
      expect(left.trim(), host).toBe("");
    }
  });

  it("lab:down leaves no namespace, process, mount or file", async () => {
    const { status, output } = await lab("down.sh");
    expect(status, output).toBe(0);
    const after = traces();
    expect(after.filter((trace) => !before.includes(trace))).toEqual([]);
    expect(existsSync(`${root}.lab`)).toBe(false);
    const again = await operator(["true"]);
    expect(again.status).not.toBe(0);
  });
});
