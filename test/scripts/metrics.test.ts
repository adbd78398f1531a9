import { describe, expect, test } from "vitest";
import { brief, playedMetrics, volumeLines, whole } from "./playedMetrics.ts";

const { played, pageOf } = playedMetrics();

/** What of it is different from a page where r0 is whole: the new samples. @param first is run between the two */
function newIn(r0: string, first?: () => void): string {
  const before = pageOf(whole(0));
  first?.();
  const after = pageOf(r0).filter(
    (line) => !before.includes(line) && !line.startsWith("#") && !/state=.* 0$/.test(line),
  );
  return after.map((line) => brief(line).replace('volume="r0",group="main"', "r0")).join("\n");
}

test("a mirror that serves a group of which all is well", () => {
  const page = pageOf(whole(0));
  const names = (pattern: RegExp) => [...new Set(page.flatMap((line) => pattern.exec(line)?.[1] ?? []))];
  expect(names(/^# HELP (\S+) ./)).toEqual(names(/^(kvm_mirror_\w+){/));
  expect(names(/^# TYPE (\S+) (?:gauge|counter)$/)).toEqual(names(/^(kvm_mirror_\w+){/));
  expect(page.filter((line) => /_total{/.test(line)).map((line) => line.split("{")[0])).toEqual(
    page
      .filter((line) => /TYPE .* counter/.test(line))
      .flatMap((line) => {
        const name = line.split(" ")[2] ?? "";
        return page.filter((sample) => sample.startsWith(`${name}{`)).map(() => name);
      }),
  );
  const shown = page.filter((line) => !/^#|volume="r1"|state=.* 0$/.test(line));
  expect(shown.map(brief).join("\n")).toMatchInlineSnapshot(`
    "info{drbd="8.4.11",scripts="guest",failover="manual"} 1
    written_timestamp_seconds{stack="lab",mirror="mirror-a"} NOW
    source_readable{source="drbd"} 1
    source_readable{source="addresses"} 1
    source_readable{source="marks"} 1
    source_readable{source="exports"} 1
    source_readable{source="tgtd"} 1
    volume_size_bytes{volume="r0",group="main"} 67108864
    volume_role{volume="r0",group="main",state="Primary"} 1
    volume_disk_state{volume="r0",group="main",state="UpToDate"} 1
    volume_peer_disk_state{volume="r0",group="main",state="UpToDate"} 1
    volume_connection_state{volume="r0",group="main",state="Connected"} 1
    volume_good_copies{volume="r0",group="main"} 2
    volume_out_of_sync_bytes{volume="r0",group="main"} 0
    volume_suspended{volume="r0",group="main"} 0
    volume_frozen{volume="r0",group="main"} 0
    volume_alone{volume="r0",group="main"} 0
    volume_verified_timestamp_seconds{volume="r0",group="main"} 0
    volume_verify_found_bytes{volume="r0",group="main"} 0
    volume_sent_bytes_total{volume="r0",group="main"} 2097152
    volume_received_bytes_total{volume="r0",group="main"} 65536
    volume_disk_written_bytes_total{volume="r0",group="main"} 4194304
    volume_disk_read_bytes_total{volume="r0",group="main"} 131072
    volume_activity_log_writes_total{volume="r0",group="main"} 3
    volume_bitmap_writes_total{volume="r0",group="main"} 1
    volume_pending_requests{volume="r0",group="main",kind="disk"} 0
    volume_pending_requests{volume="r0",group="main",kind="peer"} 0
    volume_pending_requests{volume="r0",group="main",kind="answer"} 0
    volume_pending_requests{volume="r0",group="main",kind="application"} 0
    volume_reads_total{volume="r0",group="main"} 8
    volume_writes_total{volume="r0",group="main"} 20
    volume_read_seconds_total{volume="r0",group="main"} 1.5
    volume_write_seconds_total{volume="r0",group="main"} 2.25
    group_serving{group="main"} 1
    group_vip_present{group="main"} 1
    group_listening{group="main",protocol="nbd"} 1
    group_listening{group="main",protocol="iscsi"} 1
    group_takeover_ready{group="main"} 0
    client_connections{group="main",volume="r0",protocol="nbd",address="192.0.2.21"} 0"
  `);
});

describe("how long writes take", () => {
  const minute = (lines: string, ago = 0): void =>
    void played.machine.ok(
      `mkdir -p /run/kvm-mirror; read -r up _ </proc/uptime
       { echo $((\${up%.*} - ${ago})); cat; } >/run/kvm-mirror/writes`,
      lines,
    );

  test("as clients have them, and on the disk here", () => {
    const lines = "r0 volume 60000 120 60000 0\nr0 disk 60000 120 240 0\nr1 volume 60000 0 0 40000\n";
    expect(newIn(whole(0), () => minute(lines))).toMatchInlineSnapshot(`
      "volume_write_latency_seconds{r0,of="volume"} 0.5
      volume_write_latency_seconds{r0,of="disk"} 0.002
      volume_write_latency_seconds{volume="r1",group="main",of="volume"} 40
      volume_writes_slow{r0,of="volume"} 1
      volume_writes_slow{r0,of="disk"} 0
      volume_writes_slow{volume="r1",group="main",of="volume"} 1"
    `);
    expect(
      pageOf(whole(0))
        .filter((line) => /write.*volume="r1".*of=/.test(line))
        .map(brief),
    ).toEqual([
      'volume_write_latency_seconds{volume="r1",group="main",of="volume"} 40',
      'volume_writes_slow{volume="r1",group="main",of="volume"} 1',
    ]);
  });

  test("is missing where nothing was written, or nobody has looked of late", () => {
    const told = () =>
      pageOf(whole(0))
        .filter((line) => line.includes('of="'))
        .map(brief);
    minute("r0 volume 60000 0 0 0\n");
    expect(told()).toEqual(['volume_writes_slow{volume="r0",group="main",of="volume"} 0']);
    minute("r0 volume 60000 120 60000 0\n", 90);
    expect(told()).toEqual([]);
    played.machine.ok("rm /run/kvm-mirror/writes");
    expect(told()).toEqual([]);
  });
});

describe("what a volume says that is not whole", () => {
  const synchronising = (head: string, progress: string) =>
    ` 0: ${head}\n    ns:0 nr:8192 dw:8192 dr:0 al:0 bm:0 lo:1 pe:2 ua:3 ap:4 ep:1 wo:f oos:57344\n${progress}`;

  test("the target of a synchronisation", () => {
    const proc = synchronising(
      "cs:SyncTarget ro:Secondary/Primary ds:Inconsistent/UpToDate C r-----",
      "\t[=>..................] sync'ed: 12.5% (57344/65536)K\n" +
        "\tfinish: 2:00:07 speed: 8,192 (8,190) want: 10,240 K/sec\n",
    );
    expect(newIn(proc)).toMatchInlineSnapshot(`
      "volume_role{r0,state="Secondary"} 1
      volume_disk_state{r0,state="Inconsistent"} 1
      volume_connection_state{r0,state="SyncTarget"} 1
      volume_good_copies{r0} 1
      volume_out_of_sync_bytes{r0} 58720256
      volume_sync_done_ratio{r0} 0.125
      volume_sync_remaining_seconds{r0} 7207
      volume_sync_bytes_per_second{r0} 8388608
      volume_sync_stalled{r0} 0
      volume_sent_bytes_total{r0} 0
      volume_received_bytes_total{r0} 8388608
      volume_disk_written_bytes_total{r0} 8388608
      volume_disk_read_bytes_total{r0} 0
      volume_activity_log_writes_total{r0} 0
      volume_bitmap_writes_total{r0} 0
      volume_pending_requests{r0,kind="disk"} 1
      volume_pending_requests{r0,kind="peer"} 2
      volume_pending_requests{r0,kind="answer"} 3
      volume_pending_requests{r0,kind="application"} 4
      group_serving{group="main"} 0"
    `);
  });

  test("the source of one that has stalled, counted in MiB", () => {
    const proc = synchronising(
      "cs:SyncSource ro:Primary/Secondary ds:UpToDate/Inconsistent C r-----",
      "\t[==>.................] sync'ed: 18.1% (41984/51200)M\n\tfinish: 11:39:44 speed: 0 (1,024) K/sec (stalled)\n",
    );
    expect(newIn(proc)).toMatchInlineSnapshot(`
      "volume_peer_disk_state{r0,state="Inconsistent"} 1
      volume_connection_state{r0,state="SyncSource"} 1
      volume_good_copies{r0} 1
      volume_out_of_sync_bytes{r0} 58720256
      volume_sync_done_ratio{r0} 0.181
      volume_sync_remaining_seconds{r0} 41984
      volume_sync_bytes_per_second{r0} 0
      volume_sync_stalled{r0} 1
      volume_sent_bytes_total{r0} 0
      volume_received_bytes_total{r0} 8388608
      volume_disk_written_bytes_total{r0} 8388608
      volume_disk_read_bytes_total{r0} 0
      volume_activity_log_writes_total{r0} 0
      volume_bitmap_writes_total{r0} 0
      volume_pending_requests{r0,kind="disk"} 1
      volume_pending_requests{r0,kind="peer"} 2
      volume_pending_requests{r0,kind="answer"} 3
      volume_pending_requests{r0,kind="application"} 4"
    `);
  });

  test("a comparison", () => {
    const proc = synchronising(
      "cs:VerifyS ro:Primary/Secondary ds:UpToDate/UpToDate C r-----",
      "\t[>....................] verified:  4.0% (62976/65536)K\n\tfinish: 0:00:24 speed: 2,560 (2,560) K/sec\n",
    );
    expect(newIn(proc)).toMatchInlineSnapshot(`
      "volume_connection_state{r0,state="VerifyS"} 1
      volume_out_of_sync_bytes{r0} 58720256
      volume_sync_done_ratio{r0} 0.04
      volume_sync_remaining_seconds{r0} 24
      volume_sync_bytes_per_second{r0} 2621440
      volume_sync_stalled{r0} 0
      volume_sent_bytes_total{r0} 0
      volume_received_bytes_total{r0} 8388608
      volume_disk_written_bytes_total{r0} 8388608
      volume_disk_read_bytes_total{r0} 0
      volume_activity_log_writes_total{r0} 0
      volume_bitmap_writes_total{r0} 0
      volume_pending_requests{r0,kind="disk"} 1
      volume_pending_requests{r0,kind="peer"} 2
      volume_pending_requests{r0,kind="answer"} 3
      volume_pending_requests{r0,kind="application"} 4"
    `);
  });

  test("a split brain: DRBD leaves the protocol out", () => {
    expect(newIn(volumeLines("cs:StandAlone ro:Primary/Unknown ds:UpToDate/DUnknown   r-----"))).toMatchInlineSnapshot(`
      "volume_peer_disk_state{r0,state="DUnknown"} 1
      volume_connection_state{r0,state="StandAlone"} 1
      volume_good_copies{r0} 1"
    `);
  });

  test("a Primary without a disk", () => {
    expect(
      newIn(volumeLines("cs:Connected ro:Primary/Secondary ds:Diskless/UpToDate C r-----")),
    ).toMatchInlineSnapshot(`
      "volume_disk_state{r0,state="Diskless"} 1
      volume_good_copies{r0} 1"
    `);
  });

  test("reads and writes that wait, at a Primary that stands still", () => {
    const proc = volumeLines("cs:WFConnection ro:Primary/Unknown ds:UpToDate/DUnknown C s-----");
    const stands = "cd /run/kvm-mirror && mkdir -p frozen lost && echo the-peer >frozen/r0 && echo 1764200000 >lost/r0";
    expect(newIn(proc, () => void played.machine.ok(stands))).toMatchInlineSnapshot(`
      "volume_peer_disk_state{r0,state="DUnknown"} 1
      volume_connection_state{r0,state="WFConnection"} 1
      volume_good_copies{r0} 1
      volume_suspended{r0} 1
      volume_frozen{r0} 1
      volume_lost_since_timestamp_seconds{r0} 1764200000"
    `);
    played.machine.ok("rm /run/kvm-mirror/frozen/r0 /run/kvm-mirror/lost/r0");
  });

  test("one that is down, and one state that nobody knows", () => {
    expect(newIn(" 0: cs:Unconfigured\n")).toMatchInlineSnapshot(`
      "volume_role{r0,state="Unconfigured"} 1
      volume_disk_state{r0,state="Unconfigured"} 1
      volume_peer_disk_state{r0,state="DUnknown"} 1
      volume_connection_state{r0,state="Unconfigured"} 1
      volume_good_copies{r0} 0
      group_serving{group="main"} 0"
    `);
    expect(newIn("")).toBe(newIn(" 0: cs:Unconfigured\n"));
    const proc = volumeLines("cs:NetworkFailure ro:Primary/Unknown ds:UpToDate/DUnknown C r-----");
    expect(newIn(proc)).toContain('volume_connection_state{r0,state="NetworkFailure"} 1');
  });

  test("one that has gone on alone, by its mark; of a whole one the mark is old", () => {
    const mark = (text: string) =>
      played.machine.ok(
        "dd of=/dev/disk/by-id/virtio-kvm-mirror.marks bs=4096 seek=1 " +
          "conv=sync,notrunc,fsync oflag=direct iflag=fullblock",
        text,
      );
    mark("alone r0 1764200000\n");
    expect(pageOf(whole(0)).filter((line) => / 1$/.test(line) && line.includes("alone"))).toEqual([]);
    const proc = volumeLines("cs:WFConnection ro:Primary/Unknown ds:UpToDate/Outdated C r-----");
    expect(newIn(proc)).toMatchInlineSnapshot(`
      "volume_peer_disk_state{r0,state="Outdated"} 1
      volume_connection_state{r0,state="WFConnection"} 1
      volume_good_copies{r0} 1
      volume_alone{r0} 1
      volume_alone_since_timestamp_seconds{r0} 1764200000"
    `);
    mark("\n");
    expect(newIn(proc)).not.toContain("alone_since");
  });
});
