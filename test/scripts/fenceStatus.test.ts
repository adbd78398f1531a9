/** What `kvm-mirror check` is told by a mirror about fencing its peer. */
import { beforeEach, describe, expect, test } from "vitest";
import { playedHost } from "./playedHost.ts";

const host = playedHost();
const ok = (command: string) => host.machine.ok(command);

describe("fence-status.sh", () => {
  const status = () => host.machine.guest("fence-status.sh");
  const cib = (...pairs: string[]) =>
    host.machine.play(
      "cibadmin",
      `[[ "$*" == *fence-mirror-b* ]] || exit 105
      printf '%s\\n' '<instance_attributes id="x">' ${pairs.map((pair) => `'  <nvpair id="y" ${pair}/>'`).join(" ")}`,
    );
  const agent = (does: string) => host.machine.play("fence_virsh", `cat >/run/agent; ${does}`);
  beforeEach(() => {
    ok("mkdir -p /etc/kvm-mirror && printf 'CLUSTER=kvm-mirror-unit\\nPEER=mirror-b\\n' >/etc/kvm-mirror/cluster");
    cib(
      'name="ip" value="10.30.0.3"',
      'name="ssh_options" value="-T -o BatchMode=yes"',
      'name="pcmk_host_list" value="mirror-b"',
    );
  });

  test("asks the agent, with the cluster's own settings, and for the state alone", () => {
    agent("echo 'Status: ON'");
    expect(status()).toEqual({
      status: 0,
      stdout: '{"mirror":"mirror-b","status":"on","said":"Status: ON"}\n',
      stderr: "",
    });
    expect(ok("cat /run/agent")).toBe("ip=10.30.0.3\nssh_options=-T -o BatchMode=yes\nplug=mirror-b\naction=status");
  });

  test("tells that the peer is off, and that the agent does not get there", () => {
    agent("echo 'Status: OFF'; exit 2");
    expect(JSON.parse(status().stdout)).toMatchObject({ status: "off" });
    agent(`echo 'ERROR: "Unable to connect/login"' >&2; echo >&2; exit 1`);
    expect(JSON.parse(status().stdout)).toEqual({
      mirror: "mirror-b",
      status: null,
      said: 'ERROR: "Unable to connect/login"',
    });
  });

  test("refuses where there is no cluster, and fails where there is no device", () => {
    ok("echo PEER=mirror-c >/etc/kvm-mirror/cluster");
    expect(status()).toMatchObject({ status: 1, stderr: expect.stringContaining("no device that turns mirror-c off") });
    ok("rm /etc/kvm-mirror/cluster");
    expect(status()).toMatchObject({ status: 3 });
  });
});
