/** A live migration by the operator's machine: libvirt of one KVM host reaches that of the other through ssh. */
import { beforeAll, beforeEach, expect, test } from "vitest";
import { domain } from "./playedHost.ts";
import { playedOperator, repository } from "./playedOperator.ts";

const played = playedOperator();
const machine = () => played.machine;
const far = "qemu+ssh://root@127.0.0.1/system?known_hosts=/tmp/known";
const near = "qemu:///system";
const socket = "/run/libvirt/libvirt-sock";
const xml = "<domain><name>app-1</name><title>of this migration</title></domain>\n";
const migrate = (from: string, to: string) =>
  played.operator("migrate-client.sh", [from, to, "app-1", "10.20.0.3", "vda"], xml);
/** What the socket of a host is called there while it is forwarded. */
const forwarded = () => machine().ok("ls /tmp | grep -c '^kvm-mirror-' || true");

beforeAll(() => {
  machine().ok(`echo "127.0.0.1 ${played.hostKey}" >/tmp/known
    printf '#!/bin/sh\\nexec bash ${repository}/test/scripts/machine/virsh "$@"\\n' >/usr/local/bin/virsh
    chmod 755 /usr/local/bin/virsh
    setsid python3 ${repository}/test/scripts/machine/libvirt-door.py ${socket} >/dev/null 2>&1 &
    for i in $(seq 100); do [ -S ${socket} ] && exit; sleep 0.1; done; exit 1`);
});
beforeEach(() => {
  machine().ok(`rm -rf /run/virsh ${socket}.domains; mkdir -p /run/virsh/app-1 ${socket}.domains/app-1`);
  for (const place of ["/run/virsh", `${socket}.domains`])
    machine().ok(`cat >${place}/app-1/persistent.xml`, domain("app-1"));
  machine().ok("cp /run/virsh/app-1/persistent.xml /run/virsh/app-1/live.xml");
});

test.each([
  ["both over ssh", far, far],
  ["from the host that the operator is on", near, far],
  ["to the host that the operator is on", far, near],
])("it goes, with the XML that it was given, and leaves no way behind: %s", (_, from, to) => {
  expect(migrate(from, to)).toMatchObject({ status: 0 });
  expect(machine().ok(`cat ${socket}.domains/app-1/live.xml`)).toBe(xml.trim());
  expect(machine().ok(`ls ${socket}.domains/app-1`)).not.toContain("paused");
  expect(machine().ok("ls /run/virsh/app-1")).not.toContain("live.xml");
  expect(forwarded()).toBe("0");
  expect(machine().ok("pgrep -c -f '[h]old-connection' || true")).toBe("0");
});

test("libvirt's words are the operator's, and no way is left either", () => {
  machine().ok("echo 'operation aborted: migration out: canceled by client' >/run/virsh/app-1/migrate-fails");
  expect(migrate(far, far)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("error: operation aborted: migration out: canceled by client\n"),
  });
  expect(forwarded()).toBe("0");
  expect(machine().ok("cat /run/virsh/app-1/live.xml")).toContain("<name>app-1</name>");
});

test("where libvirt of the other host does not answer, nothing is begun", () => {
  machine().ok(`rm -r ${socket}.domains && mv ${socket} ${socket}.away`);
  try {
    expect(migrate(far, far)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/no libvirt daemon answers on \S+: neither .*virtqemud-sock nor .*libvirt-sock/),
    });
    expect(machine().ok("ls /run/virsh")).not.toContain("migrated");
  } finally {
    machine().ok(`mv ${socket}.away ${socket}`);
  }
  expect(played.operator("migrate-client.sh", [far, far, "app-1"])).toMatchObject({ status: 2 });
});
