import { everyRow, onHost, type Site, type SiteProblem } from "./site.ts";

/** Firewalls that drop what goes from port to port of a bridge. */
export function firewallProblems(site: Site): readonly SiteProblem[] {
  return everyRow(site, "forward")
    .filter(({ row }) => row.calls && row.policy === "DROP" && !row.accepts)
    .map(({ host, row }) => ({
      what:
        `${host.name}: its firewall sees bridged packets (bridge-nf-call-iptables is 1) and drops them ` +
        `(policy of FORWARD${row.manager === "none" ? "" : `, by ${row.manager === "docker" ? "Docker" : "ufw"}`})`,
      means: "Machines on this host do not reach the other host: mirrors stay apart, clients find no export.",
      // Docker sets bridge-nf-call-iptables again at each start.
      command:
        row.manager === "docker"
          ? onHost(host, "iptables -I DOCKER-USER -m physdev --physdev-is-bridged -j ACCEPT")
          : onHost(
              host,
              "echo net.bridge.bridge-nf-call-iptables = 0 >/etc/sysctl.d/90-kvm-mirror.conf",
              "sysctl -p /etc/sysctl.d/90-kvm-mirror.conf",
            ),
    }));
}
