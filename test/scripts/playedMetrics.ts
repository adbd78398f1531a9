import { hostname } from "node:os";
import { beforeAll, expect } from "vitest";
import { document, playedGroup } from "./playedGroup.ts";

const numbers = "ns:2048 nr:64 dw:4096 dr:128 al:3 bm:1 lo:0 pe:0 ua:0 ap:0 ep:1 wo:f oos:0";

/** A volume's lines in /proc/drbd. @param head what follows its minor number */
export const volumeLines = (head: string, minor = 0): string => ` ${minor}: ${head}\n    ${numbers}\n`;
export const whole = (minor: number): string =>
  volumeLines("cs:Connected ro:Primary/Secondary ds:UpToDate/UpToDate C r-----", minor);

/** A sample without what all have in common. */
export const brief = (line: string): string =>
  line.replace('stack="lab",mirror="mirror-a",', "").replace("kvm_mirror_", "");

/** A mirror of stack lab that serves the group main (r0 by NBD, r1 by iSCSI), and its metrics, for a file's tests. */
export function playedMetrics() {
  const played = playedGroup();
  /** What metrics.sh writes while /proc/drbd says this of r0, and r1 is whole; without the time. */
  function pageOf(r0: string): readonly string[] {
    played.machine.ok("cat >/run/drbd/proc", `version: 8.4.11 (api:1/proto:86-101)\nsrcversion: 0\n${r0}${whole(1)}`);
    const { status, stderr } = played.machine.guest("metrics.sh", ["/tmp/metrics.prom"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const text = played.machine.ok("cat /tmp/metrics.prom").replaceAll(`mirror="${hostname()}"`, 'mirror="mirror-a"');
    return text.replace(/(written_timestamp_seconds{.*}) \d{10}/, "$1 NOW").split("\n");
  }
  beforeAll(() => {
    const { machine } = played;
    machine.play("journalctl", "cat /run/journal 2>/dev/null || true");
    machine.ok("mkdir -p /etc/kvm-mirror/monitoring && echo 'stack lab' >/etc/kvm-mirror/monitoring/settings");
    machine.ok("mount -t tmpfs none /sys/block && mkdir /sys/block/drbd0 && echo 131072 >/sys/block/drbd0/size");
    machine.ok("echo '8 0 64 1500 20 0 160 2250 0 100 3750' >/sys/block/drbd0/stat");
    machine.marksDisk();
    expect(played.configure(document("192.0.2.21"))).toMatchObject({ status: 0 });
    expect(played.start()).toMatchObject({ status: 0 });
  });
  return { played, pageOf };
}
