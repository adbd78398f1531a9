import type { AutomaticPlan } from "../../plan/placement/failover.ts";
import { block, type Lines, text } from "../indent.ts";
import { word } from "../quoting.ts";

/**
 * `/etc/corosync/corosync.conf`, the same on both mirrors (corosync.conf(5), votequorum(5)):
 * - two links, of which the first that works is used: replication, then
 *   management; both must break before the mirrors lose each other.
 * - two_node: one mirror alone has quorum, because fencing decides who goes on;
 *   wait_for_all, which comes with it, is said all the same: a mirror
 *   that boots and never saw the other one starts nothing and shoots nobody.
 * - with a qdevice (corosync-qdevice(8)) instead of two_node, the third vote says
 *   which mirror goes on; wait_for_all stays, because it protects from
 *   the older copy: a mirror alone with the third vote has a majority, too.
 * - traffic is encrypted with a key of its own (authkey).
 */
export function renderCorosync(plan: AutomaticPlan): string {
  const { cluster, token, nodes } = plan;
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
        block("node", [
          `name: ${word(name, "mirror")}`,
          `nodeid: ${id}`,
          ...links.map((address, link) => `ring${link}_addr: ${word(address, "address")}`),
        ]),
      ),
    ),
    ...block("quorum", ["provider: corosync_votequorum", ...votes(plan)]),
    ...block("logging", ["to_stderr: no", "to_logfile: no", "to_syslog: yes", "timestamp: off"]),
  ]);
}

/**
 * ffsplit asks for one vote. timeout: the third place takes a mirror for gone after
 * 1.2 times as long, which with twice the token is hardly later than
 * corosync does; until then it does not vote for the other one. sync_timeout: three times that, as by default.
 */
function votes({ token, qdevice }: AutomaticPlan): Lines {
  if (qdevice === undefined) return ["two_node: 1", "wait_for_all: 1"];
  const { address, port } = qdevice;
  return [
    "wait_for_all: 1",
    ...block("device", [
      "model: net",
      "votes: 1",
      `timeout: ${2 * token}`,
      `sync_timeout: ${6 * token}`,
      ...block("net", ["tls: required", `host: ${word(address, "address")}`, `port: ${port}`, "algorithm: ffsplit"]),
    ]),
  ];
}
