/** What every plugin's process has in common: how it listens, how it ends. */
import { fstatSync } from "node:fs";
import grpc from "@grpc/grpc-js";
import { messageOf } from "./messageOf.ts";

/** Bytes; what the engine itself allows. */
const LARGEST_MESSAGE = 400 * 1024 * 1024;

/** How long an ending plugin waits for operations to clean up; the engine kills it 5 s after its signal. */
const GRACE_MS = 4000;

/** A server that takes messages as large as the engine sends them. */
export function createServer(): grpc.Server {
  return new grpc.Server({
    "grpc.max_receive_message_length": LARGEST_MESSAGE,
    "grpc.max_send_message_length": LARGEST_MESSAGE,
  });
}

/** The engine's address among a plugin's arguments: the last that is no flag. */
export function engineAddressOf(args: readonly string[]): string | undefined {
  return args.findLast((argument) => !argument.startsWith("-"));
}

/** Starts listening on a free port of 127.0.0.1. */
export function listen(server: grpc.Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    );
  });
}

/** Runs `finish` once, on a signal or when the engine is gone, and then exits. */
export function onEnd(finish: () => Promise<void>): void {
  let ending = false;
  const end = (): void => {
    if (ending) return;
    ending = true;
    setTimeout(() => process.exit(1), GRACE_MS).unref();
    finish().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${messageOf(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on("SIGINT", end);
  process.on("SIGTERM", end);
  whenStdinCloses(end);
}

/**
 * The engine holds the other end of stdin: even after a SIGKILL of the engine it closes, and no plugin goes on alone.
 */
function whenStdinCloses(then: () => void): void {
  const stdin = fstatSync(0);
  if (!stdin.isFIFO() && !stdin.isSocket()) return;
  process.stdin.on("end", then);
  process.stdin.on("error", then);
  process.stdin.resume();
}
