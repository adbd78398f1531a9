import { everyRow, onHost, type Site, type SiteProblem } from "./site.ts";

/**
 * Logins at the same time that an sshd has to take: an `up` shares connections (share-connection.sh) and repeats those
 * that sshd drops, so that OpenSSH's own 10 do.
 */
const enough = 10;

/** An sshd that drops logins of an `up`. */
export function sshdProblems(site: Site): readonly SiteProblem[] {
  return everyRow(site, "sshd")
    .filter(({ row }) => Number(row.maxStartups.split(":")[0]) < enough)
    .map(({ host, row }) => ({
      what: `${host.name}: sshd's MaxStartups is ${row.maxStartups}`,
      means: `sshd drops logins when several begin at once, as those of \`up\` do; ${enough} is the least.`,
      command: onHost(
        host,
        "echo MaxStartups 100:30:200 >/etc/ssh/sshd_config.d/10-kvm-mirror.conf",
        "systemctl reload ssh",
      ),
    }));
}
