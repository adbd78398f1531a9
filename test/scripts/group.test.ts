import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { documentWithoutTable, type Export, groupDocument, mainGroup } from "./groupDocument.ts";
import { guestScript, Machine } from "./machine.ts";

const iqn = "iqn.2026-11.net.example:r1";
const byNbd: Omit<Export, "admitted"> = {
  volume: "r0",
  protocol: "nbd",
  name: "r0",
  device: "/dev/drbd0",
  settings: "sync = true\nflush = true\nfua = true\ntrim = false\n",
};
const byIscsi: Omit<Export, "admitted"> = {
  volume: "r1",
  protocol: "iscsi",
  name: iqn,
  device: "/dev/drbd1",
  settings: "        scsi_id kvm-mirror-r1\n        scsi_sn r1sn0001\n",
};
/** The group's files as they are rendered: r0 by NBD, r1 by iSCSI, open to the named addresses. */
const group = (nbd: readonly string[], iscsi: readonly string[]) => ({
  ...mainGroup,
  exports: [
    { ...byNbd, admitted: nbd },
    { ...byIscsi, admitted: iscsi },
  ],
});
const document = (admitted: string, extra = "") => groupDocument(group([admitted], [admitted])) + extra;

let machine: Machine;
const both = (state: string) => machine.ok(`drbdadm state r0 ${state} && drbdadm state r1 ${state}`);
const start = () => machine.guest("group-start.sh", ["main"]);
const stop = () => machine.guest("group-stop.sh", ["main"]);
/** `asked`: KVM hosts that said that nothing there has a volume open. */
const configure = (text: string, ...asked: string[]) => machine.guest("group-configure.sh", ["main", ...asked], text);
const check = (text: string, ...asked: string[]) =>
  machine.guest("group-configure.sh", ["main", "--check", ...asked], text);
const listeners = () => machine.ok("ss -Hltn | awk '{ print $4 }' | sort").split("\n").filter(Boolean);
/** The servers of a group that does not run here: they listen, and nobody reaches them without the VIP. */
const ready = ["127.0.0.1:3260", "192.0.2.10:10809"];
const hasVip = () => machine.ok("ip -4 -o address show to 192.0.2.10/32") !== "";
const state = () => JSON.parse(machine.guest("state.sh").stdout);
/** Opens the exports from a client's network namespace with QEMU, as a KVM host does. */
const openNbd = (client: string) =>
  machine.sh(
    `ip netns exec ${client} timeout 60 qemu-io -f raw ` +
      "nbd://192.0.2.10:10809/r0 -c 'write -f -P 7 0 4k' -c 'read -P 7 0 4k'",
  );
const iscsiDisk = (initiator: string) =>
  `'json:{"driver":"raw","file":{"driver":"iscsi","transport":"tcp","portal":"192.0.2.10:3260",` +
  `"target":"${iqn}","lun":1,"initiator-name":"iqn.2026-11.net.example:${initiator}"}}'`;
const openIscsi = (client: string, initiator = "app-1") =>
  machine.sh(
    `ip netns exec ${client} timeout 60 qemu-io ${iscsiDisk(initiator)} -c 'write -P 7 0 4k' -c 'read -P 7 0 4k'`,
  );

beforeAll(async () => {
  machine = await Machine.start();
  machine.ok("ip link add storage0 type bridge && ip link set storage0 up && ip addr add 192.0.2.11/24 dev storage0");
  for (const n of [1, 2]) {
    machine.ok(`ip netns add c${n} && ip link add v${n} type veth peer name eth0 netns c${n}
      ip link set v${n} master storage0 up
      ip -n c${n} addr add 192.0.2.2${n}/24 dev eth0 && ip -n c${n} link set eth0 up && ip -n c${n} link set lo up`);
  }
  machine.volume("r0", 0);
  machine.volume("r1", 1);
  both("Connected Secondary Secondary UpToDate UpToDate");
});
afterAll(() => machine?.stop());

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

describe("group-start.sh", () => {
  test.each([
    ["the peer is Primary", "Connected Secondary Primary UpToDate UpToDate", "volume r0 is Primary on the peer"],
    [
      "the own disk is not UpToDate",
      "Connected Secondary Secondary Outdated UpToDate",
      "volume r0 is not UpToDate here",
    ],
    [
      "the peer cannot be asked",
      "WFConnection Secondary Unknown UpToDate DUnknown",
      "cannot be asked whether it is Primary",
    ],
    [
      "it is Primary already, but without good data",
      "WFConnection Primary Unknown Diskless DUnknown",
      "volume r0 is Primary here, but without good data",
    ],
    [
      "the volume is being copied from the peer",
      "SyncTarget Secondary Secondary Inconsistent UpToDate",
      "volume r0 is not UpToDate here",
    ],
  ])(
    "refuses when %s",
    (_, seen, words) => {
      machine.ok(`drbdadm state r0 ${seen}`);
      machine.ok("cp /run/drbd/commands /run/before");
      // Only a missing connection is waited for, 30 s.
      expect(start()).toMatchObject({ status: 3, stderr: expect.stringContaining(words) });
      expect(machine.ok("diff /run/before /run/drbd/commands | grep -E 'primary|secondary' || true")).toBe("");
      expect([listeners(), hasVip()]).toEqual([ready, false]);
      both("Connected Secondary Secondary UpToDate UpToDate");
    },
    60_000,
  );

  test("refuses while the VIP answers elsewhere", () => {
    machine.ok("ip -n c2 addr add 192.0.2.10/24 dev eth0");
    expect(start()).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("the VIP 192.0.2.10 already answers in the storage network"),
    });
    machine.ok("ip -n c2 addr del 192.0.2.10/24 dev eth0");
  });

  test("refuses an export whose address list is missing", () => {
    machine.ok("mv /etc/nbd-server/kvm-mirror-main-r0.allow /tmp/kept");
    expect(start()).toMatchObject({ status: 3, stderr: expect.stringContaining("nbd-server would admit everybody") });
    machine.ok("mv /tmp/kept /etc/nbd-server/kvm-mirror-main-r0.allow");
    expect([listeners(), hasVip()]).toEqual([ready, false]);
  });

  test("demotes what it promoted when another volume does not follow", () => {
    machine.ok("touch /run/drbd/r1.stuck");
    expect(start()).toMatchObject({ status: 1, stderr: expect.stringContaining("volume r1 did not become Primary") });
    machine.ok("rm /run/drbd/r1.stuck");
    expect(state().volumes.map((volume: { role: string }) => volume.role)).toEqual(["Secondary", "Secondary"]);
  });

  test("serves on the VIP and on no other address of the mirror", () => {
    machine.ok("touch /var/lib/kvm-mirror/r0.new");
    expect(start()).toMatchObject({ status: 0 });
    expect(listeners()).toEqual(["127.0.0.1:3260", "192.0.2.10:10809", "192.0.2.10:3260"]);
    expect(machine.ok("ls /var/lib/kvm-mirror | grep r0")).toBe("r0.disk\nr0.exported\nr0.metadata");
    expect(state()).toMatchObject({
      volumes: [
        { name: "r0", role: "Primary" },
        { name: "r1", role: "Primary" },
      ],
      groups: [{ name: "main", vip: true, enabled: true, nbd: true, iscsi: true }],
      attached: [],
    });
  });

  test("changes nothing the second time", () => {
    expect(start()).toMatchObject({ status: 0 });
    expect(listeners()).toEqual(["127.0.0.1:3260", "192.0.2.10:10809", "192.0.2.10:3260"]);
  });

  test("announces write-through service", () => {
    expect(
      machine.ok("ip netns exec c1 python3 $GUEST_SCRIPTS/../../test/scripts/machine/nbd-flags.py 192.0.2.10 10809 r0"),
    ).toBe("flush fua");
    const cache = () =>
      machine.ok(
        "ip netns exec c1 python3 " +
          "$GUEST_SCRIPTS/../../test/scripts/machine/iscsi-cache.py " +
          `iqn.2026-11.net.example:app-1 192.0.2.10:3260 ${iqn} 1`,
      );
    expect(cache()).toBe("write cache off");
    // The question is not blind: with the cache switched on in tgtd, the initiator sees it.
    const page = (byte: string) =>
      machine.ok(
        "tgtadm --lld iscsi --op update --mode logicalunit --tid 1 --lun 1 --params " +
          `mode_page=8:0:18:${byte}:0:0xff:0xff:0:0:0xff:0xff:0xff:0xff:0x80:0x14:0:0:0:0:0:0`,
      );
    page("0x14");
    expect(cache()).toBe("write cache on");
    page("0x10");
    expect(cache()).toBe("write cache off");
  });

  test("admits the named address and nobody else, whatever initiator name it gives", () => {
    expect(openNbd("c1")).toMatchObject({ status: 0 });
    expect(openIscsi("c1")).toMatchObject({ status: 0 });
    expect(openNbd("c2")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("Access denied by server configuration"),
    });
    expect(openIscsi("c2")).toMatchObject({ status: 1, stderr: expect.stringContaining("Target not found") });
    expect(openIscsi("c2", "another")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("Target not found"),
    });
  });

  /** Opens both volumes from a client and keeps them open. */
  const keepOpen = (client: string): void => {
    machine.ok(
      `for disk in nbd://192.0.2.10:10809/r0 ${iscsiDisk("app-1")}; do setsid ip netns exec ` +
        `${client} qemu-io "$disk" -c 'sleep 600000' >/dev/null 2>&1 & done`,
    );
    machine.ok(
      "for i in $(seq 100); do [ $(ss -Htn state established src 192.0.2.10 " +
        "| wc -l) = 2 ] && exit; sleep 0.1; done; exit 1",
    );
  };

  test("shows who is attached", () => {
    keepOpen("c1");
    expect(state().attached).toEqual([
      { volume: "r0", protocol: "nbd", address: "192.0.2.21" },
      { volume: "r1", protocol: "iscsi", address: "192.0.2.21", initiator: "iqn.2026-11.net.example:app-1" },
    ]);
  });

  test("a volume that one host has open is not given to another one", () => {
    const admitted = () =>
      machine.ok(
        `cat /etc/nbd-server/*.allow; tgtadm --lld iscsi --op show --mode target | grep -A 3 'ACL information'`,
      );
    const before = admitted();
    // It waits for the session's end as long as the installation does, and closes the door to nobody meanwhile.
    expect(
      machine.sh(
        "timeout 3 bash $GUEST_SCRIPTS/exports/group-configure.sh main --check 192.0.2.21",
        document("192.0.2.22"),
      ),
    ).toMatchObject({ status: 124, stdout: "" });
    expect(admitted()).toBe(before);
    const { status, stderr } = configure(document("192.0.2.22"), "192.0.2.21");
    expect({ status, stderr }).toEqual({
      status: 3,
      stderr:
        "group-configure.sh: refused: open now, and given to another host by the new configuration: /dev/drbd0 " +
        "192.0.2.21, /dev/drbd1 192.0.2.21 (device, address). Two hosts would write. Stop that " +
        "client, or detach its disk, in an `up` of its own first\n",
    });
    expect(openNbd("c2")).toMatchObject({ status: 1 });
    expect(openIscsi("c2")).toMatchObject({ status: 1 });
    expect(state().attached).toHaveLength(2);
  });

  test("nor while tgtd does not say who has it open", () => {
    machine.ok(`mv /usr/sbin/tgtadm /usr/sbin/tgtadm.away
      printf '#!/bin/sh\n[ "$4" = sys ] && exec tgtadm.away "$@"\nexit 107\n' >/usr/sbin/tgtadm
      chmod +x /usr/sbin/tgtadm`);
    const unasked = configure(document("192.0.2.22"), "192.0.2.21");
    machine.ok("mv /usr/sbin/tgtadm.away /usr/sbin/tgtadm");
    expect(unasked).toMatchObject({ status: 1, stderr: expect.stringContaining("tgtd did not change whom it admits") });
    expect(openNbd("c2")).toMatchObject({ status: 1 });
    expect(machine.ok("cat /etc/nbd-server/kvm-mirror-main-r0.allow")).toBe("192.0.2.21");
  });

  test("a run that is killed while it holds admissions back leaves a record of them", () => {
    machine.ok("rm /var/lib/kvm-mirror/groups/main.admitted; cat >/run/next", document("192.0.2.22"));
    machine.ok(`setsid bash ${guestScript("group-configure.sh")} main 192.0.2.21 </run/next >/dev/null 2>&1 & run=$!
      for i in $(seq 300); do grep -q 'until it is known' /etc/nbd-server/kvm-mirror-main-r0.allow && break
      sleep 0.1; done; kill -KILL -- -$run`);
    expect(machine.ok("cat /etc/nbd-server/kvm-mirror-main-r0.allow")).toBe(
      "# nobody, until it is known who has the volume open",
    );
    expect(configure(document("192.0.2.22"), "--losing").stdout).toContain("192.0.2.21 nbd:192.0.2.10:10809/r0\n");
    expect(configure(document("192.0.2.21"))).toMatchObject({ status: 0 });
  });

  test("nor while somebody is still connecting", () => {
    machine.ok("pkill -f 'sleep 60000'");
    machine.ok(`setsid ip netns exec c1 bash -c 'exec 3<>/dev/tcp/192.0.2.10/10809; exec sleep 60000' >/dev/null 2>&1 &
      for i in $(seq 100); do ip netns exec c1 ss -Htn state established dst 192.0.2.10 | grep -q . && exit
      sleep 0.1; done; exit 1`);
    expect(configure(document("192.0.2.22"), "192.0.2.21")).toMatchObject({
      status: 3,
      stderr: expect.stringContaining(
        "open now, and given to another host by the new configuration: a device not known yet 192.0.2.21 ",
      ),
    });
    expect(openIscsi("c2")).toMatchObject({ status: 1 });
    expect(openIscsi("c1")).toMatchObject({ status: 0 });
  });

  test("nor while nobody has asked the host that had it: an idle QEMU has no session after a switch", () => {
    machine.ok(
      "pkill -f 'sleep 6000[0]'; for i in $(seq 100); do [ -z \"$(ss -Htn state " +
        'established src 192.0.2.10)" ] && exit; sleep 0.1; done; exit 1',
    );
    const before = machine.ok("cat /etc/nbd-server/kvm-mirror-main-r0.allow /etc/tgt/kvm-mirror/main.conf");
    for (const asked of [[], ["192.0.2.22"]]) {
      expect(configure(document("192.0.2.22"), ...asked)).toMatchObject({
        status: 3,
        stderr: expect.stringContaining(
          `these exports would be closed: nbd:192.0.2.10:10809/r0 to 192.0.2.21, iscsi:192.0.2.10:3260/${iqn} ` +
            "to 192.0.2.21. QEMU there may have one open without a connection, and write later",
        ),
      });
    }
    expect(machine.ok("cat /etc/nbd-server/kvm-mirror-main-r0.allow /etc/tgt/kvm-mirror/main.conf")).toBe(before);
    expect(openNbd("c1")).toMatchObject({ status: 0 });
  });

  test("nor when its admission was taken away first, by a document that admits nobody", () => {
    expect(configure(groupDocument(group([], [])))).toMatchObject({
      status: 0,
    });
    expect(openNbd("c1")).toMatchObject({ status: 1 });
    expect(configure(document("192.0.2.22"))).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("nbd:192.0.2.10:10809/r0 to 192.0.2.21"),
    });
    expect(configure(document("192.0.2.21"))).toMatchObject({ status: 0 });
  });

  test("nor by another group, which has got the volume", () => {
    const other = document("192.0.2.22").replaceAll("main", "other").replaceAll("192.0.2.10", "192.0.2.12");
    expect(machine.guest("group-configure.sh", ["other", "--losing"], other)).toEqual({
      status: 0,
      stdout: `192.0.2.21 nbd:192.0.2.10:10809/r0\n192.0.2.21 iscsi:192.0.2.10:3260/${iqn}\n`,
      stderr: "",
    });
    expect(machine.guest("group-configure.sh", ["other"], other)).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("nbd:192.0.2.10:10809/r0 to 192.0.2.21"),
    });
  });

  test("says whom to ask, and changes nothing", () => {
    const before = machine.ok("cat $(find /etc/nbd-server /etc/tgt /var/lib/kvm-mirror -type f)");
    expect(configure(document("192.0.2.22"), "--losing")).toEqual({
      status: 0,
      stdout: `192.0.2.21 nbd:192.0.2.10:10809/r0\n192.0.2.21 iscsi:192.0.2.10:3260/${iqn}\n`,
      stderr: "",
    });
    expect(configure(document("192.0.2.21"), "--losing")).toEqual({ status: 0, stdout: "", stderr: "" });
    const renamed = { ...byNbd, name: "other", admitted: ["192.0.2.21"] };
    const target = { ...byIscsi, admitted: ["192.0.2.21"] };
    expect(configure(groupDocument({ ...mainGroup, exports: [renamed, target] }), "--losing")).toEqual({
      status: 0,
      stdout: "192.0.2.21 nbd:192.0.2.10:10809/r0\n",
      stderr: "",
    });
    expect(machine.ok("cat $(find /etc/nbd-server /etc/tgt /var/lib/kvm-mirror -type f)")).toBe(before);
  });

  test("once it is closed, and its host was asked, the new admission holds at once", () => {
    expect(configure(document("192.0.2.22"), "192.0.2.21")).toMatchObject({ status: 0 });
    expect(openNbd("c1")).toMatchObject({ status: 1 });
    expect(openIscsi("c1")).toMatchObject({ status: 1 });
    expect(openNbd("c2")).toMatchObject({ status: 0 });
    expect(openIscsi("c2")).toMatchObject({ status: 0 });
    keepOpen("c2");
  });

  test("what it has open stays, when nothing else changes or its admission is taken away", () => {
    expect(check(document("192.0.2.22"))).toEqual({ status: 0, stdout: "serving\n", stderr: "" });
    expect(configure(document("192.0.2.22"))).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(machine.ok("cat /var/lib/kvm-mirror/groups/main.admitted")).toBe(
      `/dev/drbd0 192.0.2.22 nbd:192.0.2.10:10809/r0\n/dev/drbd1 192.0.2.22 iscsi:192.0.2.10:3260/${iqn}`,
    );
    expect(configure(groupDocument(group([], ["192.0.2.22"])))).toMatchObject({
      status: 0,
    });
    expect(state().attached).toHaveLength(2);
    expect(configure(document("192.0.2.22"))).toMatchObject({ status: 0 });
  });

  test("a changed VIP is refused while the group runs", () => {
    expect(configure(document("192.0.2.22").replaceAll("192.0.2.10", "192.0.2.19"), "192.0.2.22")).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("its address would change"),
    });
  });

  test("targets come back when tgtd was restarted", () => {
    machine.ok("systemctl stop tgt.service && systemctl start tgt.service");
    expect(openIscsi("c2")).toMatchObject({ status: 0 });
  });
});

describe("group-stop.sh", () => {
  test("ends every client's connection before the VIP goes, and demotes", () => {
    // Those that the tests above keep open.
    machine.ok(
      'kill $(pgrep -x qemu-io); for i in $(seq 100); do [ -z "$(ss -Htn state ' +
        'established src 192.0.2.10)" ] && exit; sleep 0.1; done; exit 1',
    );
    machine.ok(`setsid ip netns exec c2 qemu-io -f raw nbd://192.0.2.10:10809/r0 -c 'sleep 600000' >/dev/null 2>&1 &
      setsid ip netns exec c2 qemu-io ${iscsiDisk("app-1")} -c 'sleep 600000' >/dev/null 2>&1 &
      for i in $(seq 100); do [ $(ip netns exec c2 ss -Htn state established dst 192.0.2.10 | wc -l) = 2 ] && exit
      sleep 0.1; done; exit 1`);
    expect(stop()).toEqual({ status: 0, stdout: "", stderr: "group-stop.sh: group main is stopped here\n" });
    expect([listeners(), hasVip()]).toEqual([ready, false]);
    expect(machine.ok("ip netns exec c2 ss -Htn state established dst 192.0.2.10")).toBe("");
    expect(state()).toMatchObject({
      volumes: [{ role: "Secondary" }, { role: "Secondary" }],
      groups: [{ name: "main", vip: false, enabled: false, nbd: true, iscsi: false }],
    });
  });

  test("is safe to run on a mirror where the group does not run", () => {
    expect(stop()).toMatchObject({ status: 0 });
  });

  test("start and stop end the same after being killed at any moment", () => {
    const kill = (script: string, moment: number) =>
      machine.sh(`timeout --signal KILL 0.${moment} bash $GUEST_SCRIPTS/placement/${script} main 2>/dev/null`);
    for (const moment of [1, 2, 3, 5, 7, 9]) kill("group-start.sh", moment);
    expect(start()).toMatchObject({ status: 0 });
    expect(openNbd("c2")).toMatchObject({ status: 0 });
    expect(openIscsi("c2")).toMatchObject({ status: 0 });
    for (const moment of [1, 2, 3, 5]) kill("group-stop.sh", moment);
    expect(stop()).toMatchObject({ status: 0 });
    expect([listeners(), hasVip()]).toEqual([ready, false]);
    expect(state()).toMatchObject({
      volumes: [{ role: "Secondary" }, { role: "Secondary" }],
      groups: [{ vip: false, enabled: false }],
    });
  });
});

describe("with a disk that takes nothing more", () => {
  const places = ["/tmp", "/var/tmp", "/var/lib/kvm-mirror"];
  /** Not even the name of another file goes in. */
  const fill = () =>
    machine.ok(places.map((place) => `mount -t tmpfs -o size=4k,nr_inodes=1 none ${place}`).join(" && "));
  const empty = () => machine.ok(`umount ${places.join(" ")}`);
  const roles = () => state().volumes.map((volume: { role: string }) => volume.role);

  test("a group is promoted and served, and the mirror says how full it is", () => {
    expect(configure(document("192.0.2.22"))).toMatchObject({ status: 0 });
    both("WFConnection Secondary Unknown UpToDate DUnknown");
    fill();
    try {
      expect(machine.sh("touch /tmp/x /var/lib/kvm-mirror/x").status).toBe(1);
      expect(machine.guest("group-start.sh", ["main", "--peer-fenced", "the-peer"])).toMatchObject({
        status: 0,
        stderr: expect.stringContaining("takes no record that volume r0 is exported"),
      });
      expect(listeners()).toEqual(["127.0.0.1:3260", "192.0.2.10:10809", "192.0.2.10:3260"]);
      expect(state()).toMatchObject({ groups: [{ vip: true, nbd: true, iscsi: true }] });
      expect(state().space).toContainEqual({ path: "/tmp", usedPercent: 100 });
      expect(openNbd("c2")).toMatchObject({ status: 0 });
      expect(stop()).toMatchObject({ status: 0 });
    } finally {
      empty();
    }
  });

  test("where no record can keep a preload away, nothing is served, and no volume stays Primary", () => {
    both("Connected Secondary Secondary UpToDate UpToDate");
    machine.ok(
      "mount -t tmpfs none /var/lib/kvm-mirror && touch " +
        "/var/lib/kvm-mirror/r1.new && mount -o remount,ro /var/lib/kvm-mirror",
    );
    try {
      expect(start()).toMatchObject({
        status: 1,
        stderr: expect.stringMatching(
          /a later preload would write over the volume.*main does not serve here\. The volumes .* are demoted again/s,
        ),
      });
    } finally {
      machine.ok("umount /var/lib/kvm-mirror");
    }
    expect(roles()).toEqual(["Secondary", "Secondary"]);
    expect([listeners(), hasVip()]).toEqual([ready, false]);
    expect(machine.guest("group-where.sh", ["main"]).stdout).toBe("idle\n");
  });
});
