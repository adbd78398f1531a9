import { keyPath } from "../../../config/problem.ts";
import { addressesOf, machinesOn, type WantedAddress } from "../../observe/siteQuestions.ts";
import { everyRow, isMade, setKey, type Site, type SiteProblem } from "./site.ts";

/** Addresses of machines that are not made yet, and that somebody else has. */
export function addressProblems(site: Site): readonly SiteProblem[] {
  const ours = new Set(site.plan.hosts.flatMap(({ name }) => machinesOn(site.plan, name).flatMap(macs)));
  return unmade(site).flatMap(({ address, key }) => {
    const taken = everyRow(site, "free").find(
      ({ row }) => row.address === address && (row.state === "taken" || row.state === "own") && !ours.has(row.mac),
    );
    if (!taken) return [];
    const who = taken.row.state === "own" ? `${taken.host.name} itself` : `another machine${mac(taken.row.mac)}`;
    return [
      {
        what: `${keyPath(...key)} = ${address}: ${who} has this address, seen from ${taken.host.name}`,
        means: "Two machines with one address disturb one another: take it from that machine, or use another.",
        command: setKey(site.plan, keyPath(...key), "<free address>"),
      },
    ];
  });
}

/** Those of which no host could tell whether they are free. */
export function addressesNotSeen(site: Site): readonly string[] {
  const asked = everyRow(site, "free");
  const unknown = unmade(site).filter(({ address }) => {
    const rows = asked.filter(({ row }) => row.address === address);
    return rows.length > 0 && rows.every(({ row }) => row.state === "no-way");
  });
  if (unknown.length === 0) return [];
  return [
    `whether ${unknown.map(({ address }) => address).join(", ")} ${unknown.length === 1 ? "is" : "are"} free: ` +
      "no KVM host has an address in that network",
  ];
}

/** Of machines that exist nowhere; where a host does not say, it may have them. */
function unmade(site: Site): readonly WantedAddress[] {
  const { plan } = site;
  return addressesOf(plan).filter(({ machines }) =>
    plan.hosts.every(({ name }) =>
      machinesOn(plan, name).every(
        (machine) => !machines.includes(machine.name) || isMade(site, machine.name, name) === false,
      ),
    ),
  );
}

const macs = ({ nics }: { readonly nics: readonly { readonly mac: string }[] }): readonly string[] =>
  nics.map(({ mac }) => mac);
const mac = (address: string): string => (address === "" ? "" : ` (${address})`);
