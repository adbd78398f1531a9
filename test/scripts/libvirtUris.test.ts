/** One grammar of libvirt URIs: the configuration, the provider and on-host.sh take, and refuse, the same ones. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import { providerConfig } from "../../plugins/libvirt/config.ts";
import { parseUri } from "../../plugins/libvirt/uri.ts";
import { libvirtUri } from "../../src/config/libvirtUri.ts";

const home = mkdtempSync(join(tmpdir(), "kvm-mirror-uris-"));
afterAll(() => rmSync(home, { recursive: true }));
writeFileSync(join(home, "ssh"), `#!/bin/sh\nprintf '%s\\n' "$@" >>${home}/said\nexit 255\n`);
chmodSync(join(home, "ssh"), 0o755);

/** What on-host.sh gives to ssh, one argument a line; its exit code where it refuses. */
function onHost(uri: string): readonly string[] | number {
  writeFileSync(join(home, "said"), "");
  const script = resolve(import.meta.dirname, "../../scripts/operator/on-host.sh");
  const env = { ...process.env, HOME: home, PATH: `${home}:${process.env["PATH"]}`, KVM_MIRROR_SHARE: "no" };
  const { status } = spawnSync("bash", [script, uri, "host-version.sh"], { env, input: "" });
  const said = readFileSync(join(home, "said"), "utf8");
  return said === "" ? (status ?? -1) : said.split("\n");
}

test.each([
  "qemu+ssh://kvm-a.example.net/system",
  "qemu+ssh://kvm_b/system",
  "qemu+ssh://_kvm/system",
  "qemu+ssh://root@KVM-A.example.net./system",
  "qemu+ssh://ops.team_1@10.30.0.2:2222/system",
  "qemu+ssh://root@kvm-a/system?keyfile=/root/.ssh/id+a",
  "qemu+ssh://root@kvm-a/system?keyfile=~/.ssh/k%20m%C3%A9&known_hosts=/etc/kvm%20hosts",
])("%s is taken by all", (uri) => {
  expect(libvirtUri().safeParse(uri).success).toBe(true);
  expect(providerConfig.safeParse({ uri, owner: "kvm-mirror/unit" }).success).toBe(true);
  const target = parseUri(uri);
  if (target.kind !== "ssh") throw new Error("not by ssh");
  const said = onHost(uri);
  expect(said).toContain(target.host);
  if (target.user !== undefined) expect(said).toContain(target.user);
  if (target.port !== undefined) expect(said).toContain(String(target.port));
  if (target.keyfile !== undefined) expect(said).toContain(target.keyfile);
  if (target.knownHosts !== undefined) expect(said).toContain(`UserKnownHostsFile="${target.knownHosts}"`);
});

test.each([
  "qemu+ssh://-oProxyCommand=x/system",
  "qemu+ssh://-l@kvm-a/system",
  "qemu+ssh://kvm a/system",
  "qemu+ssh://kvm-a/system?keyfile=/a;reboot",
  "qemu+ssh://kvm-a/system?keyfile=$(reboot)",
  "qemu+ssh://kvm-a/system?keyfile=/a%2",
  "qemu+ssh://kvm-a/system?no_verify=1",
  "qemu+ssh://kvm-a/system?keyfile",
  "qemu+tcp://kvm-a/system",
  "qemu+ssh:///system",
])("%s is refused by all", (uri) => {
  expect(libvirtUri().safeParse(uri).success).toBe(false);
  expect(providerConfig.safeParse({ uri, owner: "kvm-mirror/unit" }).success).toBe(false);
  expect(onHost(uri)).toBe(2);
});
