import { beforeEach, expect, test } from "vitest";
import { a, b, playedMirrors } from "./playedMirrors.ts";

const played = playedMirrors();
/** `up` with a mode, after one with another. */
const mode = (wanted: string, before = "") =>
  played.run(
    "failover-mode.sh",
    [wanted, a, played.hostKey(), b, played.hostKey()],
    before === "" ? "" : `PULUMI_COMMAND_STDOUT='failover ${before}'`,
  );
beforeEach(() => {
  played.mirrors("idle", "idle");
  played.machine.ok("mkdir -p /etc/kvm-mirror && rm -f /etc/kvm-mirror/cluster");
});

test.each([
  ["a new stack", "manual", ""],
  ["a stack that stays as it is", "manual", "manual"],
  ["the way to automatic failover", "automatic", "manual"],
])("%s is not asked about anything", (_, wanted, before) => {
  played.machine.ok("touch /etc/kvm-mirror/cluster");
  expect(mode(wanted, before)).toEqual({ status: 0, stdout: `failover ${wanted}\n`, stderr: "" });
});

test(
  "from automatic to manual is refused while a mirror is in its cluster, " +
    "with the way out, and remembered as automatic",
  () => {
    played.machine.ok("touch /etc/kvm-mirror/cluster");
    const refused = mode("manual", "automatic");
    expect(refused).toMatchObject({
      status: 3,
      stdout: "",
      stderr: expect.stringContaining(`refused: this stack has automatic failover, and ${a} is still in its cluster`),
    });
    expect(refused.stderr).toContain("Put `mode: automatic` back into kvm-mirror:failover");
  },
);

test("from automatic to manual goes on when both mirrors have left", () => {
  expect(mode("manual", "automatic")).toMatchObject({ status: 0, stdout: "failover manual\n" });
});

test("a mirror that cannot be asked is not taken for one that has left", () => {
  const unreachable = "root@127.0.0.3";
  expect(
    played.run(
      "failover-mode.sh",
      ["manual", a, played.hostKey(), unreachable, played.hostKey()],
      "PULUMI_COMMAND_STDOUT='failover automatic'",
    ),
  ).toMatchObject({
    status: 1,
    stderr: expect.stringContaining(
      `ssh to ${unreachable} failed with status 255, so it is unknown whether it has left its cluster`,
    ),
  });
});
