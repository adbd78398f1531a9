/** The stack of the lab with automatic failover, with as many volumes as asked for. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";

/** Its secret is encrypted with this. */
export const passphrase = "lab";

type Settings = Record<string, unknown>;

/**
 * A stack file: half of the volumes by NBD, half by iSCSI, all on the disks of one client. What it changes is how many
 * volumes there are, and in how many groups.
 * @param groups at least 1, at most as many as there are volumes
 */
export function stackFile(repository: string, volumes: number, groups = 1): string {
  const file = parse(readFileSync(join(repository, "stacks/Pulumi.lab-automatic.yaml"), "utf8")) as {
    config: Settings;
  };
  const of = (key: string): Settings => file.config[`kvm-mirror:${key}`] as Settings;
  const numbers = Array.from({ length: volumes }, (_, number) => number);
  const groupOf = (number: number): string => `g${number % groups}`;
  const client = (of("clients") as Record<string, Settings>)["app-1"];
  const changed = {
    groups: Object.fromEntries(
      Array.from({ length: groups }, (_, number) => [
        `g${number}`,
        { vip: `10.20.0.${100 + number}`, preferredMirror: number % 2 === 0 ? "mirror-a" : "mirror-b" },
      ]),
    ),
    volumes: Object.fromEntries(
      numbers.map((number) => [
        `r${number}`,
        {
          size: "64MiB",
          minor: number,
          group: groupOf(number),
          exports: byNbd(number) ? { nbd: {} } : { iscsi: { iqn: `iqn.2026-11.net.example:r${number}` } },
        },
      ]),
    ),
    clients: {
      "app-1": {
        ...client,
        disks: numbers.map((number) => ({
          volume: `r${number}`,
          protocol: byNbd(number) ? "nbd" : "iscsi",
          target: `vd${letters(number + 1)}`,
        })),
      },
    },
    ssh: { authorizedKeysFile: join(repository, "test/graph/home/.ssh/id_ed25519.pub") },
  };
  const config = Object.fromEntries(Object.entries(changed).map(([key, value]) => [`kvm-mirror:${key}`, value]));
  return stringify({ ...file, config: { ...file.config, ...config } });
}

const byNbd = (number: number): boolean => number % 2 === 0;

/** 1 is b, 25 is z, 26 is aa: as disks are named. */
function letters(number: number): string {
  const last = String.fromCharCode("a".charCodeAt(0) + (number % 26));
  return number < 26 ? last : letters(Math.floor(number / 26) - 1) + last;
}
