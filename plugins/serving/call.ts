/** The context of one operation: its deadline, its messages, its secrets. */
import type { EngineLog } from "./engineLog.ts";
import { messageOf } from "./messageOf.ts";
import type { Call } from "./resource.ts";

/** Node's timers hold no longer delay than this (24.8 days). */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

export interface CallOptions {
  readonly urn: string;
  /** Seconds from the resource's customTimeouts; 0: none. */
  readonly timeout: number;
  readonly cancelled: AbortSignal;
  readonly log: EngineLog | undefined;
  readonly mask: (message: string) => string;
}

/** Runs `work` with its call; messages are delivered before it ends. A time-out is named in the error. */
export async function withCall<T>(options: CallOptions, work: (call: Call) => Promise<T>): Promise<T> {
  const { urn, timeout, cancelled, log, mask } = options;
  const deadline = timeout > 0 ? AbortSignal.timeout(Math.min(timeout * 1000, LONGEST_DELAY_MS)) : undefined;
  const signal = deadline === undefined ? cancelled : AbortSignal.any([cancelled, deadline]);
  const pending = new Set<Promise<void>>();
  const write = (severity: "info" | "warning" | "error", message: string, ephemeral: boolean): Promise<void> => {
    const written = (log?.write({ severity, message: mask(message), urn, ephemeral }) ?? Promise.resolve()).finally(
      () => pending.delete(written),
    );
    pending.add(written);
    return written;
  };
  const call: Call = {
    urn,
    signal,
    log: (severity, message) => write(severity, message, false),
    status: (message) => write("info", message, true),
  };
  try {
    if (cancelled.aborted) throw new Error("cancelled");
    return await work(call);
  } catch (error) {
    if (deadline?.aborted === true && error instanceof Error)
      error.message = `timed out after ${timeout} s: ${messageOf(error)}`;
    throw error;
  } finally {
    await Promise.all(pending);
  }
}
