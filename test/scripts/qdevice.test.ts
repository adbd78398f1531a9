import { readFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Machine } from "./machine.ts";
import { a, b, playedMirrors } from "./playedMirrors.ts";

const sign = readFileSync(new URL("../../scripts/qnetd/sign.sh", import.meta.url), "utf8");
const makeAuthority =
  "mkdir -p /etc/corosync/qnetd && rm -rf /etc/corosync/qnetd/nssdb && corosync-qnetd-certutil -i -G >/dev/null 2>&1";

describe("the certificate of both mirrors", () => {
  let one: Machine;
  let other: Machine;
  const signed = (...words: string[]) => one.sh(`bash -s -- ${words.map((word) => `'${word}'`).join(" ")}`, sign);
  const show = (mirror: Machine) => mirror.guest("qdevice-certificate.sh", ["show"]).stdout.trimEnd().split("\n");
  /** What a step prints; throws when it fails. */
  const step = (mirror: Machine, args: readonly string[], stdin = "") => {
    const { status, stdout, stderr } = mirror.guest("qdevice-certificate.sh", args, stdin);
    if (status !== 0) throw new Error(stderr);
    return stdout;
  };
  beforeAll(async () => {
    [one, other] = await Promise.all([Machine.start(), Machine.start()]);
    one.ok(makeAuthority);
    other.ok("rm -rf /etc/corosync/qnetd/nssdb"); // Debian's package makes one
  });
  afterAll(() => {
    one?.stop();
    other?.stop();
  });

  test("is none at first", () =>
    expect([show(one), show(other)]).toEqual([
      ["none", "none"],
      ["none", "none"],
    ]));

  test("is made on one, signed by qnetd's authority, and taken to the other; again, it is another one", () => {
    // As of a stack prod.eu.
    const cluster = "kvm-mirror-prod.eu";
    const authority = signed(cluster).stdout;
    expect(authority).toContain("-----BEGIN CERTIFICATE-----");
    const make = () => {
      const request = step(one, ["request", cluster], authority);
      const certificate = signed(cluster, request);
      expect(certificate).toMatchObject({ status: 0 });
      const both = step(one, ["finish"], certificate.stdout);
      step(other, ["take"], `${Buffer.from(authority).toString("base64")}\n${both}\n`);
      return show(one);
    };
    const first = make();
    expect(first).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), expect.stringMatching(/^[0-9a-f]{64}$/)]);
    expect(show(other)).toEqual(first);
    const second = make();
    expect(second[0]).toBe(first[0]);
    expect(second[1]).not.toBe(first[1]);
    expect(show(other)).toEqual(second);
    // The key is there on both, and readable by root alone.
    for (const mirror of [one, other]) {
      expect(
        mirror.ok("certutil -K -d /etc/corosync/qdevice/net/nssdb -f /etc/corosync/qdevice/net/nssdb/pwdfile.txt"),
      ).toContain("Cluster Cert");
      expect(mirror.ok("stat -c %U:%a /etc/corosync/qdevice/net/nssdb; find /etc/corosync/qdevice -name '*.p12'")).toBe(
        "root:770",
      );
    }
  });

  test("is not signed where there is no authority", () => {
    expect(other.sh("bash -s -- lab", sign)).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("corosync-qnetd-certutil -i makes it"),
    });
    expect(signed("a;b").status).toBe(2);
  });

  test("is not taken from half a document", () => {
    expect(other.guest("qdevice-certificate.sh", ["take"], "Zm9v\n")).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("stdin must be two lines"),
    });
    expect(show(other)).toEqual(show(one));
  });
});

describe("scripts/operator/qdevice-certificate.sh", () => {
  const played = playedMirrors();
  const certify = (login = "root@127.0.0.1") =>
    played.run("qdevice-certificate.sh", [login, "lab", a, played.hostKey(), b, played.hostKey()]);
  const fingerprint = () =>
    played.machine.ok("certutil -L -d /etc/corosync/qnetd/nssdb -n 'QNet CA' -r | sha256sum | cut -d' ' -f1");
  const at = (mirror: 1 | 2, file: string) => played.machine.ok(`cat /run/mirror/127.0.0.${mirror}/${file}`);
  const have = (authority: string, ...certificates: string[]) =>
    certificates.forEach(
      (certificate, index) =>
        void played.machine.ok(
          `printf '%s\\n' ${authority} ${certificate} >/run/mirror/127.0.0.${index + 1}/certificate`,
        ),
    );
  const made = [
    "1 qdevice-certificate.sh request lab",
    "1 qdevice-certificate.sh finish",
    "2 qdevice-certificate.sh take",
  ];
  beforeAll(() => {
    played.machine.ok(
      `${makeAuthority}; for address in 127.0.0.1 127.0.0.2; do printf '%s %s\n' ` +
        `$address '${played.hostKey()}'; done >/root/.ssh/known_hosts`,
    );
    // A request that can be signed, in the place of the played one.
    played.machine.ok(
      "mkdir -p /tmp/db && certutil -N -d /tmp/db --empty-password && head -c 64 /dev/urandom >/tmp/noise " +
        '&& certutil -R -s CN=lab -d /tmp/db -z /tmp/noise -o /tmp/request >/dev/null && sed -i "s|printf ' +
        'cmVxdWVzdA==|base64 -w 0 /tmp/request|" /usr/local/lib/kvm-mirror/play',
    );
  });
  beforeEach(() => played.mirrors("serving", "idle"));

  test("has one made where there is none, and gives the second mirror authority and key", () => {
    expect(certify()).toMatchObject({ status: 0, stdout: "" });
    expect(played.calls()).toEqual(made);
    const [authority = "", key] = at(2, "taken").split("\n");
    expect(Buffer.from(authority, "base64").toString()).toContain("-----BEGIN CERTIFICATE-----");
    expect(key).toBe("a2V5");
    expect(Buffer.from(at(1, "signed"), "base64").length).toBeGreaterThan(300);
  });

  test("does nothing when both have the same one of this authority", () => {
    have(fingerprint(), "c0ffee", "c0ffee");
    expect(certify()).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("both mirrors have the certificate of cluster lab"),
    });
    expect(played.calls()).toEqual([]);
  });

  test.each([
    ["they have different ones", () => have(fingerprint(), "c0ffee", "beef")],
    ["one has none", () => have(fingerprint(), "c0ffee")],
    ["the authority is another one", () => have("0".repeat(64), "c0ffee", "c0ffee")],
  ])("begins anew when %s", (_, arrange) => {
    arrange();
    expect(certify()).toMatchObject({ status: 0 });
    expect(played.calls()).toEqual(made);
  });

  test("touches no mirror when the authority cannot be asked", () => {
    expect(certify("root@127.0.0.1:9")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("qnetd's certificate authority on 127.0.0.1 does not answer"),
    });
    expect(played.calls()).toEqual([]);
  });

  test("refuses a login that is none", () => expect(certify("-oProxyCommand=id")).toMatchObject({ status: 2 }));
});
