import { beforeAll, describe, expect, test } from "vitest";
import { nbd } from "./diskSamples.ts";
import { groupDocument, r0ByNbd } from "./groupDocument.ts";
import type { Machine } from "./machine.ts";
import { domain } from "./playedHost.ts";
import { playedOperator, target } from "./playedOperator.ts";

const played = playedOperator();
const { operator } = played;
let machine: Machine;
let hostKey: string;
beforeAll(() => {
  machine = played.machine;
  hostKey = played.hostKey;
});

describe("configure-group.sh", () => {
  const vip = "192.0.2.10";
  const document = (admitted: string) => groupDocument({ group: "main", vip, exports: [r0ByNbd(admitted)] });
  const here = ["192.0.2.21", "kvm-a", "qemu:///system"];
  const there = ["192.0.2.22", "kvm-b", "qemu+ssh://root@127.0.0.9:1/system"];
  const configure = (admitted: string, ...hosts: string[]) =>
    operator(
      "configure-group.sh",
      ["main", "one", target, hostKey, "two", target, hostKey, "-", ...hosts],
      document(admitted),
    );
  const admitted = () => machine.ok("cat /etc/nbd-server/kvm-mirror-main-r0.allow");

  test("gives a volume to another host only when the one that had it has let go, with or without a connection", () => {
    machine.ok(
      "mkdir -p /run/virsh/app-1 && tee /run/virsh/app-1/persistent.xml >/run/virsh/app-1/live.xml",
      domain("app-1").replace("  </devices>", `${nbd().replace("10.20.0.10", vip)}  </devices>`),
    );
    expect(operator("install-tools.sh", [target, hostKey])).toMatchObject({ status: 0 });
    expect(configure("192.0.2.21", ...here, ...there)).toMatchObject({ status: 0 });
    const refused = configure("192.0.2.22", ...here, ...there);
    expect(refused).toMatchObject({
      status: 3,
      stderr: expect.stringMatching(
        /^configure-group.sh: refused: .* kvm-a: on .*, app-1 \(running\) has nbd:\S+\/r0 open as vdb\. Shut that /,
      ),
    });
    expect(admitted()).toBe("192.0.2.21");
    machine.ok("rm /run/virsh/app-1/live.xml");
    expect(configure("192.0.2.22", ...here, ...there)).toMatchObject({ status: 0 });
    expect(admitted()).toBe("192.0.2.22");
  });

  test.each([
    [
      "a host that cannot be asked",
      [...here, ...there],
      "KVM host kvm-b cannot be asked (ssh: connect to host 127.0.0.9 port 1: " +
        "Connection refused). What ran there may still run, and write",
    ],
    [
      "a host that is in the stack file no more",
      here,
      "group main admits 192.0.2.22 to nbd:192.0.2.10:10809/r0, and " +
        "no KVM host in the stack file has this storage address",
    ],
  ])("counts %s as one that uses it", (_, hosts, words) => {
    expect(configure("192.0.2.21", ...hosts)).toMatchObject({ status: 3, stderr: expect.stringContaining(words) });
    expect(admitted()).toBe("192.0.2.22");
    expect(configure("192.0.2.22", ...hosts)).toMatchObject({ status: 0 });
  });
});
