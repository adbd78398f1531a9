import { addressesNotSeen, addressProblems } from "./addresses.ts";
import { bridgeProblems } from "./bridges.ts";
import { clockProblems } from "./clocks.ts";
import { domainProblems } from "./domains.ts";
import { drbdProblems } from "./drbd.ts";
import { fencingProblems } from "./fencing.ts";
import { firewallProblems } from "./firewall.ts";
import { imageProblems } from "./images.ts";
import { libvirtProblems } from "./libvirt.ts";
import { pathProblems } from "./paths.ts";
import { poolProblems } from "./pools.ts";
import { reachProblems } from "./reach.ts";
import { everyRow, type Site, type SiteProblem } from "./site.ts";
import { sshdProblems } from "./sshd.ts";
import { virtualizationProblems } from "./virtualization.ts";

/** What is wrong with a site, and what could not be seen of it. */
export interface SiteCheck {
  readonly problems: readonly SiteProblem[];
  /** Nothing is wrong for that. */
  readonly notSeen: readonly string[];
}

const subjects: readonly ((site: Site) => readonly SiteProblem[])[] = [
  reachProblems,
  sshdProblems,
  clockProblems,
  libvirtProblems,
  virtualizationProblems,
  bridgeProblems,
  pathProblems,
  firewallProblems,
  poolProblems,
  imageProblems,
  domainProblems,
  addressProblems,
  fencingProblems,
  drbdProblems,
];

/** Every problem of a site, in the order in which they are best mended: a later one may be gone with an earlier one. */
export function checkSite(site: Site): SiteCheck {
  return {
    problems: subjects.flatMap((subject) => subject(site)),
    notSeen: [
      ...everyRow(site, "unknown")
        .filter(({ row }) => row.of !== "libvirt")
        .map(({ host, row }) => `${row.of} on ${host.name}: ${row.why}`),
      ...addressesNotSeen(site),
    ],
  };
}
