import { findPeer } from "../../../plan/placement/pair.ts";
import { reaches } from "../../../render/exports/nbd/nbdForm.ts";
import type { Site, SiteProblem } from "./site.ts";

/** Mirrors that run, with DRBD's module missing or of another version than this program speaks. */
export function drbdProblems({ plan, mirrors }: Site): readonly SiteProblem[] {
  const versions = plan.mirrors.flatMap(({ name, sshTarget }) => {
    const seen = mirrors.get(name);
    return seen && "state" in seen ? [{ name, sshTarget, version: seen.state.drbdVersion }] : [];
  });
  return versions.flatMap(({ name, sshTarget, version }) => {
    if (version === "")
      return [
        {
          what: `${name}: DRBD's kernel module is not loaded`,
          means: "It serves no volume and takes no copy.",
          command: `ssh ${sshTarget} sudo /usr/local/lib/kvm-mirror/drbd-module.sh`,
        },
      ];
    if (!/^8\.4\./.test(version))
      return [
        {
          what: `${name}: DRBD's kernel module is ${version}`,
          means: "This program speaks the metadata and commands of 8.4, which the distributions' kernels have.",
          command: `ssh ${sshTarget} sudo apt-get purge drbd-dkms`,
        },
      ];
    const other = findPeer(versions, name)?.version ?? version;
    return [version, other].every((one) => /^8\.4\.\d+$/.test(one)) && !reaches(version, other)
      ? [
          {
            what: `${name}: DRBD's kernel module is ${version}, its peer's ${other}`,
            means: "They work together while one mirror is patched, not for good: bring it to the same kernel.",
            command: `kvm-mirror maintain ${name}`,
          },
        ]
      : [];
  });
}
