import { describe, expect, it } from "vitest";
import { renderDrbdGlobal } from "../../../src/render/replication/drbdGlobal.ts";
import { renderDrbdResource } from "../../../src/render/replication/drbdResource.ts";
import { automaticPlanOf, keys, planOf, volumeOf } from "./sample.ts";

describe("DRBD", () => {
  it("gets its common configuration", () => {
    expect(renderDrbdGlobal()).toMatchInlineSnapshot(`
      "global {
          usage-count no;
      }

      common {
          disk {
              al-extents 3389;
              c-fill-target 1M;
          }
          net {
              max-buffers 8000;
              max-epoch-size 8000;
          }
      }
      "
    `);
  });

  it("gets one file a volume, the same on both mirrors", () => {
    const plan = planOf({ "volumes.r1.replication": { resyncRate: "1G", wfcTimeout: 0, degrWfcTimeout: 120 } });
    expect(renderDrbdResource(volumeOf(plan, "r1"), plan.mirrors, keys.drbdSharedSecret("r1"))).toMatchInlineSnapshot(`
      "resource r1 {
          options {
              on-no-data-accessible suspend-io;
          }
          startup {
              wfc-timeout 0;
              degr-wfc-timeout 120;
          }
          net {
              protocol C;
              cram-hmac-alg sha1;
              shared-secret "AFLtZ4lkj8I8IqAbtY9Q8FP7XT06TdDq9qfmt9fiQ50";
              verify-alg sha1;
              allow-two-primaries no;
              after-sb-0pri disconnect;
              after-sb-1pri disconnect;
              after-sb-2pri disconnect;
              rr-conflict disconnect;
              timeout 30;
              ko-count 4;
              connect-int 4;
              ping-int 1;
              ping-timeout 20;
          }
          disk {
              on-io-error detach;
              resync-rate 1G;
              c-max-rate 1G;
              fencing resource-and-stonith;
          }
          handlers {
              fence-peer "/usr/local/lib/kvm-mirror/fence-peer.sh";
          }
          on mirror-a {
              device /dev/drbd1;
              disk /dev/disk/by-id/virtio-r1;
              address 10.10.0.11:7789;
              meta-disk internal;
          }
          on mirror-b {
              device /dev/drbd1;
              disk /dev/disk/by-id/virtio-r1;
              address 10.10.0.12:7789;
              meta-disk internal;
          }
      }
      "
    `);
  });

  it("gets no secret that it would cut, or that could end its string", () => {
    const plan = planOf();
    const render = (secret: string): string => renderDrbdResource(volumeOf(plan, "r0"), plan.mirrors, secret);
    expect(() => render("x".repeat(64))).toThrow("holds 63 characters");
    for (const secret of ['a"; } bad {', "a\\", "a\nb"])
      expect(() => render(secret)).toThrow(/^a string for drbd\.conf has characters that it cannot hold$/);
  });

  it("gets no word that is none", () => {
    const plan = planOf();
    expect(() => renderDrbdResource({ ...volumeOf(plan, "r0"), name: "r0 { }" }, plan.mirrors, "secret")).toThrow(
      /"r0 { }" cannot be written/,
    );
  });

  it("is told when a mirror has nothing below a volume", () => {
    const plan = planOf();
    const mirrors = plan.mirrors.map((mirror) => ({ ...mirror, backings: [] }));
    expect(() => renderDrbdResource(volumeOf(plan, "r0"), mirrors, "secret")).toThrow(
      "mirror mirror-a has no backing for volume r0",
    );
  });
});

describe("a volume whose data cannot be reached, at either mirror", () => {
  it.each([
    ["manual", planOf()],
    ["automatic", automaticPlanOf({})],
  ] as const)("gives no I/O error to a server that acknowledges writes: they wait (failover: %s)", (mode, plan) => {
    expect(plan.failover.mode).toBe(mode);
    for (const { name } of plan.volumes) {
      expect(renderDrbdResource(volumeOf(plan, name), plan.mirrors, "secret", plan.failover)).toContain(
        "    options {\n        on-no-data-accessible suspend-io;\n    }\n",
      );
    }
  });
});

describe("DRBD under automatic failover", () => {
  it("stops writing when the peer is lost, until the cluster has fenced it", () => {
    const plan = automaticPlanOf({ fenceTimeout: 90, monitorInterval: 20 });
    expect(renderDrbdResource(volumeOf(plan, "r0"), plan.mirrors, "secret", plan.failover)).toMatchInlineSnapshot(`
      "resource r0 {
          options {
              on-no-data-accessible suspend-io;
          }
          startup {
              wfc-timeout 15;
              degr-wfc-timeout 60;
          }
          net {
              protocol C;
              cram-hmac-alg sha1;
              shared-secret "secret";
              verify-alg sha1;
              allow-two-primaries no;
              after-sb-0pri disconnect;
              after-sb-1pri disconnect;
              after-sb-2pri disconnect;
              rr-conflict disconnect;
              timeout 30;
              ko-count 4;
              connect-int 4;
              ping-int 1;
              ping-timeout 20;
          }
          disk {
              on-io-error detach;
              resync-rate 100M;
              c-max-rate 100M;
              fencing resource-and-stonith;
          }
          handlers {
              fence-peer "/usr/lib/drbd/crm-fence-peer.sh --timeout 120 --dc-timeout 150";
              after-resync-target "/usr/lib/drbd/crm-unfence-peer.sh";
          }
          on mirror-a {
              device /dev/drbd0;
              disk /dev/disk/by-id/virtio-r0;
              address 10.10.0.11:7788;
              meta-disk internal;
          }
          on mirror-b {
              device /dev/drbd0;
              disk /dev/disk/by-id/virtio-r0;
              address 10.10.0.12:7788;
              meta-disk internal;
          }
      }
      "
    `);
  });
});
