/** Mirrors that an older version configured, without a table of exports. Goes together with old-exports.sh. */
import { hostname } from "node:os";
import { afterAll, beforeAll, expect, test } from "vitest";
import { renderExportTable } from "../../src/render/exports/exportTable.ts";
import { renderGroupDocument } from "../../src/render/groupDocument.ts";
import { groupOf, planOf } from "../unit/render/sample.ts";
import { Machine, resourceFile } from "./machine.ts";

/** Two volumes, three exports: r0 by NBD, r1 by both protocols, one of which admits nobody. */
const plan = planOf();
const table = renderExportTable(groupOf(plan), plan.volumes);
const document = renderGroupDocument(groupOf(plan), plan.volumes);
const moved = planOf({ "clients.app-1.active": "kvm-b" });
const movedDocument = renderGroupDocument(groupOf(moved), moved.volumes);
const admitted =
  "/dev/drbd0 10.20.0.2 nbd:10.20.0.10:10809/r0\n" +
  "/dev/drbd1 10.20.0.3 iscsi:10.20.0.10:3260/iqn.2026-11.net.example:r1";

let machine: Machine;
const configure = (text: string, ...args: string[]) => machine.guest("group-configure.sh", ["main", ...args], text);
const servers = () =>
  machine.ok("stat -c '%n %i' $(find /etc/nbd-server /etc/tgt /etc/kvm-mirror/main.env -type f | sort)");

beforeAll(async () => {
  machine = await Machine.start();
  const volumes = [0, 1].map((minor) => resourceFile(hostname(), `r${minor}`, minor, "/dev/null"));
  machine.ok(
    `printf 'include "drbd.d/*.res";\\n' >/etc/drbd.conf && cat >/etc/drbd.d/both.res
     mkdir -p /etc/tgt/kvm-mirror /etc/kvm-mirror /var/lib/kvm-mirror/groups`,
    volumes.join(""),
  );
  // As the older version left it: each file of the document, and the list of them.
  machine.ok(
    `awk '/^==> / {
         file = $2
         skip = file ~ /exports$/
         if (!skip) { printf "" >file; print file >"/var/lib/kvm-mirror/groups/main.files" }
         next
       }
       !skip { print >file }'`,
    document,
  );
});
afterAll(() => machine?.stop());

test("the servers' own files are read back as the table that would be there", () => {
  const { status, stdout } = machine.guest("old-exports.sh", ["main"]);
  expect(status).toBe(0);
  expect(`# volume protocol address:port/name device admitted\n${stdout}`).toBe(table);
  expect(machine.guest("old-exports.sh", ["other"])).toEqual({ status: 0, stdout: "", stderr: "" });
});

test("whom the first document with a table takes an export from is known: it was admitted before", () => {
  expect(configure(movedDocument, "--losing")).toEqual({
    status: 0,
    stdout: "10.20.0.2 nbd:10.20.0.10:10809/r0\n",
    stderr: "",
  });
  expect(configure(movedDocument)).toMatchObject({
    status: 3,
    stderr: expect.stringContaining("these exports would be closed: nbd:10.20.0.10:10809/r0 to 10.20.0.2."),
  });
  expect(machine.sh("test -e /etc/kvm-mirror/main.exports").status).toBe(1);
});

test("a name with another device is refused while the group runs", () => {
  const swapped = document.replaceAll("/dev/drbd0", "/dev/drbd2");
  machine.ok("mkdir -p /run/kvm-mirror/active && touch /run/kvm-mirror/active/main");
  expect(configure(swapped, "--check", "10.20.0.2")).toMatchObject({
    status: 3,
    stderr: expect.stringContaining("a name would mean another device: r0 from /dev/drbd0 to /dev/drbd2."),
  });
  machine.ok("rm /run/kvm-mirror/active/main");
});

test("the same document with its table adds the table, and touches no file of a server", () => {
  const before = servers();
  expect(configure(document, "--losing")).toEqual({ status: 0, stdout: "", stderr: "" });
  expect(configure(document)).toEqual({
    status: 0,
    stdout: "",
    stderr: "group-configure.sh: installed /etc/kvm-mirror/main.exports\n",
  });
  expect(servers()).toBe(before);
  expect(`${machine.ok("cat /etc/kvm-mirror/main.exports")}\n`).toBe(table);
  expect(machine.ok("cat /var/lib/kvm-mirror/groups/main.admitted")).toBe(admitted);
});

test("from then on the table counts, and not the servers' files", () => {
  machine.ok(
    "rm /etc/nbd-server/kvm-mirror-main.conf /etc/tgt/kvm-mirror/main.conf /var/lib/kvm-mirror/groups/main.admitted",
  );
  expect(configure(movedDocument, "--losing").stdout).toBe("10.20.0.2 nbd:10.20.0.10:10809/r0\n");
});
