/** What is set on a KVM host, and set back; what is asked of it. */
import { describe, expect, test } from "vitest";
import { playedHost } from "./playedHost.ts";

const host = playedHost();

describe("TCP keepalive", () => {
  const file = "/etc/sysctl.d/60-kvm-mirror-keepalive.conf";
  const values = () =>
    host.machine
      .ok("sysctl -n net.ipv4.tcp_keepalive_time net.ipv4.tcp_keepalive_intvl net.ipv4.tcp_keepalive_probes")
      .split("\n")
      .join(" ");

  test("is set, again without forgetting what held before, and set back", () => {
    expect(values()).toBe("7200 75 9");
    expect(host.script("keepalive-set.sh", "2 1 3")).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(host.script("keepalive-set.sh", "3 1 4")).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(values()).toBe("3 1 4");
    expect(host.machine.ok(`cat ${file}`)).toMatchInlineSnapshot(`
      "# Written by kvm-mirror; "pulumi destroy" removes it and sets back what held before.
      # before: net.ipv4.tcp_keepalive_time = 7200
      # before: net.ipv4.tcp_keepalive_intvl = 75
      # before: net.ipv4.tcp_keepalive_probes = 9
      net.ipv4.tcp_keepalive_time = 3
      net.ipv4.tcp_keepalive_intvl = 1
      net.ipv4.tcp_keepalive_probes = 4"
    `);
    host.machine.ok("sysctl -q -w net.ipv4.tcp_keepalive_probes=5");
    expect(host.script("keepalive-forget.sh", "")).toMatchObject({
      status: 0,
      stderr: "keepalive-forget.sh: net.ipv4.tcp_keepalive_probes is 5, which is not from here, and stays\n",
    });
    expect(values()).toBe("7200 75 5");
    host.machine.ok(`sysctl -q -w net.ipv4.tcp_keepalive_probes=9 && [ ! -e ${file} ]`);
    expect(host.script("keepalive-forget.sh", "")).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("nothing to undo"),
    });
    expect(host.script("keepalive-set.sh", "2 1")).toMatchObject({ status: 2 });
  });
});

test("reset-connections.sh ends connections to the VIP's ports, and no others", () => {
  const connected = () =>
    host.machine.ok(
      "ss -Htn state established | awk '{ print $4 }' | grep -E ':(10809|3260|22222)$' | sort -u | tr '\\n' ' '; true",
    );
  host.machine.ok(
    "ip address add 10.20.0.10/32 dev lo 2>/dev/null; mkdir -p /run/tcp; for port in 10809 3260 22222; do " +
      "(setsid socat TCP-LISTEN:$port,bind=10.20.0.10,fork EXEC:'sleep 300' >/dev/null 2>&1 & echo $! " +
      ">>/run/tcp/pids); done; sleep 1; for port in 10809 3260 22222; do (setsid socat TCP:10.20.0.10:$port " +
      "EXEC:'sleep 300' >/dev/null 2>&1 & echo $! >>/run/tcp/pids); done; for i in $(seq 100); do [ $(ss -Htn " +
      "state established dst 10.20.0.10 | grep -cE ':(10809|3260|22222) *$') = 3 ] && exit; sleep 0.1; done; exit " +
      "1",
  );
  try {
    expect(host.script("reset-connections.sh", "10.20.0.10 10809 3260")).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(
        /^reset-connections.sh: ended 1 connection\(s\) of .* to 10.20.0.10:10809\n.*ended 1 connection\(s\) of .* to 10.20.0.10:3260\n$/,
      ),
    });
    expect(connected()).toBe("10.20.0.10:22222");
    expect(host.script("reset-connections.sh", "10.20.0.10 10809 3260")).toEqual({ status: 0, stdout: "", stderr: "" });
  } finally {
    host.machine.ok("kill $(cat /run/tcp/pids) 2>/dev/null; true");
  }
  expect(host.script("reset-connections.sh", "10.20.0.10")).toMatchObject({ status: 2 });
});

test("host-version.sh says what libvirt and QEMU there are", () => {
  expect(host.script("host-version.sh", "")).toEqual({
    status: 0,
    stdout: '{"libvirt":"9.0.0","qemu":"7.2.22"}\n',
    stderr: "",
  });
});

describe("ufw rules", () => {
  const rules = () => host.machine.ok("cat /run/ufw/rules 2>/dev/null || true");

  test("are added once and only ours are removed", () => {
    host.machine.ok("touch /run/ufw/active && echo 'ufw allow out 3260/tcp' >/run/ufw/rules");
    expect(host.script("ufw-allow.sh", "10809 3260")).toMatchObject({ status: 0 });
    expect(host.script("ufw-allow.sh", "10809 3260")).toMatchObject({ status: 0 });
    expect(rules()).toBe("ufw allow out 3260/tcp\nufw allow out 10809/tcp comment 'kvm-mirror'");
    expect(host.script("ufw-forget.sh", "10809 3260")).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("the rule for 3260/tcp is not from here and stays"),
    });
    expect(rules()).toBe("ufw allow out 3260/tcp");
  });

  test("nothing is changed where ufw is not active", () => {
    expect(host.script("ufw-allow.sh", "10809")).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("ufw is not active"),
    });
    expect(rules()).toBe("");
  });
});
