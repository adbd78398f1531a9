import { describe, expect, it } from "vitest";
import { renderClusterDocument } from "../../../src/render/placement/clusterDocument.ts";
import { renderCorosync } from "../../../src/render/placement/corosync.ts";
import { automaticPlanOf } from "./sample.ts";

const { failover: cluster } = automaticPlanOf({ fenceTimeout: 90, monitorInterval: 20 });

describe("a cluster's member", () => {
  it("gets corosync's configuration, the same on both mirrors", () => {
    expect(renderCorosync(cluster)).toMatchInlineSnapshot(`
      "totem {
          version: 2
          cluster_name: kvm-mirror-unit
          transport: knet
          link_mode: passive
          token: 2000
          crypto_cipher: aes256
          crypto_hash: sha256
          interface {
              linknumber: 0
              knet_link_priority: 2
          }
          interface {
              linknumber: 1
              knet_link_priority: 1
          }
      }
      nodelist {
          node {
              name: mirror-a
              nodeid: 1
              ring0_addr: 10.10.0.11
              ring1_addr: 10.30.0.11
          }
          node {
              name: mirror-b
              nodeid: 2
              ring0_addr: 10.10.0.12
              ring1_addr: 10.30.0.12
          }
      }
      quorum {
          provider: corosync_votequorum
          two_node: 1
          wait_for_all: 1
      }
      logging {
          to_stderr: no
          to_logfile: no
          to_syslog: yes
          timestamp: off
      }
      "
    `);
  });

  it("gets a third vote in the place of two_node", () => {
    const { failover } = automaticPlanOf({ token: 3000, qdevice: { address: "10.30.0.4" } });
    expect(failover.qdevice).toEqual({ address: "10.30.0.4", port: 5403, login: "root@10.30.0.4" });
    expect(/^quorum \{\n(?: .*\n)*\}\n/m.exec(renderCorosync(failover))?.[0]).toMatchInlineSnapshot(`
      "quorum {
          provider: corosync_votequorum
          wait_for_all: 1
          device {
              model: net
              votes: 1
              timeout: 6000
              sync_timeout: 18000
              net {
                  tls: required
                  host: 10.30.0.4
                  port: 5403
                  algorithm: ffsplit
              }
          }
      }
      "
    `);
  });

  it("gets its files as one document", () => {
    const fence = cluster.fences[0];
    if (!fence) throw new Error("no fencing in the plan");
    const secrets = { corosyncKey: "KEY", fenceKey: "PRIVATE\n", hostKey: "ssh-ed25519 AAAA" };
    const document = renderClusterDocument(cluster, fence, secrets);
    expect(document.replace(/^(totem|nodelist|quorum|logging) \{\n(?: .*\n)*\}\n/gm, "")).toMatchInlineSnapshot(`
      "==> /etc/corosync/corosync.conf 0644
      ==> /etc/corosync/authkey 0400
      KEY
      ==> /etc/kvm-mirror/fence/mirror-a.key 0600
      PRIVATE
      ==> /etc/kvm-mirror/fence/known_hosts 0644
      kvm-a ssh-ed25519 AAAA
      ==> /etc/kvm-mirror/cluster 0644
      CLUSTER=kvm-mirror-unit
      PEER=mirror-a
      "
    `);
    expect(() =>
      renderClusterDocument(cluster, fence, { ...secrets, hostKey: "ssh-ed25519 AAAA\nkvm-b ssh-ed25519 BBBB" }),
    ).toThrow("not of the form");
  });
});
