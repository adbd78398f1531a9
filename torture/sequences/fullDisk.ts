import type { Scene, Step } from "./sequence.ts";

const file = "/kvm-mirror-torture-fill";

/** Takes every block that the file system still has, also those that are kept for root, without writing them. */
const filling = [
  "set -e",
  `at=0; : >${file}`,
  "for size in $((1 << 28)) $((1 << 24)) $((1 << 20)) $((1 << 16)) $((1 << 12)); do while fallocate " +
    `-o "$at" -l "$size" ${file} 2>/dev/null; do at=$((at + size)); done; done`,
  `if dd if=/dev/zero of=${file}.more bs=64k count=1 conv=fsync status=none ` +
    "2>/dev/null; then echo 'there is still room' >&2; exit 1; fi",
  "df --output=avail / | tail -n 1",
].join("\n");

/** The disk of the standby's operating system is full. */
export const fillDisk: Step = {
  name: "standby's own disk filled",
  async run(scene) {
    const { system, situation } = scene;
    scene.undo("full disk", () => free(scene));
    return `${(await system.onMirror(situation.standby, filling, 300)).trim()} KiB left`;
  },
};

/** Takes that away; where it is away already, nothing happens. */
export const freeDisk: Step = { name: "standby's own disk freed", run: free };

async function free({ system, situation }: Scene): Promise<void> {
  await system.onMirror(situation.standby, `rm -f ${file} ${file}.more`, 120);
}
