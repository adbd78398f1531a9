import { resolve } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { Machine } from "./machine.ts";

const people = resolve(import.meta.dirname, "machine/people.py");

/** A secret each: no output, list of processes or file but one may hold them. */
export const secrets = { path: "/hooks/T0pS3cr3tT0k3n", password: "hunter2-hunter2" };
/** Sound settings, by both ways. */
export const settings = {
  stack: "lab",
  webhook: `http://127.0.0.1:8065${secrets.path}`,
  mail: { server: "127.0.0.1", port: 2525, tls: "none", from: "storage@example.net", to: ["on-call@example.net"] },
};

/** A mirror, and the people whom it tells: a chat and a mail server (machine/people.py), for the tests of a file. */
export function playedPeople() {
  let machine: Machine;
  beforeAll(async () => {
    machine = await Machine.start();
    machine.ok("mkdir -p /run/people /tmp/tls && echo 200 >/run/people/status");
    machine.ok(
      "cd /tmp/tls && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 " +
        "-subj /CN=people -addext subjectAltName=IP:127.0.0.1 -keyout key -out certificate 2>/dev/null",
    );
  });
  afterAll(() => machine?.stop());

  /** Runs in the machine until it prints something, or succeeds, for at most 30 s. Its output. */
  const until = (command: string): string =>
    machine.ok(
      `for i in $(seq 300); do said=$(${command}) && [[ -n $said ]] && printf '%s\\n' "$said" && exit; sleep 0.1; done
       cat /run/notify.log >&2; exit 1`,
    );
  return {
    get machine() {
      return machine;
    },
    until,
    /** Has the servers run. @param tls of both */
    answer(tls: "no" | "starttls" | "tls" = "no"): void {
      const files = tls === "no" ? "" : "/tmp/tls/certificate /tmp/tls/key";
      machine.ok(
        `rm -f /run/people/ready; setsid python3 ${people} 8065 2525 ${tls} ${files} >/run/people/ready 2>&1 &
         echo $! >/run/people/pid`,
      );
      until("cat /run/people/ready");
    },
    /** Nobody listens any more. */
    fallSilent(): void {
      machine.ok("kill $(cat /run/people/pid); while kill -0 $(cat /run/people/pid) 2>/dev/null; do sleep 0.05; done");
    },
    /** What the webhook answers from now on; 0: nothing at all. */
    webhookAnswers: (status: number): void => void machine.ok(`echo ${status} >/run/people/status`),
    /** What has got through since the last call, at least so many messages. */
    got(name: "webhook" | "mail", least = 1): readonly string[] {
      const lines = until(`[ "$(wc -l </run/people/${name})" -ge ${least} ] && cat /run/people/${name}`).split("\n");
      machine.ok(`rm /run/people/${name}`);
      return lines;
    },
  };
}
