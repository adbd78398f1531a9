import { Mistake, written } from "./written.ts";

const form = "write qemu+ssh://root@host/system, or qemu:///system for the operator's own machine";

/**
 * Checks a libvirt URI: local, or over ssh, always the system instance.
 * What ssh is given from it must not look like an option.
 */
function checkLibvirtUri(text: string): string {
  if (text === "qemu:///system") return text;
  const word = "[A-Za-z0-9_][A-Za-z0-9_.-]*";
  const [, port, query = ""] = new RegExp(`^qemu\\+ssh://(?:${word}@)?${word}(?::([0-9]+))?/system(?:\\?(.*))?$`).exec(
    text,
  ) ?? [text, "none"];
  if (port === "none") throw new Mistake(`is not the URI of a libvirt host; ${form}`);
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65535))
    throw new Mistake(`has the port ${port}; use 1 to 65535`);
  for (const parameter of query === "" ? [] : query.split("&")) {
    if (!/^(keyfile|known_hosts)=[!-~]+$/.test(parameter))
      throw new Mistake(`has the parameter ${parameter}; only keyfile=<path> and known_hosts=<path> are known`);
  }
  return text;
}

/** Host part of a libvirt URI, or `localhost`. */
export function libvirtHost(uri: string): string {
  return /^qemu\+ssh:\/\/(?:[^@/]*@)?([^:/]+)/.exec(uri)?.[1] ?? "localhost";
}

/**
 * User and port that a libvirt URI logs in with by ssh; ssh's own defaults are the operator's, so root stands for none.
 */
export function libvirtLogin(uri: string): { readonly user: string; readonly port: number } {
  const [, user, port] = /^qemu\+ssh:\/\/(?:([^@/]*)@)?[^:/]+(?::([0-9]+))?/.exec(uri) ?? [];
  return { user: user ?? "root", port: port === undefined ? 22 : Number(port) };
}

/** URI of a KVM host's libvirt. */
export const libvirtUri = () => written(checkLibvirtUri, form);
