import { mirrorDomains, mirrorsOf, type Rule } from "../stack.ts";

/** The machine in a libvirt URI: who logs in, with which key, and that ssh's own port is said, makes no other of it. */
export function machineOf(uri: string): string {
  const [, authority = ""] = /^[a-z+]+:\/\/([^/?]*)/.exec(uri) ?? [];
  return authority.replace(/^.*@|:22$/g, "").toLowerCase() || "this machine";
}

export const mirrorsOnDifferentHosts: Rule = {
  name: "mirrors-on-different-hosts",
  description: "The two mirrors run on two KVM hosts: the death of one host leaves one copy.",
  offences: (stack) => {
    const mirrors = mirrorsOf(stack);
    const domains = mirrorDomains(stack);
    const count = mirrors.length === 2 && domains.length === 2 ? [] : [`there are ${domains.length} mirrors, not two`];
    const hosts = domains.flatMap(({ host }) => (host === undefined ? [] : [machineOf(host)]));
    const without = domains
      .filter(({ host }) => host === undefined)
      .map(({ name }) => `${name} is on no known KVM host`);
    return [
      ...count,
      ...without,
      ...(new Set(hosts).size < hosts.length
        ? [`${domains.map(({ name }) => name).join(" and ")} are both on ${hosts[0] ?? ""}`]
        : []),
    ];
  },
};
