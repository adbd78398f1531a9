/** Sound sites, and changes that make them faulty. */
import type { Site } from "../../../../../src/operate/decide/site/site.ts";
import { checkSite } from "../../../../../src/operate/decide/site/siteProblems.ts";
import { automaticPlanOf, planOf } from "../../../render/sample.ts";
import { edit, now, soundSite, withRows } from "./sampleSite.ts";

export const plan = planOf();
export const image = "/srv/images/mirror.qcow2";
export const list = "/srv/images/SHA256SUMS";
export const localImage = planOf({ image: { source: image, checksum: `sha256sums:${list}` } });
export const automatic = automaticPlanOf({ qdevice: { address: "10.30.0.9", login: "ops@vote.example.net:2222" } });
export const fresh = soundSite(plan);
export const running = soundSite(plan, true);
export const a = "ssh root@kvm-a.example.net";
export const b = "ssh -p 2222 root@10.30.0.3";
export const [url = ""] = plan.hosts.flatMap(({ images }) => images.map(({ source }) => source));
export const set = (key: string, value: string) => `pulumi config set --stack unit --path 'kvm-mirror:${key}' ${value}`;
export const commands = (site: Site) => checkSite(site).problems.map(({ command }) => command);

/** Every row `which` of kvm-a, or of another host, gets these values. */
export const on = (which: object, values: object, site = fresh, host = "kvm-a") =>
  edit(site, host, which as Record<string, unknown>, values);
export const bridge = (name: string, values: object, site = fresh, host = "kvm-a") =>
  on({ probe: "bridge", name }, values, site, host);
export const clock = (site: Site, host: string, seconds: number) =>
  on({ probe: "host" }, { time: now + seconds }, site, host);
export const path = (state: string, site: Site, host: string) => on({ probe: "path" }, { state }, site, host);
export const imageState = (state: string, said = "", host = "kvm-a") =>
  on({ probe: "image", source: image }, { state, said }, soundSite(localImage), host);
export const domain = (owner: string) =>
  withRows(fresh, "kvm-a", (rows) => [...rows, { probe: "domain", name: "mirror-a", owner }]);
export const forward = (manager: string, values: object = {}) =>
  on({ probe: "forward" }, { calls: true, policy: "DROP", accepts: false, manager, ...values });
export const fence = (by: string, seen: object) => {
  const site = soundSite(automatic, true);
  return { ...site, sight: { ...site.sight, fences: new Map(site.sight.fences).set(by, seen as never) } };
};
export const closed = (address: string) =>
  ["kvm-a", "kvm-b"].reduce(
    (site, host) => on({ probe: "tcp", address }, { state: "closed" }, site, host),
    soundSite(automatic),
  );
export const cluster = {
  answers: true,
  quorum: true,
  paused: false,
  nodes: [],
  groups: [],
  fences: [],
  qdevice: false,
};
export const sshdFile = "/etc/ssh/sshd_config.d/10-kvm-mirror.conf";
export const sysctlFile = "/etc/sysctl.d/90-kvm-mirror.conf";
