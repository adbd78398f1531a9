/** What tells the disks of a mirror that was moved away from those in use: a sign of life beside the marks. */
import { beforeAll, describe, expect, test } from "vitest";
import { playedPeer } from "./playedPeer.ts";

const played = playedPeer();
const { watch, state, peerIsSilent, alone } = played;
const disk = "/dev/disk/by-id/virtio-kvm-mirror.marks";
const whole = "Connected Secondary Primary UpToDate UpToDate";
const lastBlock = () =>
  played.machine.ok(`dd if=${disk} bs=4096 skip=511 count=1 iflag=direct status=none | tr -d '\\0'`);
const now = (): number => Number(played.machine.ok("date +%s"));
const heardUntil = (): number | null =>
  JSON.parse(played.machine.guest("state.sh").stdout).volumes[0].heardUntil as number | null;

beforeAll(() => played.machine.prepareMarks());

describe("a mirror", () => {
  test("leaves a sign of life, which disturbs no mark", () => {
    const before = now();
    state(whole);
    expect(watch()).toMatchObject({ status: 0, stderr: "" });
    const [, at = ""] = /^alive (\d{10})$/.exec(lastBlock()) ?? [];
    expect(Number(at)).toBeGreaterThanOrEqual(before);
    expect(played.machine.ok(`head -c 4096 ${disk} | tr -d '\\0'`)).toBe("kvm-mirror marks 1");
  });

  test("says once that it can leave none, and goes on", () => {
    state(whole);
    const target = played.machine.ok(`readlink ${disk} && rm ${disk}`);
    expect(watch()).toMatchObject({ status: 0, stderr: expect.stringContaining("no sign of life can be left") });
    expect(watch()).toMatchObject({ status: 0, stderr: "" });
    played.machine.ok(`ln -s ${target} ${disk}`);
    watch();
    expect(played.machine.sh("ls /run/kvm-mirror/lifeless").status).not.toBe(0);
  });

  test("writes on no disk that is not named as its own", () => {
    const before = lastBlock();
    const header = (text: string) =>
      played.machine.ok(`dd of=${disk} bs=4096 conv=sync,notrunc,fsync status=none`, `${text}\n`);
    header("somebody else's");
    expect(watch()).toMatchObject({ status: 0, stderr: expect.stringContaining("no sign of life can be left") });
    expect(lastBlock()).toBe(before);
    header("kvm-mirror marks 1");
  });

  test("does not wait for a marks disk that hangs", () => {
    state(alone);
    peerIsSilent();
    played.machine.ok("rm -rf /run/kvm-mirror/lost && mv /usr/bin/dd /usr/bin/dd.away");
    played.machine.play("dd", "exec sleep 60");
    played.machine.ok("timeout 6 bash /usr/local/lib/kvm-mirror/watch-peer.sh || true");
    played.machine.ok("rm /usr/sbin/dd && mv /usr/bin/dd.away /usr/bin/dd");
    expect(played.machine.ok("cat /run/kvm-mirror/lost/r0")).toMatch(/^\d{10}$/);
  });
});

describe("until when its peer was heard", () => {
  test("is now while it is connected", () => {
    state(whole);
    watch();
    expect(heardUntil()).toBeGreaterThanOrEqual(now() - 5);
  });

  test("is the moment of the loss, and now before that is noted", () => {
    state(alone);
    played.machine.ok("rm -f /run/kvm-mirror/lost/r0");
    expect(heardUntil()).toBeGreaterThanOrEqual(now() - 5);
    played.machine.ok("mkdir -p /run/kvm-mirror/lost && echo 1700000000 >/run/kvm-mirror/lost/r0");
    expect(heardUntil()).toBe(1_700_000_000);
  });

  test("is not known when it was not heard since this mirror booted", () => {
    state(alone);
    played.machine.ok("rm -rf /run/kvm-mirror/heard");
    expect(heardUntil()).toBeNull();
  });
});
