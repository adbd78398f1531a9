import type { AutomaticPlan } from "../plan/failover.ts";
import { block, text } from "./indent.ts";
import { word } from "./quoting.ts";

/**
 * `/etc/corosync/corosync.conf`, the same on both mirrors (corosync.conf(5), votequorum(5)):
 * - two links, of which the first that works is used: replication, then management; both must break before the mirrors lose each other.
 * - two_node: one mirror alone has quorum, because fencing decides who goes on; wait_for_all, which comes with it, is said all the same: a mirror
 *   that boots and never saw the other one starts nothing and shoots nobody.
 * - traffic is encrypted with a key of its own (authkey).
 */
export function renderCorosync({ cluster, token, nodes }: AutomaticPlan): string {
  return text([
    ...block("totem", [
      "version: 2",
      `cluster_name: ${word(cluster, "cluster")}`,
      "transport: knet",
      "link_mode: passive",
      `token: ${token}`,
      "crypto_cipher: aes256",
      "crypto_hash: sha256",
      ...block("interface", ["linknumber: 0", "knet_link_priority: 2"]),
      ...block("interface", ["linknumber: 1", "knet_link_priority: 1"]),
    ]),
    ...block(
      "nodelist",
      nodes.flatMap(({ name, id, links }) =>
        block("node", [`name: ${word(name, "mirror")}`, `nodeid: ${id}`, ...links.map((address, link) => `ring${link}_addr: ${word(address, "address")}`)]),
      ),
    ),
    ...block("quorum", ["provider: corosync_votequorum", "two_node: 1", "wait_for_all: 1"]),
    ...block("logging", ["to_stderr: no", "to_logfile: no", "to_syslog: yes", "timestamp: off"]),
  ]);
}
