/** The service that tells people of trouble, with a played /proc/drbd and real servers, its times made short. */
import { hostname } from "node:os";
import { beforeAll, expect, test } from "vitest";
import { volumeLines } from "./playedMetrics.ts";
import { playedPeople, secrets, settings } from "./playedPeople.ts";
import { processesOf } from "./processes.ts";

const played = playedPeople();
const { until, got } = played;
const file = "/etc/kvm-mirror/monitoring/notify.json";
const whole = "cs:Connected ro:Primary/Secondary ds:UpToDate/UpToDate C r-----";
const alone = "cs:WFConnection ro:Primary/Unknown ds:UpToDate/Outdated C r-----";

const proc = (r0: string, r1 = r0): void =>
  void played.machine.ok(
    "cat >/run/drbd/proc.new && mv /run/drbd/proc.new /run/drbd/proc",
    `version: 8.4.11\n${volumeLines(r0, 0)}${volumeLines(r1, 1)}`,
  );
const configure = (given: object | string = settings) =>
  played.machine.guest(
    "notify-configure.sh",
    [],
    typeof given === "string" ? given : `${JSON.stringify(given, undefined, 2)}\n`,
  );
const told = () => JSON.parse(played.machine.guest("state.sh").stdout).notify;
const delivery = (pattern: string) => until(`grep -E '${pattern}' /run/kvm-mirror/notify/delivery.json`);
const hooks = (least = 1) => got("webhook", least).map((line) => JSON.parse(line));
/** A shell's words, until the service has looked so many times more. */
const moreLooks = (times: number) =>
  `cd /run/kvm-mirror/notify; for i in $(seq ${times}); do seen=$(stat -c %i alive)
   until [ "$(stat -c %i alive)" != "$seen" ]; do sleep 0.05; done; done`;

beforeAll(() => {
  played.machine.ok(
    "mkdir -p /etc/kvm-mirror /var/lib/kvm-mirror && echo 'VOLUMES=\"r0 r1\"' >/etc/kvm-mirror/main.env",
  );
  for (const minor of [0, 1])
    played.machine.ok(`printf 'resource r${minor} {\\n  device /dev/drbd${minor};\\n}\\n' >/etc/drbd.d/r${minor}.res`);
  proc(whole);
});

test.each([
  ["cut short", JSON.stringify(settings).slice(0, -9)],
  ["of no stack", JSON.stringify({ webhook: settings.webhook })],
  ["of nobody to tell", JSON.stringify({ stack: "lab" })],
  ["of something else", "stack lab\nend\n"],
  ["of a list", "[]"],
])("refuses a document %s, and shows nothing of it", (_, stdin) => {
  const { status, stderr } = configure(stdin);
  expect({ status, stderr }).toMatchObject({ status: 3, stderr: expect.stringContaining("cut short, or is none of") });
  expect(stderr).not.toContain(secrets.path);
  expect(played.machine.sh(`ls ${file}`).status).not.toBe(0);
  expect(told()).toBe(null);
});

test("runs now and from boot on, and root alone can read the secrets", () => {
  played.answer();
  expect(configure()).toMatchObject({
    status: 0,
    stderr: "notify-configure.sh: people are told. Try it: kvm-mirror notify\n",
  });
  expect(played.machine.ok(`stat -c '%a %U' ${file}`)).toBe("600 root");
  expect(played.machine.sh("[ -L /etc/systemd/system/multi-user.target.wants/kvm-mirror-notify.service ]").status).toBe(
    0,
  );
  const channel = { waiting: 0, lastSuccess: null, error: null, errorAt: null };
  expect(told()).toEqual({
    alive: true,
    channels: [
      { name: "webhook", ...channel },
      { name: "mail", ...channel },
    ],
  });
  played.machine.ok("rm -f /run/units/commands");
  expect(configure()).toMatchObject({ status: 0 });
  expect(played.machine.ok("cat /run/units/commands")).not.toContain("restart");
});

test("tells by both ways that one copy is left: once, of both volumes, with all that a person needs", () => {
  proc(alone);
  const [message, ...others] = hooks();
  expect(others).toEqual([]);
  const lines = message.text.split("\n");
  expect(lines[0]).toBe(`[lab] ${hostname()}: one copy left`);
  expect(lines[1]).toMatch(
    /^r0, r1 \(group main\): the peer is not connected \(WFConnection\); since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/,
  );
  expect(lines.slice(2)).toEqual(["Look: kvm-mirror status --stack lab"]);
  expect(message).toMatchObject({
    stack: "lab",
    mirror: hostname(),
    kind: "one-copy-left",
    troubles: [
      { volume: "r0", trouble: "one-copy-left", group: "main", since: expect.any(Number) },
      { volume: "r1", trouble: "one-copy-left", group: "main", since: expect.any(Number) },
    ],
  });
  expect(Math.abs(message.troubles[0].since - Date.now() / 1000)).toBeLessThan(60);
  expect(got("mail")[0]).toContain(`Subject: [lab] ${hostname()}: one copy left`);
  expect(until("grep -c lastSuccess...[0-9] /run/kvm-mirror/notify/delivery.json")).toBe("1");
});

test("started anew, it has not forgotten what it told", () => {
  played.machine.ok("systemctl restart kvm-mirror-notify.service");
  played.machine.ok(moreLooks(2));
  proc(whole);
  const [message] = hooks();
  expect(message).toMatchObject({ kind: "whole-again", headline: "whole again" });
  expect(message.text).toContain("r0, r1 (group main): it was: one copy left; since ");
  got("mail");
});

test("while nobody takes it, it waits, and says why; the next one that gets through names it", () => {
  played.webhookAnswers(500);
  proc(alone);
  expect(JSON.parse(delivery("the server answers 500"))[0]).toMatchObject({
    name: "webhook",
    waiting: 1,
    error: "the server answers 500",
  });
  expect(told().channels[0]).toMatchObject({ error: "the server answers 500", errorAt: expect.any(Number) });
  played.fallSilent();
  proc(whole);
  delivery('webhook.*"waiting": 2.*connection refused.*mail.*"waiting": 1.*connection refused');
  played.webhookAnswers(200);
  played.answer();
  const [message, ...others] = hooks();
  expect(others).toEqual([]);
  expect(message).toMatchObject({ kind: "whole-again", earlier: [{ kind: "one-copy-left" }] });
  expect(message.text).toMatch(/\nNot delivered before:\n\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC one copy left$/);
  delivery('webhook.*"waiting": 0.*"error": null.*mail');
});

test("a server that never answers is given up, and does not keep the service from looking", () => {
  played.webhookAnswers(0);
  proc(alone);
  until("grep ^0 /run/people/tries");
  played.machine.ok(moreLooks(2));
  expect(JSON.parse(delivery("no answer within 3 s"))[0]).toMatchObject({ waiting: 1, error: "no answer within 3 s" });
  played.webhookAnswers(200);
  expect(hooks()[0]).toMatchObject({ kind: "one-copy-left" });
  // What it got is no longer among those that wait.
  delivery('webhook.*"waiting": 0.*"error": null.*mail.*"waiting": 0');
});

test("of many that wait the newest says what is so, and names the others", () => {
  played.fallSilent();
  for (const before of [0, 1, 2, 3]) {
    proc(before % 2 === 0 ? whole : alone);
    delivery(`webhook.*"waiting": ${before + 1}.*mail`);
  }
  proc(whole);
  delivery('webhook.*"waiting": 5.*mail');
  played.answer();
  expect(hooks()[0]).toMatchObject({
    kind: "whole-again",
    earlier: ["whole-again", "one-copy-left", "whole-again", "one-copy-left"].map((kind) => ({ kind })),
  });
});

test("a first synchronisation is told to nobody, and a later one is, after a reboot as well", () => {
  const filling = "cs:SyncSource ro:Primary/Secondary ds:UpToDate/Inconsistent C r-----";
  const record = "/var/lib/kvm-mirror/notify.whole";
  expect(played.machine.ok(`cat ${record}`)).toBe("r0 1\nr1 1");
  // A volume that starts anew, empty, has another generation, and another first synchronisation.
  played.machine.ok("echo 2 >/var/lib/kvm-mirror/r0.first-sync");
  proc(filling, whole);
  played.machine.ok(moreLooks(6));
  proc(whole);
  until(`grep "r0 2" ${record}`);
  played.machine.ok("systemctl stop kvm-mirror-notify.service && rm -r /run/kvm-mirror/notify");
  played.machine.ok("systemctl restart kvm-mirror-notify.service");
  proc(filling, whole);
  expect(hooks()).toMatchObject([{ kind: "one-copy-left", troubles: [{ volume: "r0" }] }]);
  proc(whole);
  expect(hooks()).toMatchObject([{ kind: "whole-again" }]);
});

test("slow writes are told of with whose disk it is, and that they are over", () => {
  const minute = (ms: number): void =>
    void played.machine.ok(
      `read -r up _ </proc/uptime; cd /run/kvm-mirror; { echo \${up%.*}; cat; } >writes.new; mv writes.new writes`,
      `r0 volume 60000 100 ${ms} 0\nr0 disk 60000 100 200 0\n`,
    );
  minute(50_000);
  const [message] = hooks();
  expect(message).toMatchObject({ kind: "slow-writes", troubles: [{ volume: "r0", trouble: "slow-writes" }] });
  expect(message.text.split("\n")[1]).toContain(
    "r0 (group main): a write takes 500 ms; on the data disk here a write takes 2.0 ms: see the peer's, and the " +
      "replication network; since ",
  );
  minute(100);
  expect(hooks()[0]).toMatchObject({ kind: "whole-again", troubles: [{ trouble: "slow-writes" }] });
  played.machine.ok("rm /run/kvm-mirror/writes");
});

test("no secret is in a list of processes, a log, or a file but one", () => {
  played.machine.ok("rm -f /run/people/tries; cat >/tmp/secret", "T0pS3cr3tT0k3n\n");
  played.webhookAnswers(0);
  proc(alone);
  until("grep ^0 /run/people/tries");
  const seen = played.machine.ok("cat /proc/[0-9]*/cmdline | tr '\\0' ' '; cat /run/notify.log");
  expect(seen).toContain("notify_send.py webhook");
  expect(seen).not.toContain("T0pS3cr3tT0k3n");
  expect(
    played.machine.ok(
      "grep -rlsF -f /tmp/secret --exclude-dir=people /run /etc/kvm-mirror /etc/systemd /var/lib/kvm-mirror",
    ),
  ).toBe(file);
  played.webhookAnswers(200);
  hooks();
  delivery('webhook.*"waiting": 0.*mail.*"waiting": 0');
});

test("looking starts no process, and other scripts in its place end it", async () => {
  played.machine.ok(
    `systemctl stop kvm-mirror-notify.service; ln -sfn $GUEST_SCRIPTS/monitoring/notify.sh /tmp/notify.sh
     ( ${moreLooks(10)}; ln -sfn /bin/true /tmp/notify.sh ) >/dev/null 2>&1 &`,
  );
  const { outcome, by } = await processesOf(played.machine, "bash /tmp/notify.sh 0.05 60 1 1");
  expect(outcome).toMatchObject({ status: 0 });
  // It finds its place; then it is Python.
  expect(by).toEqual({ dirname: 1, readlink: 1 });
});

test("taken back, nobody is told, and the secrets are gone", () => {
  expect(configure()).toMatchObject({ status: 0 });
  const pid = played.machine.ok("cat /run/units/kvm-mirror-notify.service.pid");
  for (const time of ["once", "twice"])
    expect([time, played.machine.guest("notify-remove.sh").status]).toEqual([time, 0]);
  expect(
    played.machine.sh(
      `ls ${file} /run/kvm-mirror/notify /etc/systemd/system/multi-user.target.wants/kvm-mirror-notify.service`,
    ).stdout,
  ).toBe("");
  until(`kill -0 ${pid} 2>/dev/null || echo gone`);
  expect(told()).toBe(null);
});
