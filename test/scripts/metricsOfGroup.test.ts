import { describe, expect, test } from "vitest";
import { brief, playedMetrics, volumeLines, whole } from "./playedMetrics.ts";

const { played, pageOf } = playedMetrics();

describe("a standby", () => {
  const standby = (disk: string, connection = "Connected") =>
    [0, 1]
      .map((minor) => volumeLines(`cs:${connection} ro:Secondary/Primary ds:${disk}/UpToDate C r-----`, minor))
      .join("");
  /** r1 is what the whole page says it is, unless it is said here: the last line of a minor counts. */
  const ready = (proc: string) => {
    played.machine.ok("cat >/run/drbd/proc", `version: 8.4.11\n${proc}`);
    played.machine.guest("metrics.sh", ["/tmp/metrics.prom"]);
    return played.machine.ok(
      "sed -n 's/^kvm_mirror_group_\\(serving\\|takeover_ready\\){.*} /\\1 /p' /tmp/metrics.prom",
    );
  };
  test.each([
    ["UpToDate: it could take over", standby("UpToDate"), 1],
    ["and has lost its peer: it could", standby("UpToDate", "WFConnection"), 1],
    ["Outdated: it could not", standby("Outdated", "WFConnection"), 0],
    ["while it is synchronised: it could not", standby("Inconsistent", "SyncTarget"), 0],
    ["one volume Primary: neither", standby("UpToDate").replace("ro:Secondary", "ro:Primary"), 0],
    ["down", "", 0],
  ])("%s", (_, proc, expected) => expect(ready(proc)).toBe(`serving 0\ntakeover_ready ${expected}`));
});

describe("clients", () => {
  const connections = (page: readonly string[]) =>
    page
      .filter((line) => line.includes("client_connections{"))
      .map(brief)
      .join("\n");
  test("one that is admitted and away counts 0, one that is there 1", () => {
    expect(connections(pageOf(whole(0)))).toMatchInlineSnapshot(`
      "client_connections{group="main",volume="r0",protocol="nbd",address="192.0.2.21"} 0
      client_connections{group="main",volume="r1",protocol="iscsi",address="192.0.2.21"} 0"
    `);
    played.machine.ok(
      "ip netns exec c1 python3 -c '" +
        'import socket,sys,time; s=socket.create_connection(("192.0.2.10",10809)); f=s.makefile("rwb"); ' +
        'f.read(18); f.write((1).to_bytes(4,"big")+b"IHAVEOPT"+(1).to_bytes(4,"big")+(2).to_bytes(4,"big")+b"r0"); ' +
        'f.flush(); f.read(10); open("/tmp/connected","w"); time.sleep(600)\' ' +
        ">/dev/null 2>&1 & echo $! >/tmp/client.pid; " +
        "for i in $(seq 100); do [ -e /tmp/connected ] && exit; sleep 0.1; done; exit 1",
    );
    expect(connections(pageOf(whole(0)))).toContain(
      'client_connections{group="main",volume="r0",protocol="nbd",address="192.0.2.21"} 1',
    );
    played.machine.ok("kill $(cat /tmp/client.pid)");
  });
});

describe("what drbdadm verify has found stays on record", () => {
  const verifies = () =>
    pageOf(whole(0))
      .filter((line) => /verif.*volume="r0"/.test(line))
      .map(brief)
      .join("\n");
  const journal = (...lines: readonly string[]) =>
    played.machine.ok("cat >/run/journal", lines.map((line) => `${line}\n`).join(""));
  const done = (moment: number, minor = 0) =>
    `${moment}.123456 m kernel: block drbd${minor}: Online verify done (total 3 sec; paused 0 sec; 21844 K/sec)`;

  test("from the kernel's journal, whichever device it is", () => {
    journal("1764200001.000000 m kernel: block drbd0: Starting Online Verify from sector 0", done(1764200004));
    expect(verifies()).toMatchInlineSnapshot(`
      "volume_verified_timestamp_seconds{volume="r0",group="main"} 1764200004
      volume_verify_found_bytes{volume="r0",group="main"} 0"
    `);
    journal(
      done(1764200100),
      "1764200100.2 m kernel: block drbd0: Online verify found 2 4k block out of sync!",
      done(1764200200, 10),
    );
    expect(verifies()).toMatchInlineSnapshot(`
      "volume_verified_timestamp_seconds{volume="r0",group="main"} 1764200100
      volume_verify_found_bytes{volume="r0",group="main"} 8192"
    `);
    expect(played.machine.ok("cat /var/lib/kvm-mirror/r0.verified; ls /var/lib/kvm-mirror/*.verified")).toBe(
      "1764200100 8192\n/var/lib/kvm-mirror/r0.verified",
    );
  });
  test("an older one does not take its place, and the journal may be gone", () => {
    journal(done(1764200004));
    expect(verifies()).toContain("1764200100");
    journal();
    expect(verifies()).toContain("1764200100");
  });
  test("a journal that cannot be read is said, and the rest is written", () => {
    played.machine.play("journalctl", "exit 1");
    const { status, stderr } = played.machine.guest("metrics.sh", ["/tmp/metrics.prom"]);
    expect(status).toBe(0);
    expect(stderr).toContain("the kernel's journal cannot be read");
    played.machine.play("journalctl", "cat /run/journal 2>/dev/null || true");
  });
});

describe("a source that cannot be read", () => {
  const unreadable = () =>
    pageOf(whole(0))
      .filter((line) => /source_readable{.*} 0$/.test(line))
      .map(brief);
  test("is said, and what it would say is missing", () => {
    played.machine.ok(
      "mv /dev/disk/by-id/virtio-kvm-mirror.marks /tmp/ && echo damaged >>/etc/kvm-mirror/main.exports",
    );
    expect(unreadable()).toEqual(['source_readable{source="marks"} 0', 'source_readable{source="exports"} 0']);
    played.machine.ok("mv /tmp/virtio-kvm-mirror.marks /dev/disk/by-id/ && sed -i '$d' /etc/kvm-mirror/main.exports");
    expect(unreadable()).toEqual([]);
  });
  test("a file that cannot be written is an error, and the old one stays whole", () => {
    expect(played.machine.guest("metrics.sh", ["relative"])).toMatchObject({ status: 2 });
    played.machine.ok("mkdir -p /tmp/full && touch /tmp/full/not-a-folder");
    const { status, stderr } = played.machine.guest("metrics.sh", ["/tmp/full/not-a-folder/x.prom"]);
    expect({ status, stderr }).toMatchObject({ status: 1, stderr: expect.stringContaining("cannot be written") });
    expect(played.machine.ok("ls -A /tmp/full")).toBe("not-a-folder");
  });
});
