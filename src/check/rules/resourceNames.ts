import { sharedBackings } from "../../config/backing/backing.ts";
import { sharedWords } from "./backing/shared.ts";
import type { ConfigDraft } from "./rule.ts";
import { keyPath, type Problem } from "../../config/problem.ts";
import { eachRepeated, entries } from "./entries.ts";

/** A name that a resource of Pulumi gets, joined by hyphens from names of the stack file. */
interface Joined {
  readonly name: string;
  /** The key whose name could be another one. */
  readonly key: string;
  /** What it is for, in words. */
  readonly what: string;
}

/**
 * Names of resources are joined by hyphens, which names may have, too: volume `db` on mirror `new-mirror` and volume
 * `db-new` on mirror `mirror` would be one. Families of names as src/components joins them.
 */
export function* resourceNames(draft: ConfigDraft): Generator<Problem> {
  for (const family of [
    onMirrors(draft),
    dataDisks(draft),
    membership(draft),
    clientMachines(draft),
    attachments(draft),
  ])
    yield* eachRepeated(
      family,
      ({ name }) => name,
      ({ name, key, what }, first) => ({
        key,
        text:
          `has a name that cannot be told apart: ${what} and ${first.what} would both be ${name} to Pulumi; ` +
          "choose another",
      }),
    );
}

/** ReplicatedVolume: `<volume>-<mirror>-configuration`. */
function onMirrors({ volumes, mirrors }: ConfigDraft): readonly Joined[] {
  return Object.keys(volumes).flatMap((volume) =>
    Object.keys(mirrors).map((mirror) => ({
      name: `${volume}-${mirror}`,
      key: keyPath("volumes", volume),
      what: `volume ${volume} on mirror ${mirror}`,
    })),
  );
}

/** MirrorVm: `<mirror>-<volume>`, `<mirror>-marks`, `<mirror>-lvm-disk`, `<mirror>-zfs-disk`. */
function dataDisks({ volumes, mirrors, backing }: ConfigDraft): readonly Joined[] {
  return Object.keys(mirrors).flatMap((mirror) => [
    ...sharedBackings
      .filter((kind) => backing[kind] !== undefined)
      .map((kind) => ({
        name: `${mirror}-${sharedWords[kind].suffix}`,
        key: keyPath("mirrors", mirror),
        what: `the ${sharedWords[kind].disk} of mirror ${mirror}`,
      })),
    {
      name: `${mirror}-marks`,
      key: keyPath("mirrors", mirror),
      what: `the marks of mirror ${mirror}`,
    },
    ...ownDisks(volumes).map((volume) => ({
      name: `${mirror}-${volume}`,
      key: keyPath("volumes", volume),
      what: `the data disk of volume ${volume} on mirror ${mirror}`,
    })),
  ]);
}

const ownDisks = (volumes: ConfigDraft["volumes"]): readonly string[] =>
  entries(volumes).flatMap(([name, { backing }]) => (backing === undefined || backing === "disk" ? [name] : []));

/** Cluster: `fence-<mirror>`, `<mirror>-cluster`. */
function membership({ mirrors, failover }: ConfigDraft): readonly Joined[] {
  if (failover.mode !== "automatic") return [];
  return Object.keys(mirrors).flatMap((mirror) => {
    const key = keyPath("mirrors", mirror);
    return [
      { name: `fence-${mirror}`, key, what: `the fencing of mirror ${mirror}` },
      { name: `${mirror}-cluster`, key, what: `the membership of mirror ${mirror}` },
    ];
  });
}

/** ClientVm: `<client>-<host>` for its machine and its state. */
function clientMachines({ clients }: ConfigDraft): readonly Joined[] {
  return placed({ clients }).map(({ client, host }) => ({
    name: `${client}-${host}`,
    key: keyPath("clients", client),
    what: `client ${client} on KVM host ${host}`,
  }));
}

/**
 * ClientVm: `<client>-<host>-<volume>`, `<client>-<host>-permit`, `<client>-elsewhere`. Client and volume alone tell no
 * two apart.
 */
function attachments({ clients }: ConfigDraft): readonly Joined[] {
  const attached = placed({ clients }).flatMap(({ client, host }) =>
    (clients[client]?.disks ?? []).map(({ volume }) => ({
      name: `${client}-${host}-${volume}`,
      key: keyPath("clients", client),
      what: `volume ${volume} of client ${client} on KVM host ${host}`,
    })),
  );
  const elsewhere = Object.keys(clients).map((client) => ({
    name: `${client}-elsewhere`,
    key: keyPath("clients", client),
    what: `client ${client} elsewhere`,
  }));
  const permits = placed({ clients }).map(({ client, host }) => ({
    name: `${client}-${host}-permit`,
    key: keyPath("clients", client),
    what: `the permit of client ${client} on KVM host ${host}`,
  }));
  // One volume twice at one client is a mistake of its own.
  return [...new Map([...permits, ...attached, ...elsewhere].map((one) => [`${one.name} ${one.what}`, one])).values()];
}

function placed({ clients }: Pick<ConfigDraft, "clients">): readonly { client: string; host: string }[] {
  return entries(clients).flatMap(([client, { active, hosts = [] }]) =>
    [...new Set([...(active === undefined ? [] : [active]), ...hosts])].map((host) => ({ client, host })),
  );
}
