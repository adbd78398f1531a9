import { afterAll, beforeAll, expect, test } from "vitest";
import { Machine } from "./machine.ts";

let machine: Machine;
beforeAll(async () => {
  machine = await Machine.start();
});
afterAll(() => machine?.stop());

test("end-sessions.sh of a mirror ends the connections of one host, and no others", () => {
  machine.ok(
    "mkdir -p /etc/kvm-mirror && cat >/etc/kvm-mirror/main.env",
    "VIP=10.20.0.10\nVIP_PREFIX=24\nVIP_INTERFACE=lo\nVOLUMES=r0\n",
  );
  machine.ok(
    "for address in 10.20.0.10 10.20.0.2 10.20.0.3; do ip address add $address/32 dev lo 2>/dev/null || true; " +
      "done; setsid socat TCP-LISTEN:10809,bind=10.20.0.10,fork EXEC:'sleep 300' >/dev/null 2>&1 & echo $! " +
      '>/run/sessions.pids; for i in $(seq 50); do [ -n "$(ss -Hltn sport = :10809)" ] && break; sleep 0.1; ' +
      "done; for address in 10.20.0.2 10.20.0.3; do (setsid socat TCP:10.20.0.10:10809,bind=$address EXEC:'sleep " +
      "300' >/dev/null 2>&1 & echo $! >>/run/sessions.pids); done; for i in $(seq 100); do [ $(ss -Htn state " +
      "established src 10.20.0.10 | wc -l) = 2 ] && exit; sleep 0.1; done; exit 1",
  );
  try {
    expect(machine.guest("end-sessions.sh", ["main", "10.20.0.2"])).toEqual({
      status: 0,
      stdout: "",
      stderr: "end-sessions.sh: ended 1 connection(s) of 10.20.0.2 to 10.20.0.10\n",
    });
    expect(machine.ok("ss -Htn state established src 10.20.0.10 | awk '{ sub(/:.*/, \"\", $4); print $4 }'")).toBe(
      "10.20.0.3",
    );
    expect(machine.guest("end-sessions.sh", ["main", "10.20.0.2"])).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(machine.guest("end-sessions.sh", ["nowhere", "10.20.0.2"])).toMatchObject({ status: 3 });
  } finally {
    machine.ok("kill $(cat /run/sessions.pids) 2>/dev/null; rm -rf /etc/kvm-mirror; true");
  }
});
