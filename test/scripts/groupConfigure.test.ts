import { beforeAll, describe, expect, test } from "vitest";
import { documentWithoutTable, groupDocument, mainGroup } from "./groupDocument.ts";
import type { Machine } from "./machine.ts";
import { byNbd, document, group, playedGroup } from "./playedGroup.ts";

const played = playedGroup();
const { configure, check, state } = played;
let machine: Machine;
beforeAll(() => {
  machine = played.machine;
});

describe("group-configure.sh", () => {
  test.each([
    ["a path elsewhere", `==> /etc/passwd 0644\nx\n`, "/etc/passwd is no file of a group"],
    ["a path that climbs", `==> /etc/tgt/../passwd 0644\nx\n`, "is no file of a group"],
    ["a file of the cluster", `==> /etc/kvm-mirror/cluster 0644\nx\n`, "is no file of a group"],
    ["the key for the peer", `==> /etc/kvm-mirror/peer/key 0600\nx\n`, "is no file of a group"],
    ["a mode that lets others write", `==> /etc/tgt/x 0666\nx\n`, "expected a path and a mode"],
    ["text before the first path", `x\n==> /etc/tgt/x 0644\n`, "does not begin with a line"],
    ["nothing", ``, "is empty"],
    ["a document without the env file", `==> /etc/tgt/x 0644\nx\n`, "the document has no /etc/kvm-mirror/main.env"],
    [
      "a document without the table of exports, which would look as if nobody were to be admitted",
      documentWithoutTable(group(["192.0.2.21"], ["192.0.2.21"])),
      "the document has no /etc/kvm-mirror/main.exports",
    ],
    [
      "a table with other columns",
      document("192.0.2.21").replace("device admitted", "device size admitted"),
      "main.exports of the document does not begin with the line",
    ],
    [
      "a table whose line is no export",
      document("192.0.2.21").replace("/dev/drbd0 192.0.2.21\n", "/dev/drbd0 \n"),
      "line 2 of /etc/kvm-mirror/main.exports of the document is no export: r0 nbd 192.0.2.10:10809/r0 /dev/drbd0 ",
    ],
    [
      "a protocol that nobody serves here",
      document("192.0.2.21").replace("r1 iscsi", "r1 nvme"),
      "line 3 of /etc/kvm-mirror/main.exports of the document is no export",
    ],
    [
      "an export that is there twice",
      groupDocument({
        ...mainGroup,
        exports: [0, 1].map((n) => ({ ...byNbd, volume: `r${n}`, device: `/dev/drbd${n}`, admitted: [] })),
      }),
      "main.exports of the document has nbd:192.0.2.10:10809/r0 twice",
    ],
    [
      "a path given twice",
      document("192.0.2.21", "==> /etc/kvm-mirror/main.env 0644\nx\n"),
      "is in the document twice",
    ],
  ])("refuses %s and installs nothing", (_, text, words) => {
    for (const refused of [check(text), configure(text)])
      expect(refused).toMatchObject({ status: 3, stderr: expect.stringContaining(words) });
    expect(machine.ok("find /etc/kvm-mirror /etc/tgt /etc/nbd-server -type f 2>/dev/null || true")).toBe("");
  });

  test("--check leaves no trace", () => {
    expect(check(document("192.0.2.21"))).toEqual({ status: 0, stdout: "idle\n", stderr: "" });
    expect(
      machine.ok(
        "find /etc/kvm-mirror /etc/tgt /etc/nbd-server /var/lib/kvm-mirror/groups -type f 2>/dev/null || true",
      ),
    ).toBe("");
  });

  test("installs the document's files, and nothing the second time", () => {
    expect(configure(document("192.0.2.21"))).toMatchObject({ status: 0 });
    expect(
      machine.ok("cd /etc && stat -c '%n %a' $(find kvm-mirror tgt nbd-server -type f) | sort"),
    ).toMatchInlineSnapshot(`
      "kvm-mirror/main.env 644
      kvm-mirror/main.exports 644
      nbd-server/kvm-mirror-main-r0.allow 644
      nbd-server/kvm-mirror-main.conf 644
      tgt/kvm-mirror/main.conf 600"
    `);
    expect(configure(document("192.0.2.21"))).toEqual({ status: 0, stdout: "", stderr: "" });
  });

  test(
    "state.sh tells by one number whether two mirrors admit the same; " +
      "what an earlier document left behind says nothing",
    () => {
      const numbers = () => [state().groups[0].configuration, state().volumes[0].configuration];
      const [group, volume] = numbers();
      for (const number of [group, volume]) expect(number).toMatch(/^[0-9a-f]{64}$/);
      const more = "==> /etc/nbd-server/kvm-mirror-main-r4.allow 0644\n192.0.2.21\n";
      for (const text of [document("192.0.2.21", more), document("192.0.2.21")])
        expect(configure(text)).toMatchObject({ status: 0 });
      expect(numbers()).toEqual([group, volume]);
      for (const [path, word] of [
        ["/etc/nbd-server/kvm-mirror-main-r0.allow", "192.0.2.22"],
        ["/etc/tgt/kvm-mirror/main.conf", "# another"],
        ["/etc/kvm-mirror/main.env", "# another"],
        ["/etc/kvm-mirror/main.exports", "r9 nbd 192.0.2.10:10809/r9 /dev/drbd9 -"],
      ]) {
        machine.ok(`cp -p ${path} /run/kept; echo '${word}' >>${path}`);
        expect(numbers()).toEqual([expect.not.stringContaining(group), volume]);
        machine.ok(`cp -p /run/kept ${path}`);
      }
      machine.ok("cp -p /etc/drbd.d/r0.res /run/kept; echo '# another' >>/etc/drbd.d/r0.res");
      expect(numbers()).toEqual([group, expect.not.stringContaining(volume)]);
      machine.ok(
        "cp -p /run/kept /etc/drbd.d/r0.res; rm " +
          "/etc/nbd-server/kvm-mirror-main-r4.allow; sed -i /r4/d " +
          "/var/lib/kvm-mirror/groups/main.files",
      );
      expect(numbers()).toEqual([group, volume]);
    },
  );

  test("refuses a file of another group", () => {
    const other = machine.guest(
      "group-configure.sh",
      ["other"],
      "==> /etc/kvm-mirror/other.env 0644\nx\n==> /etc/tgt/kvm-mirror/main.conf 0600\nx\n",
    );
    expect(other).toMatchObject({ status: 3, stderr: expect.stringContaining("belongs to group main") });
  });

  test("empties the address list of an export that is gone, and removes its other files", () => {
    const more = "==> /etc/nbd-server/kvm-mirror-main-r5.allow 0644\n192.0.2.21\n==> /etc/nbd-server/extra 0644\nx\n";
    expect(configure(document("192.0.2.21", more))).toMatchObject({ status: 0 });
    expect(configure(document("192.0.2.21"))).toMatchObject({
      status: 0,
      stderr: "group-configure.sh: removed /etc/nbd-server/extra\n",
    });
    expect(machine.ok("cat /etc/nbd-server/kvm-mirror-main-r5.allow; ls /etc/nbd-server")).toBe(
      "# nobody\nconf.d\nkvm-mirror-main-r0.allow\nkvm-mirror-main-r5.allow\nkvm-mirror-main.conf",
    );
  });
});
