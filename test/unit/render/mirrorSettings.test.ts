import { expect, it } from "vitest";
import type { MirrorPlan } from "../../../src/plan/machines/mirrors.ts";
import { renderFirewall } from "../../../src/render/machines/firewall.ts";
import { renderMirrorSettings } from "../../../src/render/machines/mirrorSettings.ts";
import { planOf } from "./sample.ts";

const documentOf = (plan = planOf()) => renderMirrorSettings(plan, plan.mirrors[0] as MirrorPlan);

it("names everything that a mirror otherwise learns at its first boot alone", () => {
  expect(documentOf(planOf({ firewall: false }))).toMatchInlineSnapshot(`
    "key ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBnbjsF3/p0VV4VWSlN5VYSQOH+nb0APiwAmpsNJTb/w operator@example.net
    apt-proxy http://10.30.0.1:3142
    verify Sun *-*-* 03:00:00
    interface replication0 kvm-mirror:mirrors.mirror-a.replication 10.10.0.11/24 9000 - -
    interface storage0 kvm-mirror:mirrors.mirror-a.storage 10.20.0.11/24 - - -
    interface management0 kvm-mirror:mirrors.mirror-a.management 10.30.0.11/24 - 10.30.0.1 10.30.0.1,192.0.2.53
    sshd # Written by \`pulumi up\`.
    sshd AllowUsers storage
    sshd PermitRootLogin no
    sshd AuthenticationMethods publickey
    sshd PasswordAuthentication no
    sshd KbdInteractiveAuthentication no
    sshd DisableForwarding yes
    sshd PermitTunnel no
    end
    "
  `);
});

it("names no proxy where there is none, and name servers and MTU as they are configured", () => {
  const plan = planOf({ packages: {}, "networks.replication.mtu": 9000, "networks.management.dns": [] });
  expect(documentOf(plan)).not.toContain("apt-proxy");
  expect(documentOf(plan)).toMatch(/^interface replication0 \S+ \S+ 9000 - -$/m);
  expect(documentOf(plan)).toMatch(/^interface management0 \S+ \S+ - 10\.30\.0\.1 -$/m);
});

it("carries the firewall's rules line by line, as they are indented", () => {
  const plan = planOf();
  const lines = documentOf(plan)
    .split("\n")
    .filter((line) => line.startsWith("firewall"));
  expect(`${lines.map((line) => line.replace("firewall ", "")).join("\n")}\n`).toBe(
    renderFirewall(plan, plan.mirrors[0] as MirrorPlan),
  );
  expect(lines).toContain('firewall         iifname "lo" accept');
});
