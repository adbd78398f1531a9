/** What becomes of a message: the sender with real servers, by way of the test message that an operator has sent. */
import { hostname } from "node:os";
import { afterEach, describe, expect, test } from "vitest";
import { playedPeople, secrets, settings } from "./playedPeople.ts";

const played = playedPeople();
const trusted = "SSL_CERT_FILE=/tmp/tls/certificate ";
const https = settings.webhook.replace("http:", "https:");
const login = { user: "mirrors", password: secrets.password };
const { mail } = settings;

/** What notify-test.sh says with these settings. No secret is ever in it. */
function tried(given: object, environment = ""): unknown {
  played.machine.ok(
    "mkdir -p /etc/kvm-mirror/monitoring && cat >/etc/kvm-mirror/monitoring/notify.json",
    JSON.stringify(given),
  );
  const { status, stdout, stderr } = played.machine.sh(`${environment}bash $GUEST_SCRIPTS/monitoring/notify-test.sh`);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  for (const secret of Object.values(secrets)) expect(stdout).not.toContain(secret);
  return JSON.parse(stdout);
}
const failed = (channel: string, error: string) => [{ channel, delivered: false, error }];
const byMail = (changes: object) => ({ stack: "lab", mail: { ...mail, ...changes } });
const byWebhook = (webhook: string) => ({ stack: "lab", webhook });

describe("while the servers answer", () => {
  afterEach(() => played.fallSilent());

  test("a test message is delivered by both ways, with who says it and where to look", () => {
    played.answer();
    expect(tried(settings)).toEqual([
      { channel: "webhook", delivered: true, error: null },
      { channel: "mail", delivered: true, error: null },
    ]);
    const text = `[lab] ${hostname()}: this is a test\nLook: kvm-mirror status --stack lab`;
    const [hook = ""] = played.got("webhook");
    expect(JSON.parse(hook)).toMatchObject({ text, stack: "lab", mirror: hostname(), kind: "test", troubles: [] });
    const [letter = ""] = played.got("mail");
    expect(letter).toMatch(/^<?on-call@example\.net>?: /);
    expect(letter).toContain(`Subject: [lab] ${hostname()}: this is a test`);
    expect(letter).toContain("Auto-Submitted: auto-generated");
    expect(letter).toContain("Look: kvm-mirror status --stack lab");
  });

  test.each([301, 404, 500])(
    "a webhook that answers %i has not taken it, and what it says is not repeated",
    (status) => {
      played.answer();
      played.webhookAnswers(status);
      expect(tried(byWebhook(settings.webhook))).toEqual(failed("webhook", `the server answers ${status}`));
      played.webhookAnswers(200);
    },
  );

  test("mail goes to those who are not refused, and is not sent to them again", () => {
    played.answer();
    const to = ["refused@example.net", "on-call@example.net"];
    const error = "the mail server refuses 1 of 2 recipients";
    expect(tried(byMail({ to }))).toEqual([{ channel: "mail", delivered: true, error }]);
    expect(played.got("mail")).toHaveLength(1);
    expect(tried(byMail({ to: to.slice(0, 1) }))).toEqual(failed("mail", "the mail server refuses all recipients"));
  });

  test.each([
    ["starttls", byMail({ tls: "starttls", ...login })],
    ["tls", byMail({ tls: "tls", ...login })],
  ] as const)("mail by %s logs in, and only where the certificate is trusted", (tls, given) => {
    played.answer(tls);
    expect(tried(given, trusted)).toEqual([{ channel: "mail", delivered: true, error: null }]);
    played.got("mail");
    expect(tried(given)).toEqual([
      { channel: "mail", delivered: false, error: expect.stringContaining("does not trust") },
    ]);
  });

  test("a login that is refused is said without what the server says of it", () => {
    played.answer("starttls");
    const given = byMail({ tls: "starttls", user: "mirrors", password: "another-password" });
    expect(tried(given, trusted)).toEqual(failed("mail", "the mail server refuses the login (535)"));
  });

  test("a webhook by https wants a certificate that is trusted", () => {
    played.answer("tls");
    expect(tried(byWebhook(https), trusted)).toEqual([{ channel: "webhook", delivered: true, error: null }]);
    expect(tried(byWebhook(https))).toEqual(failed("webhook", expect.stringContaining("does not trust") as never));
  });

  test("a server that lacks what is asked of it is named so", () => {
    played.answer();
    expect(tried(byMail({ tls: "starttls" }))).toEqual(
      failed("mail", "the mail server offers no STARTTLS, or no login, there"),
    );
    expect(tried(byWebhook(https))).toEqual(failed("webhook", expect.stringContaining("does not speak TLS") as never));
  });
});

describe("where nobody answers", () => {
  test.each([
    ["nobody listens", byWebhook(settings.webhook), "webhook", "connection refused"],
    ["nobody listens for mail", byMail({}), "mail", "connection refused"],
    ["there is no such name", byMail({ server: "nobody.invalid" }), "mail", "the server's name has no address"],
  ])("it is said that %s", (_, given, channel, words) => {
    expect(tried(given)).toEqual([{ channel, delivered: false, error: expect.stringContaining(words) }]);
  });

  test("it is said that nobody is to be told", () => {
    played.machine.ok("rm /etc/kvm-mirror/monitoring/notify.json");
    expect(played.machine.guest("notify-test.sh")).toEqual({ status: 0, stdout: "null\n", stderr: "" });
    expect(played.machine.guest("notify-test.sh", ["all"]).status).toBe(2);
  });
});
