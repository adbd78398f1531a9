/** The guests of the lab, and where the hosts keep their disks. */
import { inGuest } from "./lab.ts";

export const pool = "/var/lib/libvirt/images";
export const mirrorA = "storage@10.30.0.11";
export const mirrorB = "storage@10.30.0.12";
export const client = "storage@10.30.0.21";

/** Waits until a command succeeds in a guest; fails with what was seen last. */
export async function untilInGuest(target: string, command: string, seconds: number): Promise<string> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const result = await inGuest(target, command, { timeout: 60 });
    if (result.status === 0) return result.stdout;
    if (Date.now() > deadline) throw new Error(`${target}: after ${seconds} s still: ${result.output}`);
    await new Promise((resolve) => setTimeout(resolve, 2000));
  }
}
