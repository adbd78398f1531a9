import { shellWord } from "../plugins/serving/shell.ts";
import type { InventoryMirror } from "../src/inventory/inventory.ts";

/** Beside the ports that exports have by default. */
const port = 10899;
const unit = "kvm-mirror-bench-nbd";
const folder = "/run/kvm-mirror-bench";

/**
 * nbd-server for a device that is not exported, with the settings that exports have (src/render/exports/nbd): so a
 * layer is measured without a client's disk. It listens in the storage network, and admits the mirrors alone.
 */
export const serverConfig = (address: string, device: string): string =>
  [
    "[generic]",
    "user = nbd",
    "group = disk",
    `listenaddr = ${address}`,
    `port = ${port}`,
    "allowlist = false",
    "",
    "[bench]",
    `exportname = ${device}`,
    `authfile = ${folder}/allow`,
    "readonly = false",
    "sync = true",
    "flush = true",
    "fua = true",
    "trim = false",
    "",
  ].join("\n");

/** The shell command that starts it, in the mirror whose address it gets. */
export function startServer(address: string, device: string, mirrors: readonly InventoryMirror[]): string {
  const admitted = mirrors.map(({ storageAddress }) => `${storageAddress}\n`).join("");
  return (
    `set -e; ${stopServer}; mkdir -p ${folder}; ` +
    `printf %s ${shellWord(admitted)} >${folder}/allow; ` +
    `printf %s ${shellWord(serverConfig(address, device))} >${folder}/nbd.conf; ` +
    // With -d it serves a single connection and ends, hence the forking form.
    `systemd-run --quiet --collect --unit=${unit} --property=Type=forking --property=PIDFile=${folder}/pid ` +
    `nbd-server -C ${folder}/nbd.conf -p ${folder}/pid`
  );
}

/** The shell command that ends it. None there: nothing happens. */
export const stopServer = `systemctl stop ${unit}.service 2>/dev/null || true; rm -rf ${folder}`;

/** The shell command that succeeds once it greets: it listens earlier, while it looks for a prime. */
export const greets = (address: string): string =>
  `timeout 10 bash -c 'exec 3<>/dev/tcp/${address}/${port} && head -c 8 <&3' | grep -q NBDMAGIC`;

export const serverUri = (address: string): string => `nbd://${address}:${port}/bench`;
