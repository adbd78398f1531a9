import { describe, expect, it } from "vitest";
import { exportsOf } from "../../../src/plan/exports/exports.ts";
import { renderGroupDocument } from "../../../src/render/placement/groupDocument.ts";
import { renderNbdAdmissions } from "../../../src/render/exports/nbd/nbdConfig.ts";
import { renderTgtTargets } from "../../../src/render/exports/iscsi/tgtTarget.ts";
import { groupOf, planOf, volumeOf } from "./sample.ts";

describe("a group's document", () => {
  it("holds all files of both servers", () => {
    const plan = planOf();
    expect(renderGroupDocument(groupOf(plan), plan.volumes)).toMatchInlineSnapshot(`
      "==> /etc/kvm-mirror/main.env 0644
      VIP=10.20.0.10
      VIP_PREFIX=24
      VIP_INTERFACE=storage0
      VOLUMES="r0 r1"
      NBD=yes
      NBD_PORT=10809
      ISCSI=yes
      ISCSI_PORT=3260
      ==> /etc/kvm-mirror/main.exports 0644
      # volume protocol address:port/name device admitted
      r0 nbd 10.20.0.10:10809/r0 /dev/drbd0 10.20.0.2
      r1 nbd 10.20.0.10:10809/spare /dev/drbd1 -
      r1 iscsi 10.20.0.10:3260/iqn.2026-11.net.example:r1 /dev/drbd1 10.20.0.3
      ==> /etc/nbd-server/kvm-mirror-main.conf 0644
      [generic]
      user = nbd
      group = disk
      listenaddr = 10.20.0.10
      port = 10809
      allowlist = false
      max_threads = 16

      [r0]
      exportname = /dev/drbd0
      authfile = /etc/nbd-server/kvm-mirror-main-r0.allow
      readonly = false
      sync = true
      flush = true
      fua = true
      trim = false

      [spare]
      exportname = /dev/drbd1
      authfile = /etc/nbd-server/kvm-mirror-main-r1.allow
      readonly = false
      sync = true
      flush = true
      fua = true
      trim = false
      ==> /etc/nbd-server/kvm-mirror-main-r0.allow 0644
      10.20.0.2
      ==> /etc/nbd-server/kvm-mirror-main-r1.allow 0644
      ==> /etc/tgt/kvm-mirror/main.conf 0600
      <target iqn.2026-11.net.example:r1>
          driver iscsi
          <backing-store /dev/drbd1>
              lun 1
              bs-type rdwr
              write-cache off
              scsi_id KVM-MIRR7b4992295527b070
              scsi_sn 7b4992295527b070
          </backing-store>
          initiator-address 10.20.0.3
      </target>
      "
    `);
  });

  it("holds nothing of a protocol that no volume uses", () => {
    const plan = planOf({ "volumes.r1": undefined, "clients.db-1": undefined, "groups.main.nbdPort": 20809 });
    expect(renderGroupDocument(groupOf(plan), plan.volumes)).toMatchInlineSnapshot(`
      "==> /etc/kvm-mirror/main.env 0644
      VIP=10.20.0.10
      VIP_PREFIX=24
      VIP_INTERFACE=storage0
      VOLUMES="r0"
      NBD=yes
      NBD_PORT=20809
      ISCSI=no
      ISCSI_PORT=3260
      ==> /etc/kvm-mirror/main.exports 0644
      # volume protocol address:port/name device admitted
      r0 nbd 10.20.0.10:20809/r0 /dev/drbd0 10.20.0.2
      ==> /etc/nbd-server/kvm-mirror-main.conf 0644
      [generic]
      user = nbd
      group = disk
      listenaddr = 10.20.0.10
      port = 20809
      allowlist = false
      max_threads = 16

      [r0]
      exportname = /dev/drbd0
      authfile = /etc/nbd-server/kvm-mirror-main-r0.allow
      readonly = false
      sync = true
      flush = true
      fua = true
      trim = false
      ==> /etc/nbd-server/kvm-mirror-main-r0.allow 0644
      10.20.0.2
      "
    `);
  });

  it("refuses a name that would start another file", () => {
    const plan = planOf();
    const group = groupOf(plan);
    const exports = { ...exportsOf(group), vip: "10.20.0.10\n==> /etc/passwd 0644" };
    expect(() => renderGroupDocument({ ...group, exports }, plan.volumes)).toThrow(
      "cannot be written into a configuration file",
    );
  });
});

describe("admission", () => {
  it("is for the active host of the client that has the disk", () => {
    expect(renderNbdAdmissions(volumeOf(planOf(), "r0"))).toBe("10.20.0.2\n");
    expect(renderNbdAdmissions(volumeOf(planOf({ "clients.app-1.active": "kvm-b" }), "r0"))).toBe("10.20.0.3\n");
  });

  it("is for nobody when no client has the disk, by either protocol", () => {
    const plan = planOf({ "clients.db-1": undefined, "clients.app-1.disks": [] });
    expect(renderNbdAdmissions(volumeOf(plan, "r1"))).toBe("");
    expect(renderTgtTargets(plan.volumes)).toContain("initiator-address 127.0.0.1\n");
  });

  it("is for one protocol only when the other is exported, too", () => {
    const volume = volumeOf(planOf(), "r1");
    expect(renderNbdAdmissions(volume)).toBe("");
    expect(renderTgtTargets([volume])).toContain("initiator-address 10.20.0.3\n");
  });
});
