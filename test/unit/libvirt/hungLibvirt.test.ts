/** A libvirt that does not answer: no operation of the provider waits for it for ever. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { localHost } from "../../../plugins/libvirt/host/localHost.ts";

let programs: string;
beforeAll(() => {
  programs = mkdtempSync(join(tmpdir(), "kvm-mirror-hung-"));
  writeFileSync(join(programs, "virsh"), "#!/bin/sh\nexec sleep 1000\n");
  chmodSync(join(programs, "virsh"), 0o755);
});
afterAll(() => rmSync(programs, { recursive: true }));

test.each([
  ["shutdown-domain", ["app-1", "60", "drop"], "list --all --name"],
  ["undefine-domain", ["app-1"], "list --all --name"],
  ["delete-network", ["br-storage"], "net-list --all --name"],
  ["pools", [], "pool-list --name"],
])("%s says that it does not, also without a deadline of its own", async (script, args, asked) => {
  const host = localHost(["env", `PATH=${programs}:${process.env["PATH"]}`, "VIRSH_DEADLINE=1"]);
  const { signal } = new AbortController();
  await expect(host.run({ script, args, signal, deadline: 0 })).rejects.toThrow(
    `localhost: ${script}: libvirt did not answer within 1 s: virsh ${asked}`,
  );
});
