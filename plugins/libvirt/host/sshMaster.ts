/**
 * The one ssh connection to a host, which all sessions share: a login for each
 * command would cost half a second and hit sshd's MaxStartups.
 */
import { spawn } from "node:child_process";
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { controlDirectory } from "./controlDirectory.ts";
import { HostUnreachable, lastLine } from "./errors.ts";

export interface SshMaster {
  /** Path of the control socket of a connection that stands; makes it when there is none. Throws `HostUnreachable`. */
  socket(signal: AbortSignal): Promise<string>;
  close(): Promise<void>;
}

interface Connection {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ready: Promise<string>;
}

const ready = "kvm-mirror: ready";
/** Connections so far: two must never share a socket. */
let made = 0;

/** The far side waits for the end of its input, that is of us: no connection outlives this process, however it ends. */
const remote = `echo '${ready}'; exec cat >/dev/null`;

/**
 * So often is tried what sshd refuses before it says who it is, as it does beyond its MaxStartups: some 20 s in all.
 */
const attempts = 8;

/** Nothing was run then, so that it can be tried again. */
function refusedBeforeItBegan(words: string): boolean {
  return (
    /(kex_exchange_identification|ssh_exchange_identification|banner exchange): /.test(words) ||
    /Connection (closed|reset) by /.test(words)
  );
}

export function sshMaster(name: string, options: readonly string[], host: string): SshMaster {
  let current: Promise<Connection> | undefined;

  const connect = async (): Promise<Connection> => {
    // ssh itself removes the socket when it ends, unless it is killed.
    const socket = join(await controlDirectory(), `${process.pid}-${++made}`);
    await rm(socket, { force: true });
    const child = spawn(
      "ssh",
      [
        ...options,
        "-o",
        "ControlMaster=yes",
        "-o",
        "ControlPersist=no",
        "-o",
        `ControlPath=${socket}`,
        "--",
        host,
        remote,
      ],
      {
        detached: true,
      },
    );
    child.stdin.on("error", () => undefined);
    child.once("close", () => (current = undefined));
    return { child, ready: readiness(child, name, socket) };
  };

  return {
    async socket(signal) {
      for (let attempt = 1; ; attempt++) {
        current ??= connect();
        const connection = await current;
        try {
          return await abortable(connection.ready, signal);
        } catch (error) {
          if (attempt === attempts || !(error instanceof HostUnreachable) || !refusedBeforeItBegan(error.message))
            throw error;
          await setTimeout(200 * 1.6 ** attempt * (0.6 + Math.random()), undefined, { signal });
        }
      }
    },
    async close() {
      const connection = await current?.catch(() => undefined);
      if (!connection || connection.child.exitCode !== null) return;
      const closed = new Promise((resolve) => connection.child.once("close", resolve));
      connection.child.kill("SIGTERM");
      await closed;
    },
  };
}

/** The socket's path as soon as the far side answers; rejects when ssh ends before. */
function readiness(child: ChildProcessWithoutNullStreams, name: string, socket: string): Promise<string> {
  const promise = new Promise<string>((resolve, reject) => {
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      if (stdout.includes(ready)) resolve(socket);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr = (stderr + text).slice(-4_000)));
    child.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        error.code === "ENOENT"
          ? new Error("ssh is not installed on this machine (Debian, Ubuntu: package openssh-client)")
          : error,
      ),
    );
    child.once("close", () =>
      reject(
        new HostUnreachable(`KVM host ${name} cannot be reached: ${lastLine(stderr) || "ssh ended without a message"}`),
      ),
    );
  });
  // Everybody who waits gets the rejection; with nobody waiting it is no crash of this process.
  promise.catch(() => undefined);
  return promise;
}

async function abortable<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  signal.throwIfAborted();
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason instanceof Error ? signal.reason : new Error("stopped"));
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
