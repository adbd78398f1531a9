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
    expect(host.script("keepalive-set.sh", "kvm-mirror/lab 2 1 3")).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(host.script("keepalive-set.sh", "kvm-mirror/lab 3 1 4")).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(values()).toBe("3 1 4");
    expect(host.machine.ok(`cat ${file}`)).toMatchInlineSnapshot(`
      "# Written by kvm-mirror; "pulumi destroy" of the last stack that needs it removes it and sets back what held before.
      # before: net.ipv4.tcp_keepalive_time = 7200
      # before: net.ipv4.tcp_keepalive_intvl = 75
      # before: net.ipv4.tcp_keepalive_probes = 9
      net.ipv4.tcp_keepalive_time = 3
      net.ipv4.tcp_keepalive_intvl = 1
      net.ipv4.tcp_keepalive_probes = 4"
    `);
    host.machine.ok("sysctl -q -w net.ipv4.tcp_keepalive_probes=5");
    expect(host.script("keepalive-forget.sh", "kvm-mirror/lab")).toMatchObject({
      status: 0,
      stderr: "keepalive-forget.sh: net.ipv4.tcp_keepalive_probes is 5, which kvm-mirror did not set. It stays\n",
    });
    expect(values()).toBe("7200 75 5");
    host.machine.ok(`sysctl -q -w net.ipv4.tcp_keepalive_probes=9 && [ ! -e ${file} ]`);
    expect(host.script("keepalive-forget.sh", "kvm-mirror/lab")).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("nothing to undo"),
    });
    expect(host.script("keepalive-set.sh", "kvm-mirror/lab 2 1")).toMatchObject({ status: 2 });
    expect(host.script("keepalive-set.sh", "../lab 2 1 3")).toMatchObject({ status: 2 });
  });

  test("stays for another stack, until that one goes, too", () => {
    expect(host.script("keepalive-set.sh", "kvm-mirror/one 2 1 3")).toMatchObject({ status: 0 });
    expect(host.script("keepalive-set.sh", "kvm-mirror/other.eu 2 1 3")).toMatchObject({ status: 0 });
    expect(host.script("keepalive-forget.sh", "kvm-mirror/one")).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(
        /^keepalive-forget.sh: TCP keepalive of \S+ stays as it is for kvm-mirror\/other.eu\n$/,
      ),
    });
    expect(values()).toBe("2 1 3");
    expect(host.script("keepalive-forget.sh", "kvm-mirror/one")).toMatchObject({ status: 0 });
    expect(values()).toBe("2 1 3");
    expect(host.script("keepalive-forget.sh", "kvm-mirror/other.eu")).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(values()).toBe("7200 75 9");
    host.machine.ok(`[ ! -e ${file} ]`);
  });

  test("stays for a stack of an earlier version, which did not say its name", () => {
    host.script("keepalive-set.sh", "kvm-mirror/earlier 2 1 3");
    host.machine.ok("rm /var/lib/kvm-mirror/shared/keepalive/*");
    host.script("keepalive-set.sh", "kvm-mirror/new 2 1 3");
    expect(host.script("keepalive-forget.sh", "kvm-mirror/new")).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("stays as it is for a stack that does not say its name (of an earlier version)"),
    });
    expect(values()).toBe("2 1 3");
    // What the earlier version left in the state to be run when it goes.
    expect(host.script("keepalive-forget.sh", "")).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(values()).toBe("7200 75 9");
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
        /^reset-\S+ ended 1 connection\(s\) of .* to \S+:10809\n.*ended 1 connection\(s\) of .* to \S+:3260\n$/,
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
    expect(host.script("ufw-allow.sh", "kvm-mirror/lab 10809 3260")).toMatchObject({ status: 0 });
    expect(host.script("ufw-allow.sh", "kvm-mirror/lab 10809 3260")).toMatchObject({ status: 0 });
    expect(rules()).toBe("ufw allow out 3260/tcp\nufw allow out 10809/tcp comment 'kvm-mirror'");
    expect(host.script("ufw-forget.sh", "kvm-mirror/lab 10809 3260")).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("the rule for 3260/tcp is not ours, and stays"),
    });
    expect(rules()).toBe("ufw allow out 3260/tcp");
  });

  test("stay for another stack, until that one goes, too", () => {
    host.machine.ok("touch /run/ufw/active");
    host.script("ufw-allow.sh", "kvm-mirror/one 10809 3260");
    host.script("ufw-allow.sh", "kvm-mirror/other 10809");
    expect(host.script("ufw-forget.sh", "kvm-mirror/one 10809 3260")).toMatchObject({
      status: 0,
      stderr: "ufw-forget.sh: the rule for 10809/tcp stays for kvm-mirror/other\n",
    });
    expect(rules()).toBe("ufw allow out 10809/tcp comment 'kvm-mirror'");
    expect(host.script("ufw-forget.sh", "kvm-mirror/other 10809")).toMatchObject({ status: 0, stderr: "" });
    expect(rules()).toBe("");
  });

  test("of a stack of an earlier version stay until that one goes", () => {
    host.machine.ok("touch /run/ufw/active && echo \"ufw allow out 10809/tcp comment 'kvm-mirror'\" >/run/ufw/rules");
    host.script("ufw-allow.sh", "kvm-mirror/new 10809");
    host.script("ufw-forget.sh", "kvm-mirror/new 10809");
    expect(rules()).toBe("ufw allow out 10809/tcp comment 'kvm-mirror'");
    expect(host.script("ufw-forget.sh", "10809")).toMatchObject({ status: 0, stderr: "" });
    expect(rules()).toBe("");
  });

  test("nothing is changed where ufw is not active", () => {
    expect(host.script("ufw-allow.sh", "kvm-mirror/lab 10809")).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("ufw is not active"),
    });
    expect(rules()).toBe("");
  });
});
