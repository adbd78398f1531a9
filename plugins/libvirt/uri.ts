/** libvirt URIs: how to get to a KVM host. */

/** A KVM host on this machine, or one that is reached by ssh. */
export type Target =
  | { readonly kind: "local" }
  | {
      readonly kind: "ssh";
      readonly host: string;
      readonly user?: string;
      readonly port?: number;
      /** Private key, from `?keyfile=`. */
      readonly keyfile?: string;
      /** known_hosts file, from `?known_hosts=`. */
      readonly knownHosts?: string;
    };

const forms = "qemu:///system or qemu+ssh://[user@]host[:port]/system[?keyfile=PATH&known_hosts=PATH]";

/** Why a text is no libvirt URI of ours. */
export class UriError extends Error {
  readonly reason: string;

  constructor(uri: string, reason: string) {
    super(`libvirt URI ${JSON.stringify(uri)}: ${reason}; known forms: ${forms}`);
    this.name = "UriError";
    this.reason = reason;
  }
}

/** A piece of a URI as messages repeat it. */
const short = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);

/** User and host become arguments of ssh: nothing that could be taken for an option or another host. */
const word = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;
const ipv6 = /^\[[0-9A-Fa-f:]+\]$/;
/** A path as it is; what has a meaning in URIs or shells is written %XX, as libvirt reads it. A plus is a plus. */
const path = /^([A-Za-z0-9_./~@:,=+-]|%[0-9A-Fa-f]{2})+$/;

/**
 * Reads a libvirt URI. The one grammar of the configuration, the provider and scripts/operator/on-host.sh.
 * @throws UriError when it is of no known form.
 */
export function parseUri(uri: string): Target {
  const wrong = (reason: string) => new UriError(uri, reason);
  const [, scheme, authority = "", place = "", query] =
    /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)([^?#]*)(?:\?([^#]*))?$/.exec(uri) ?? [];
  if (scheme === undefined) throw wrong("not a URI");
  if (scheme !== "qemu" && scheme !== "qemu+ssh") throw wrong(`unknown scheme ${short(scheme)}`);
  if (place !== "/system") throw wrong(`the path must be /system, not ${short(place)}`);
  if (scheme === "qemu") {
    if (authority !== "") throw wrong("a host needs a transport: qemu+ssh://");
    if (query !== undefined) throw wrong("qemu:///system takes no parameters");
    return { kind: "local" };
  }
  return { kind: "ssh", ...readLogin(authority, wrong), ...readParameters(query, wrong) };
}

/** `[user@]host[:port]`, as ssh gets it. */
export interface Login {
  readonly user?: string;
  readonly host: string;
  readonly port?: number;
}

/** @throws what `wrong` makes of a reason */
export function readLogin(text: string, wrong: (reason: string) => Error): Login {
  const [, user, host = "", port] = /^(?:(.*)@)?(\[[^\]]*\]|[^:@]*)(?::([^:@]*))?$/.exec(text) ?? [];
  if (user?.includes(":")) throw wrong("a password does not belong into a URI");
  if (user !== undefined && !word.test(user)) throw wrong("no usable user name");
  if (!word.test(host) && !ipv6.test(host)) throw wrong("no usable host name");
  if (port !== undefined && (!/^[1-9][0-9]{0,4}$/.test(port) || Number(port) > 65_535))
    throw wrong(`the port must be 1 to 65535, not ${short(port)}`);
  return {
    ...(user === undefined ? {} : { user }),
    host: host.replace(/^\[(.*)\]$/, "$1"),
    ...(port === undefined ? {} : { port: Number(port) }),
  };
}

const parameters: Readonly<Record<string, "keyfile" | "knownHosts">> = {
  keyfile: "keyfile",
  known_hosts: "knownHosts",
};

function readParameters(
  query: string | undefined,
  wrong: (reason: string) => Error,
): { readonly keyfile?: string; readonly knownHosts?: string } {
  const found: { keyfile?: string; knownHosts?: string } = {};
  for (const parameter of query === undefined ? [] : query.split("&")) {
    const [, name = "", value = ""] = /^([^=]*)=?(.*)$/.exec(parameter) ?? [];
    const key = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    if (key === undefined)
      throw wrong(`unknown parameter ${short(name).slice(1, -1)} (ssh itself reads ~/.ssh/config: put it there)`);
    if (found[key] !== undefined) throw wrong(`the parameter ${name} is there twice`);
    found[key] = readPath(name, value, wrong);
  }
  return found;
}

function readPath(name: string, value: string, wrong: (reason: string) => Error): string {
  const bad = () => wrong(`${name} must be a path; write special characters as %XX, a blank as %20`);
  if (!path.test(value)) throw bad();
  try {
    const text = decodeURIComponent(value);
    if (/[\x00-\x1f\x7f]/.test(text)) throw bad();
    return text;
  } catch (error) {
    // Bytes that are no UTF-8.
    throw error instanceof URIError ? bad() : error;
  }
}

/** How messages name the host: `user@host`, or `localhost`. */
export function hostName(target: Target): string {
  if (target.kind === "local") return "localhost";
  return target.user ? `${target.user}@${target.host}` : target.host;
}
