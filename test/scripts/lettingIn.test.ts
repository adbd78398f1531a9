/** sshd's settings and the firewall of a mirror that runs: over a real sshd, tried before they stay. */
import { resolve } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { MirrorPlan } from "../../src/plan/machines/mirrors.ts";
import { renderFirewall } from "../../src/render/machines/firewall.ts";
import { renderSshd } from "../../src/render/machines/sshd.ts";
import { planOf } from "../unit/render/sample.ts";
import { Machine } from "./machine.ts";

const repository = resolve(import.meta.dirname, "../..");
const settings = "/etc/ssh/sshd_config.d/00-kvm-mirror.conf";
const rulesFile = "/etc/kvm-mirror/firewall.nft";
let machine: Machine;
let hostKey: string;

beforeAll(async () => {
  machine = await Machine.start();
  machine.installGuest();
  machine.ok(`mkdir -p /etc/ssh/sshd_config.d /run/sshd /root/.ssh && rm -f /root/.ssh/* /etc/ssh/sshd_config.d/*
    for name in host mine; do ssh-keygen -q -t ed25519 -N '' -f /tmp/$name </dev/null; done
    cp /tmp/mine /root/.ssh/id_ed25519; cp /tmp/mine.pub /root/.ssh/authorized_keys; usermod -p '*' root
    for user in storage other; do
      useradd --create-home --shell /bin/bash $user && usermod -p "$(openssl passwd -6 guessed)" $user
      install -d -m 0700 -o $user /home/$user/.ssh
      install -m 0600 -o $user /tmp/mine.pub /home/$user/.ssh/authorized_keys
    done
    printf '%s\\n' 'auth sufficient pam_permit.so' 'account sufficient pam_permit.so' \\
      'session sufficient pam_permit.so' >/etc/pam.d/su
    printf '#!/bin/sh\\n[ "$1" = -n ] && shift\\nexport PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin\\nexec su -s /bin/sh -c \\047exec "$0" "$@"\\047 root "$@"\\n' \\
      >/usr/local/bin/sudo; chmod 755 /usr/local/bin/sudo
    printf '%s\\n' 'Include /etc/ssh/sshd_config.d/*.conf' 'HostKey /tmp/host' 'ListenAddress 127.0.0.1' \\
      'PasswordAuthentication yes' 'PermitRootLogin yes' 'StrictModes no' 'PidFile /run/sshd.pid' >/etc/ssh/sshd_config
    ln -s "$(command -v systemctl)" /usr/local/sbin/
    setsid /usr/sbin/sshd -D -e </dev/null >/tmp/sshd.log 2>&1 &
    for i in $(seq 100); do ssh-keyscan -t ed25519 127.0.0.1 2>/dev/null | grep -q ed25519 && exit
    sleep 0.1; done; cat /tmp/sshd.log; exit 1`);
  hostKey = machine.ok("cut -d' ' -f1,2 /tmp/host.pub");
});
afterAll(() => machine?.stop());
beforeEach(() =>
  machine.ok(`nft flush ruleset; rm -rf /etc/kvm-mirror; rm -f ${settings} && kill -HUP $(cat /run/sshd.pid)
    for i in $(seq 100); do ssh-keyscan -t ed25519 127.0.0.1 2>/dev/null | grep -q ed25519 && exit
    sleep 0.1; done; exit 1`),
);

/** The rules of the sample, for operators that come from there. Loopback is let in whatever they say. */
const rulesFor = (...from: readonly string[]) => {
  const plan = planOf({ "ssh.from": from });
  return renderFirewall(plan, plan.mirrors[0] as MirrorPlan) ?? "";
};
const rules = rulesFor("127.0.0.0/8");
/** They shut out who opens a connection by ssh, and nobody who has one. */
const shut = rules.replace('iifname "lo" accept', "tcp dport 22 tcp flags & (syn | ack) == syn drop");
const lines = (word: string, file = "") =>
  file
    .split("\n")
    .slice(0, -1)
    .map((line) => `${word} ${line}`);
const documentOf = (wanted: { readonly sshd?: string; readonly firewall?: string }) =>
  [
    `key ${machine.ok("cat /tmp/mine.pub")}`,
    ...lines("sshd", wanted.sshd),
    ...lines("firewall", wanted.firewall),
    "end",
    "",
  ].join("\n");
const settle = (wanted: Parameters<typeof documentOf>[0]) =>
  machine.sh(
    `cd ${repository}/src && KVM_MIRROR_CONNECT_TIMEOUT=2 bash ../scripts/operator/mirror-settings.sh ` +
      `storage@127.0.0.1 '${hostKey}'`,
    documentOf(wanted),
  );
const read = (path: string) => machine.ok(`cat ${path} 2>/dev/null || true`);
const loaded = () => machine.sh("nft list table inet kvm_mirror").status === 0;
const both = { sshd: renderSshd("storage"), firewall: rules };

describe("sshd", () => {
  /** What ssh as this user gets, by its key or in another way. */
  const ssh = (user: string, how = "") =>
    machine.sh(
      `ssh -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null ${how || "-o LogLevel=ERROR"} ` +
        `${user}@127.0.0.1 id -un`,
    );
  const password = "-v -o PubkeyAuthentication=no -o BatchMode=yes";
  /** The ways in that sshd offers to somebody without a key. */
  const offered = () => /Authentications that can continue: (\S+)/.exec(ssh("storage", password).stderr)?.[1];

  test("takes keys alone, from one user alone, and forwards nothing", () => {
    expect([ssh("other").status, ssh("root").status, offered()]).toEqual([
      0,
      0,
      "publickey,password,keyboard-interactive",
    ]);
    expect(settle({ sshd: both.sshd })).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(read(settings)).toBe(both.sshd.trimEnd());
    expect([ssh("storage").stdout, ssh("other").status, ssh("root").status]).toEqual(["storage\n", 255, 255]);
    expect(offered()).toBe("publickey");
    expect(ssh("storage", "-W 127.0.0.1:22").stderr).toContain("administratively prohibited");
    expect(settle({ sshd: both.sshd })).toEqual({ status: 0, stdout: "", stderr: "" });
  });

  test("keeps what it had where it does not take the settings", () => {
    expect(settle({ sshd: "AllowUsers storage\nNoSuchSetting yes\n" })).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/NoSuchSetting[^]*sshd does not take its settings/),
    });
    expect(read(settings)).toBe("");
    expect(ssh("other").status).toBe(0);
  });

  test("keeps what it had where the operator could not log in any more", () => {
    expect(settle({ sshd: both.sshd }).status).toBe(0);
    expect(settle({ sshd: renderSshd("other") })).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/nobody logged in with what is new here \(sshd\), so the old is back\. Does/),
    });
    expect(read(settings)).toBe(both.sshd.trimEnd());
    expect([ssh("storage").status, ssh("other").status]).toEqual([0, 255]);
  });

  test("that does not read the folder is told how to", () => {
    machine.ok("sed -i '/^Include/d' /etc/ssh/sshd_config");
    const done = settle({ sshd: both.sshd });
    machine.ok("sed -i '1i Include /etc/ssh/sshd_config.d/*.conf' /etc/ssh/sshd_config");
    expect(done).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(/does not read .*00-kvm-mirror\.conf: .* no line 'Include /),
    });
  });
});

describe("the firewall", () => {
  test("is loaded, tried and kept; nothing happens the second time; it goes when it is configured no more", () => {
    expect(settle(both)).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(read(rulesFile)).toBe(rules.trimEnd());
    const first = machine.ok("nft list ruleset | grep -v counter");
    expect(settle(both)).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(machine.ok("nft list ruleset | grep -v counter")).toBe(first);
    expect(settle({ sshd: both.sshd })).toEqual({ status: 0, stdout: "", stderr: "" });
    expect([loaded(), read(rulesFile)]).toEqual([false, ""]);
  });

  test("that was taken away by hand is there again", () => {
    expect(settle(both).status).toBe(0);
    machine.ok("nft flush ruleset");
    expect(settle(both)).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(loaded()).toBe(true);
  });

  test("that would shut out who brings it is refused before anything is changed", () => {
    expect(settle({ ...both, firewall: rulesFor("10.30.0.0/24", "192.0.2.7") })).toMatchObject({
      status: 3,
      stderr: expect.stringContaining(
        "refused: you come from 127.0.0.1, as this mirror sees it, and its firewall would let in ssh from " +
          "10.30.0.0/24 192.0.2.7/32 alone: you would be shut out. Add 127.0.0.1, or its network, to",
      ),
    });
    expect([loaded(), read(rulesFile), read(settings)]).toEqual([false, "", ""]);
  });

  test("that does shut out who brings it is taken back; the one from before is there again", () => {
    expect(settle({ firewall: shut })).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/timed out[^]*nobody logged in with what is new here \(firewall\)/i),
    });
    expect([loaded(), read(rulesFile)]).toEqual([false, ""]);
    expect(settle(both).status).toBe(0);
    const first = machine.ok("nft list ruleset | grep -v counter");
    expect(settle({ ...both, firewall: shut }).status).toBe(1);
    expect(machine.ok("nft list ruleset | grep -v counter")).toBe(first);
    expect(read(rulesFile)).toBe(rules.trimEnd());
  });

  test("that nft does not take is not kept, and neither is what came with it", () => {
    expect(settle({ ...both, firewall: rules.replace("policy drop", "policy perhaps") })).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/Error: [^]*nft does not take the rules[^]*the firewall is not loaded/),
    });
    expect([loaded(), read(rulesFile), read(settings)]).toEqual([false, "", ""]);
  });

  test("that cannot be on a mirror without nft does not keep `up` from going on, and comes with nft", () => {
    const path = machine.ok("command -v nft");
    machine.ok(`mv ${path} ${path}.away`);
    const done = settle(both);
    machine.ok(`mv ${path}.away ${path}`);
    expect(done).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(/there is no nft on this mirror[^]*so this mirror goes on without its firewall/),
    });
    expect([loaded(), read(rulesFile)]).toEqual([false, rules.trimEnd()]);
    expect(machine.guest("firewall-load.sh")).toMatchObject({ status: 0, stderr: "" });
    expect(loaded()).toBe(true);
  });
});
