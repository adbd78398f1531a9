/** What `kvm-mirror report` is told by a mirror and by a KVM host: all that helps, and no secret. */
import { resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { renderNotify } from "../../src/render/monitoring/notifyDocument.ts";
import { Machine } from "./machine.ts";

const repository = resolve(import.meta.dirname, "../..");
let machine: Machine;
/** 2026-11-27 12:00 to 14:00 UTC. */
const [since, until] = ["1795780800", "1795788000"];
const secrets = {
  drbd: "AFLtZ4lkj8I8IqAbtY9Q8FP7XT06TdDq9qfmt9fiQ50",
  chap: "chap-secret-of-app-1",
  corosync: "corosync-key-0123456789abcdef",
  fence: "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAAB",
  peer: "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAAC",
  webhook: "https://chat.example.net/hooks/T0pS3cr3tT0k3n",
  password: 'correct "horse" battery',
  qemu: "cWVtdS1zZWNyZXQtb2YtYXBwLTE=",
};
/** What stands before it in a log: a webhook and the password of mail are nothing that a KVM host is told. */
const word = (secret: string): string => (/[: ]/.test(secret) ? "" : "password=");

beforeAll(async () => {
  machine = await Machine.start();
  machine.ok(
    `cd /etc && mkdir -p drbd.d tgt/kvm-mirror corosync kvm-mirror/fence /run/drbd /var/log/libvirt/qemu
    printf 'resource r0 {\\n net {\\n shared-secret "${secrets.drbd}";\\n }\\n}\\n' >/etc/drbd.d/r0.res
    printf '    incominguser app-1 ${secrets.chap}\\n' >/etc/tgt/kvm-mirror/main.conf
    printf '%s\\n' '${secrets.corosync}' >/etc/corosync/authkey
    printf -- '-----BEGIN OPENSSH PRIVATE KEY-----\\n%s\\n-----END OPENSSH PRIVATE KEY-----\\n' '${secrets.fence}' \\
      >/etc/kvm-mirror/fence/mirror-b.key
    mkdir -p /etc/kvm-mirror/monitoring && cat >/etc/kvm-mirror/monitoring/notify.json
    mkdir -p /etc/kvm-mirror/peer && sed 's|^b3.*|${secrets.peer}|' /etc/kvm-mirror/fence/mirror-b.key \
      >/etc/kvm-mirror/peer/key
    printf 'version: 8.4.11\\n 0: cs:Connected ro:Primary/Secondary\\n' >/run/drbd/proc`,
    renderNotify("lab", {
      webhook: secrets.webhook,
      mail: { server: "m", port: 25, tls: "tls", from: "a@b", to: ["c@d"], user: "u", password: secrets.password },
    }),
  );
  // The journal of a day on which programs said too much.
  machine.play(
    "journalctl",
    `printf '%s\\n' "$*" >>/run/journalctl
    echo '2026-11-27T13:00:00+0000 mirror-a kernel: drbd r0: lost its peer'
    ${Object.values(secrets)
      .map(
        (secret) => `echo '2026-11-27T13:00:01+0000 mirror-a drbdadm[7]: ${word(secret)}${secret} and ${secret} again'`,
      )
      .join("\n")}`,
  );
  for (const name of ["crm_mon", "corosync-quorumtool", "stonith_admin"]) machine.play(name, `echo "${name} says"`);
  machine.play("ss", "echo 'the kernel does not know' >&2; exit 1");
});
afterAll(() => machine?.stop());

function report(script: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = machine.sh(`bash ${repository}/${script} ${args.join(" ")}`);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return gunzipSync(Buffer.from(stdout, "base64")).toString("utf8");
}
const ofMirror = () => report("scripts/guest/machines/report.sh", since, until);
const ofHost = (...domains: readonly string[]) => report("scripts/host/report.sh", since, until, ...domains);
const partOf = (text: string, title: string): string =>
  text.split(/^==> /m).find((part) => part.startsWith(`${title}\n`)) ?? `no part ${title}`;

describe("of a mirror", () => {
  test("has DRBD, and the journal of the time", () => {
    const text = ofMirror();
    expect(partOf(text, "DRBD")).toContain("0: cs:Connected ro:Primary/Secondary");
    const journal = partOf(text, "journal from 2026-11-27 12:00:00 UTC to 2026-11-27 14:00:00 UTC");
    expect(journal).toContain("kernel: drbd r0: lost its peer");
    expect(machine.ok("cat /run/journalctl")).toContain(`--since @${since} --until @${until}`);
  });

  test("has no secret of a file of the mirror, as often as it was said", () => {
    const text = ofMirror();
    const { qemu, ...here } = secrets;
    for (const secret of Object.values(here)) expect(text).not.toContain(secret);
    expect(text).toContain("password=[secret] and [secret] again");
    // Of a KVM host, and in no file here.
    expect(text).toContain(qemu);
  });

  test("has the cluster where there is one", () => {
    expect(ofMirror()).not.toContain("crm_mon says");
    machine.ok("touch /etc/kvm-mirror/cluster");
    const text = ofMirror();
    for (const name of ["crm_mon", "corosync-quorumtool", "stonith_admin"]) expect(text).toContain(`${name} says`);
    machine.ok("rm /etc/kvm-mirror/cluster");
  });

  test("says what cannot be had, and has the rest", () => {
    const text = ofMirror();
    expect(partOf(text, "connections")).toContain("the kernel does not know\n(status 1 of: ss -Htn)");
    expect(partOf(text, "file systems")).toMatch(/\d+%/);
  });

  test("takes nothing but two moments", () => {
    for (const words of ["", since, `${since} later`, `${since} '$(id)'`])
      expect(machine.sh(`bash ${repository}/scripts/guest/machines/report.sh ${words}`).status).toBe(2);
  });
});

describe("of a KVM host", () => {
  const log = (...lines: readonly string[]): void =>
    void machine.ok("cat >/var/log/libvirt/qemu/mirror-a.log", `${lines.join("\n")}\n`);

  test("has what QEMU said at the time, with the lines that belong to it", () => {
    log(
      "2026-11-27 11:59:59.000+0000: too early",
      "2026-11-27 12:30:00.123+0000: shutting down, reason=destroyed",
      "char device redirected to /dev/pts/3",
      "2026-11-27 14:00:01.000+0000: too late",
      "belongs to that",
    );
    expect(partOf(ofHost("mirror-a"), "what QEMU said of mirror-a")).toBe(
      "what QEMU said of mirror-a\n2026-11-27 12:30:00.123+0000: shutting down, reason=destroyed\n" +
        "char device redirected to /dev/pts/3\n",
    );
  });

  test("says that a log is not there, and has the rest", () => {
    const text = ofHost("mirror-a", "app-9");
    expect(partOf(text, "what QEMU said of app-9")).toContain("No such file");
    expect(partOf(text, "journal of the kernel")).toContain("lost its peer");
    expect(partOf(text, "journal of libvirt")).toContain("lost its peer");
  });

  test("has no secret that QEMU or libvirt are told", () => {
    log(
      `2026-11-27 12:30:00.000+0000: -object secret,id=iscsi0,data=${secrets.qemu},keyid=masterKey0,format=base64`,
      `-object {"qom-type":"secret","id":"nbd0","data":"${secrets.qemu}"} -iscsi user=app-1,password=${secrets.chap}`,
    );
    const text = ofHost("mirror-a");
    for (const secret of Object.values(secrets))
      expect(partOf(text, "what QEMU said of mirror-a")).not.toContain(secret);
    expect(text).toContain("-object secret,id=iscsi0,data=[secret],keyid=masterKey0");
    expect(text).toContain("user=app-1,password=[secret]");
    expect(text).not.toMatch(/password=[^[]/);
  });

  test("takes two moments and names of domains", () => {
    for (const words of ["", `${since} ${until} ../../../etc/shadow`, `${since} ${until} '-x'`])
      expect(machine.sh(`bash ${repository}/scripts/host/report.sh ${words}`).status).toBe(2);
  });
});
