import { longestObjectName } from "../../plugins/libvirt/names.ts";
import { ConfigError } from "../config/problem.ts";
import { dataDisksOf } from "./backing/backing.ts";
import type { Plan } from "./plan.ts";

/** Characters of the name in a certificate (RFC 5280, ub-common-name), which is the cluster's. */
const longestCommonName = 64;

/**
 * The stack's name goes into names of networks, of disks' files, and of the cluster. @throws ConfigError
 */
export function checkStackName(plan: Plan): void {
  const { stack } = plan;
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(stack))
    refuse(stack, "is none for networks and files; it must begin with a letter or a digit");
  const longest = objectNames(plan).toSorted((one, other) => other.length - one.length)[0] ?? "";
  if (longest.length > longestObjectName)
    refuse(
      stack,
      `is too long: ${longest} would have ${longest.length} characters, libvirt's objects have at most ` +
        `${longestObjectName}; use one of at most ${stack.length - longest.length + longestObjectName}, or shorter ` +
        "names of machines and volumes",
    );
  if (plan.failover.mode === "automatic" && plan.failover.qdevice && plan.failover.cluster.length > longestCommonName)
    refuse(
      stack,
      `is too long for the certificate of a third vote; use one of at most ` +
        `${stack.length - plan.failover.cluster.length + longestCommonName} characters`,
    );
}

function refuse(stack: string, text: string): never {
  throw new ConfigError([{ key: "the stack's name", value: stack, text: `${text} (pulumi stack rename)` }]);
}

function objectNames({ hosts, mirrors, clients }: Plan): readonly string[] {
  const machines = [...mirrors, ...clients.flatMap((client) => client.machines ?? [])];
  return [
    ...hosts.flatMap(({ networks, images }) => [
      ...networks.map(({ name }) => name),
      ...images.map(({ volumeName }) => volumeName),
    ]),
    ...machines.flatMap(({ osDisk, seedName }) => [osDisk.volumeName, seedName]),
    ...mirrors.flatMap((mirror) => [
      mirror.marksDisk.volumeName,
      ...dataDisksOf(mirror).map(({ volumeName }) => volumeName),
    ]),
  ];
}
