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

/** Whether the mirror has its firewall (scripts/guest/machines/firewall-load.sh), as a shell's condition. */
const firewalled = "nft list table inet kvm_mirror >/dev/null 2>&1";

/** The shell command that starts it, in the mirror whose address it gets. The firewall lets the mirrors in to it. */
export function startServer(address: string, device: string, mirrors: readonly InventoryMirror[]): string {
  const admitted = mirrors.map(({ storageAddress }) => `${storageAddress}\n`).join("");
  const elements = mirrors.map(({ storageAddress }) => `${storageAddress} . ${address} . ${port}`).join(", ");
  return (
    `set -e; ${stopServer}; mkdir -p ${folder}; ` +
    `printf %s ${shellWord(admitted)} >${folder}/allow; ` +
    `printf %s ${shellWord(serverConfig(address, device))} >${folder}/nbd.conf; ` +
    `if ${firewalled}; then nft add element inet kvm_mirror admitted ${shellWord(`{ ${elements} }`)}; fi; ` +
    // With -d it serves a single connection and ends, hence the forking form.
    `systemd-run --quiet --collect --unit=${unit} --property=Type=forking --property=PIDFile=${folder}/pid ` +
    `nbd-server -C ${folder}/nbd.conf -p ${folder}/pid`
  );
}

/** The shell command that ends it, and has the firewall as it was. None there: nothing happens. */
export const stopServer =
  `systemctl stop ${unit}.service 2>/dev/null || true; rm -rf ${folder}; ` +
  `if ${firewalled}; then /usr/local/lib/kvm-mirror/firewall-load.sh; fi`;

/** The shell command that succeeds once it greets: it listens earlier, while it looks for a prime. */
export const greets = (address: string): string =>
  `timeout 10 bash -c 'exec 3<>/dev/tcp/${address}/${port} && head -c 8 <&3' | grep -q NBDMAGIC`;

export const serverUri = (address: string): string => `nbd://${address}:${port}/bench`;
