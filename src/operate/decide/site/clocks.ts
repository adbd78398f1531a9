import { rowsOf } from "../../observe/siteRows.ts";
import { answeredHosts, onHost, type Site, type SiteProblem } from "./site.ts";

/** Seconds; certificates and logs that are read side by side bear that. */
const tolerance = 5;

/**
 * Clocks that differ. Only what is certain counts: a host has told its time between the question and its answer.
 * Hosts that agree with one another against the operator's machine are taken to be right.
 */
export function clockProblems(site: Site): readonly SiteProblem[] {
  const clocks = answeredHosts(site).flatMap(({ host, rows, asked, answered }) =>
    rowsOf(rows, "host").map(({ time }) => ({
      host,
      off: time < asked ? time - asked : Math.max(0, time - answered),
    })),
  );
  const wrong = clocks.filter(({ off }) => Math.abs(off) > tolerance);
  const agree = wrong.every(({ off }) => Math.abs(off - (wrong[0]?.off ?? 0)) <= tolerance);
  if (clocks.length > 1 && wrong.length === clocks.length && agree)
    return [
      {
        what: `this machine's clock differs from every KVM host's by ${words(-(wrong[0]?.off ?? 0))}`,
        means: "Times of commands and of the hosts' logs cannot be compared, and certificates may not be valid yet.",
        command: "sudo timedatectl set-ntp true",
      },
    ];
  return wrong.map(({ host, off }) => ({
    what: `${host.name}: its clock differs from this machine's by ${words(off)}`,
    means: "Logs cannot be compared when something broke, and mirrors start with the host's time.",
    command: onHost(host, "timedatectl set-ntp true"),
  }));
}

const words = (seconds: number): string =>
  `${Math.round(Math.abs(seconds))} s (it is ${seconds < 0 ? "behind" : "ahead"})`;
