import { setTimeout as sleep } from "node:timers/promises";

/** Asks every 2 s until the answer is yes; false when it was not within so many seconds. */
export async function waitFor(seconds: number, ask: () => Promise<boolean>): Promise<boolean> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    if (await ask()) return true;
    if (performance.now() >= end) return false;
    await sleep(2000);
  }
}
