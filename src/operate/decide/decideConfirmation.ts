import type { Inventory } from "../../inventory/inventory.ts";
import type { Evidence } from "../observe/evidence.ts";
import { offPhrase } from "./decideNewest.ts";
import { clusterSeenBy, type Observation } from "../observe/observe.ts";
import { lackingThirdVote } from "./thirdVote.ts";
import { youTyped } from "./youTyped.ts";

/**
 * The mirror whose death the cluster waits for and cannot have confirmed, because its KVM host does not answer the
 * other mirror. Whatever was typed, it is turned off first where its KVM host answers the operator: nobody's word
 * counts where it can be made sure.
 * @param evidence what its KVM host says of a mirror to the operator
 * @param confirmed what the operator typed
 * @throws when no mirror has quorum, the cluster does not wait for a death, it is about to find out by itself, when
 *   that mirror answers, or when the operator has not said that it is off
 */
export function decideConfirmation(
  inventory: Inventory,
  seen: Observation,
  evidence: (mirror: string) => Evidence,
  confirmed: string | undefined,
): string {
  const views = [...seen.mirrors.keys()].flatMap((mirror) => clusterSeenBy(seen, mirror) ?? []);
  if (views.length > 0 && !views.some(({ quorum }) => quorum)) {
    const lacking = lackingThirdVote(seen);
    throw new Error(
      "no mirror has quorum: nothing is fenced or promoted. " +
        (lacking.length > 0
          ? "The third vote is missing, and a cluster that lost quorum waits for both mirrors " +
            "and for it: bring the other mirror back, or the third place"
          : "See kvm-mirror status"),
    );
  }
  const unclean = [
    ...new Set(views.flatMap(({ nodes }) => nodes.filter((node) => node.unclean).map(({ name }) => name))),
  ];
  const [dead, ...more] = unclean;
  if (dead === undefined)
    throw new Error(
      "the cluster does not wait for a mirror to be confirmed dead: it fails over by itself. To move a group: " +
        "kvm-mirror switch",
    );
  if (more.length > 0)
    throw new Error(
      `each mirror counts the other as dead (${unclean.join(", ")}), but both live and do not hear each ` +
        "other. Mend the networks between them; the cluster then decides by itself",
    );
  const host = inventory.mirrors.find(({ name }) => name === dead)?.host ?? "its KVM host";
  const answers = seen.mirrors.get(dead);
  if (answers && "state" in answers)
    throw new Error(
      `${dead} answers the operator: it is not dead. The cluster is about to fence it through ${host}, ` +
        `and the other mirror cannot reach ${host}: mend that`,
    );
  const { domain } = evidence(dead);
  const underWay = views.some(({ nodes }) => nodes.some(({ name, fencing }) => name === dead && fencing));
  // Whoever types early is not asked for his word on what the cluster is about to find out by itself. Where the KVM
  // host does not answer the operator either, it most likely fails, and nobody waits for that.
  if (confirmed === undefined && underWay && (domain === "off" || domain === "running"))
    throw new Error(
      `the cluster is having ${dead} turned off through ${host} at this moment, and then decides by itself which ` +
        "copy it promotes. Where kvm-mirror status says in a minute that it still waits for that: repeat this",
    );
  const phrase = offPhrase(dead);
  if (confirmed !== phrase)
    throw new Error(
      `the cluster cannot have ${dead} turned off through ${host}, and promotes nothing before it is. ` +
        wayOut(dead, host, domain, phrase) +
        youTyped(confirmed),
    );
  return dead;
}

function wayOut(dead: string, host: string, domain: Evidence["domain"], phrase: string): string {
  switch (domain) {
    case "off":
    case "running":
      return (
        `To you ${host} answers: ${dead} ${domain === "off" ? "is off" : "still runs"} there. ` +
        `To turn it off from here, see that it is off, and tell the cluster, repeat with --confirm "${phrase}"`
      );
    case "moved":
      return (
        `virsh migrate took ${dead} away from ${host}, and it may run elsewhere: two mirrors would take writes, and ` +
        `those of one are lost. Find the KVM host where it runs. Migrate it back, or turn it off there and make sure ` +
        `that it stays off; then repeat with --confirm "${phrase}"`
      );
    case "unknown":
      return (
        `If ${dead} still runs and ${host} can be reached again, two mirrors would take writes, and those of ` +
        `one are lost. Cut the power of ${host} and make sure that ${dead} stays off; then repeat with ` +
        `--confirm "${phrase}"`
      );
  }
}
