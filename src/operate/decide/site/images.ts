import type { HostPlan } from "../../../plan/machines/hosts.ts";
import type { ImagePlan } from "../../../plan/machines/image.ts";
import type { RowOf } from "../../observe/siteRows.ts";
import { everyRow, loginOf, onHost, type Site, type SiteProblem } from "./site.ts";

/** Images that `up` could not fetch, or would refuse. */
export function imageProblems(site: Site): readonly SiteProblem[] {
  return everyRow(site, "image").flatMap(({ host, row }) => {
    const image = host.images.find(({ source }) => source === row.source);
    return row.state === "ok" || !image ? [] : [imageProblem(site, host, image, row)];
  });
}

function imageProblem(site: Site, host: HostPlan, image: ImagePlan, row: RowOf<"image">): SiteProblem {
  const { source, checksum } = image;
  const list = checksum.replace(/^sha256sums:/, "");
  const means = "`up` refuses to make machines of it there.";
  switch (row.state) {
    case "unreachable":
      return { what: `${host.name} does not get the image ${source}: ${row.said}`, means, command: show(host, source) };
    case "no-list":
      return {
        what: `${host.name} does not get the image's list of checksums ${list}: ${row.said}`,
        means,
        command: list.startsWith("/") ? copy(site, host, list) : show(host, list),
      };
    case "not-listed":
      return {
        what: `${host.name}: ${list} has no sha256 of ${source.slice(source.lastIndexOf("/") + 1)}`,
        means: `${means} The list is of another release, or the file has another name.`,
        command: list.startsWith("/") ? onHost(host, `cat ${list}`) : onHost(host, `curl --location ${list}`),
      };
    case "differs":
      return {
        what: `${host.name}: ${source} has sha256 ${row.said}, and not the one that the stack file names`,
        means: `${means} It is another version, or its copy broke off.`,
        command: copy(site, host, source),
      };
    default:
      return { what: `${host.name}: there is no image ${source}`, means, command: copy(site, host, source) };
  }
}

const show = (host: HostPlan, url: string): string => onHost(host, `curl --head --location ${url}`);

/** From a host on which the file is sound, if there is one. */
function copy(site: Site, host: HostPlan, file: string): string {
  const to = scpPlace(host, file);
  const sound = everyRow(site, "image").find(({ host: other, row }) => other.name !== host.name && row.state === "ok");
  return `scp ${sound ? `-3 ${scpPlace(sound.host, file)}` : file.replace(/^.*\//, "")} ${to}`;
}

function scpPlace(host: HostPlan, file: string): string {
  const [, port, login] = /^(?:-p (\d+) )?(.*)$/.exec(loginOf(host) ?? "") ?? [];
  if (!login) return file;
  return port === undefined ? `${login}:${file}` : `scp://${login}:${port}/${file}`;
}
