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

/** Reads a libvirt URI. Throws a message for the user when it is of no known form. */
export function parseUri(uri: string): Target {
  const wrong = (reason: string) => new Error(`libvirt URI ${JSON.stringify(uri)}: ${reason}; known forms: ${forms}`);
  let url: URL;
  try {
    url = new URL(uri);
  } catch {
    throw wrong("not a URI");
  }
  if (url.pathname !== "/system") throw wrong(`the path must be /system, not ${JSON.stringify(url.pathname)}`);
  if (url.password) throw wrong("a password does not belong into a URI");
  if (url.protocol === "qemu:") {
    if (url.host) throw wrong("a host needs a transport: qemu+ssh://");
    if (url.search) throw wrong("qemu:///system takes no parameters");
    return { kind: "local" };
  }
  if (url.protocol !== "qemu+ssh:") throw wrong(`unknown scheme ${JSON.stringify(url.protocol.slice(0, -1))}`);
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const user = decodeURIComponent(url.username);
  // Both become arguments of ssh: nothing that could be taken for an option or another host.
  if (!/^[A-Za-z0-9][A-Za-z0-9._:%-]*$/.test(host)) throw wrong("no usable host name");
  if (user && !/^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(user)) throw wrong("no usable user name");
  const unknown = [...url.searchParams.keys()].filter((key) => key !== "keyfile" && key !== "known_hosts");
  if (unknown.length > 0)
    throw wrong(`unknown parameter ${unknown.join(", ")} (ssh itself reads ~/.ssh/config: put it there)`);
  return {
    kind: "ssh",
    host,
    ...(user ? { user } : {}),
    ...(url.port ? { port: Number(url.port) } : {}),
    ...optional("keyfile", url.searchParams.get("keyfile")),
    ...optional("knownHosts", url.searchParams.get("known_hosts")),
  };
}

function optional<Key extends string>(key: Key, value: string | null): Partial<Record<Key, string>> {
  return value ? ({ [key]: value } as Partial<Record<Key, string>>) : {};
}

/** How messages name the host: `user@host`, or `localhost`. */
export function hostName(target: Target): string {
  if (target.kind === "local") return "localhost";
  return target.user ? `${target.user}@${target.host}` : target.host;
}
