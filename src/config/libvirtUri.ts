import { parseUri, readLogin, type Login, type Target, UriError } from "../../plugins/libvirt/uri.ts";
import { Mistake, written } from "./written.ts";

const form = "write qemu+ssh://root@host/system, or qemu:///system for the operator's own machine";

/**
 * Checks a libvirt URI: local, or over ssh, always the system instance. The grammar is the provider's.
 * Addresses are IPv4 throughout.
 */
function checkLibvirtUri(text: string): string {
  try {
    const target = parseUri(text);
    if (target.kind === "ssh" && target.host.includes(":"))
      throw new Mistake("names its host by an IPv6 address; write its name, or its IPv4 address");
    return text;
  } catch (error) {
    if (!(error instanceof UriError)) throw error;
    throw new Mistake(`is not the URI of a libvirt host: ${error.reason}; ${form}`);
  }
}

/** Host part of a libvirt URI, or `localhost`. */
export function libvirtHost(uri: string): string {
  const target = parseUri(uri);
  return target.kind === "local" ? "localhost" : target.host;
}

/**
 * User and port that a libvirt URI logs in with by ssh; ssh's own defaults are the operator's, so root stands for none.
 */
export function libvirtLogin(uri: string): { readonly user: string; readonly port: number } {
  const target = parseUri(uri);
  return target.kind === "local"
    ? { user: "root", port: 22 }
    : { user: target.user ?? "root", port: target.port ?? 22 };
}

/**
 * What tells one KVM host from another as far as URIs can: host and port, however they are written. The user is no
 * part of it, nor are capital letters, a final dot, or the port that ssh takes anyway.
 */
export function hostIdentity(uri: string): string {
  const target: Target = parseUri(uri);
  if (target.kind === "local") return "localhost:22";
  const host = target.host.toLowerCase().replace(/\.+$/, "");
  return `${/^(127\.[0-9.]+|localhost(\.localdomain)?)$/.test(host) ? "localhost" : host}:${target.port ?? 22}`;
}

/** Reads `[user@]host[:port]`. @throws Mistake */
export function parseLogin(text: string): Login {
  const login = readLogin(text, (reason) => new Mistake(`is no login for ssh: ${reason}; write [user@]host[:port]`));
  if (login.host.includes(":")) throw new Mistake("is an IPv6 address; write the machine's name, or its IPv4 address");
  return login;
}

/** URI of a KVM host's libvirt. */
export const libvirtUri = () => written(checkLibvirtUri, form);
