import { backingSchema } from "./backing/backing.ts";
import { clientSchema } from "./clients/clients.ts";
import { failoverSchema } from "./placement/failover.ts";
import { groupSchema } from "./placement/groups.ts";
import { hostSchema } from "./machines/hosts.ts";
import { imageSchema } from "./machines/image.ts";
import { machineSchema } from "./machines/machine.ts";
import { mirrorSchema } from "./machines/mirrors.ts";
import { checkClientName, checkGroupName, checkHostName, checkMachineName, checkVolumeName } from "./names.ts";
import { monitoringSchema } from "./monitoring/monitoring.ts";
import { networkSchema } from "./machines/networks.ts";
import { packagesSchema } from "./machines/packages.ts";
import { trueOrFalse, wholeNumber } from "./scalars.ts";
import { secretSchema } from "./secret.ts";
import { sshSchema } from "./machines/ssh.ts";
import { verifySchema } from "./replication/verify.ts";
import { volumeSchema } from "./replication/volumes.ts";

/** Single values of the stack file. `secret` is text; the others are JSON. */
export const settings = {
  secret: secretSchema,
  keyGeneration: wholeNumber()
    .min(1, { error: "is below 1; count up from 1" })
    .default(1)
    .describe(
      "count up to replace all keys that are derived from the secret, while everything works: " +
        "docs/runbooks/rotate-keys.md",
    ),
  allowSameHost: trueOrFalse()
    .default(false)
    .describe("the two mirrors may run on one KVM host, which then is a single point of failure"),
  protectData: trueOrFalse()
    .default(true)
    .describe("Pulumi refuses to delete data disks, and leaves them when it forgets them"),
  firewall: trueOrFalse()
    .default(true)
    .describe(
      "a firewall in each mirror lets in what the stack needs, and nothing else: docs/guarantees.md, Who gets in. " +
        "Without it, whoever is in one of the three networks reaches every port of a mirror",
    ),
  verify: verifySchema,
  installAgain: wholeNumber()
    .min(0, { error: "is below 0; count up from 0" })
    .default(0)
    .describe(
      "count up to have the next `up` install the settings of DRBD, of exports and of the cluster anew, where " +
        "somebody has changed a mirror's files by hand: of such a change `up` knows nothing",
    ),
  bootDeadline: wholeNumber("seconds")
    .min(60, { error: "is too short for a machine to boot; use at least 60 seconds" })
    .default(1200)
    .describe("seconds until a new mirror must have booted and installed its packages"),
};

/** Blocks of the stack file that there are once. */
export const blocks = {
  image: imageSchema,
  ssh: sshSchema,
  packages: packagesSchema,
  machine: machineSchema,
  failover: failoverSchema,
  monitoring: monitoringSchema,
  backing: backingSchema,
};

/** Blocks of the stack file that there are many of, by name. */
export const namedBlocks = {
  hosts: hostSchema,
  networks: networkSchema,
  mirrors: mirrorSchema,
  groups: groupSchema,
  volumes: volumeSchema,
  clients: clientSchema,
};

/** What each block is for, and what the names of the blocks below it are. */
export const about: Readonly<Record<keyof typeof blocks | keyof typeof namedBlocks, string>> = {
  hosts: "KVM hosts by name: where mirrors and clients run. Names are ours; they need not be DNS names.",
  networks:
    "The three networks, `replication`, `storage` and `management`. Each " +
    "is exactly one of `bridge`, `isolated`, `nat`.",
  image: "The disk image that OS disks are copied from. Default: Ubuntu 22.04's cloud image.",
  ssh: "How operators, and `pulumi up`, log in to mirrors.",
  packages: "Where guests get packages.",
  machine: "Shape of both mirrors.",
  failover: "How a group gets another primary when its own is lost.",
  monitoring:
    "What a site's own monitoring sees of the mirrors, and whom they tell of trouble: docs/monitoring.md. Off, " +
    "unless it is asked for.",
  backing: "What each mirror has below DRBD that several volumes share.",
  mirrors: "The two mirrors by name, which is their host name too.",
  groups:
    "Groups by name: volumes that have one primary and move as one. Where volumes of a group are exported, it has " +
    "the VIP for that.",
  volumes:
    "Volumes by name, which is the DRBD resource, the serial of its disks, and " +
    "the NBD export unless that has a name of its own.",
  clients: "Virtual machines that use volumes, by name, which is the libvirt domain's.",
};

/** Checks of the names of these blocks. The networks are three of fixed names: see rules/networks.ts. */
export const blockNames: Readonly<Record<keyof typeof namedBlocks, (name: string, block: unknown) => void>> = {
  hosts: checkHostName,
  networks: () => undefined,
  mirrors: checkMachineName,
  groups: checkGroupName,
  volumes: checkVolumeName,
  clients: checkClientName,
};

/** All keys below `kvm-mirror:`. */
export const stackKeys: readonly string[] = [
  ...Object.keys(settings),
  ...Object.keys(blocks),
  ...Object.keys(namedBlocks),
];
