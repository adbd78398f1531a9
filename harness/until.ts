import { messageOf } from "../plugins/serving/messageOf.ts";
export const sleep = (seconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/**
 * Waits for a state.
 * @param look says what is still missing, or nothing; what it throws counts as missing
 * @throws after `seconds`, with what was missing last
 */
export async function until(
  what: string,
  seconds: number,
  look: () => Promise<string | undefined>,
  every = 1,
): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    let missing: string | undefined;
    try {
      missing = await look();
    } catch (error) {
      missing = messageOf(error);
    }
    if (missing === undefined) return;
    if (Date.now() > deadline) throw new Error(`not within ${seconds} s: ${what}; seen last: ${missing}`);
    await sleep(every);
  }
}
