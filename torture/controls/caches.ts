import { destroyPrimary } from "../faults/machines.ts";
import type { Control } from "./control.ts";

/** A flush of any lane empties the whole cache of the server. */
const rareFlushes = "--flush-buffered-every 256 --flush-every 256";

/** The NBD server answers before its data are on the disks. */
export const nbdNoSync: Control = {
  name: "nbd-no-sync",
  protocols: ["nbd"],
  async weaken(system, { volume, primary }) {
    const unit = `kvm-mirror-nbd@${volume.group}.service`;
    await system.onMirror(
      primary,
      `sed -i 's/^sync = true$/sync = false/' /etc/nbd-server/kvm-mirror-${volume.group}.conf && grep -q '^sync ` +
        `= false$' /etc/nbd-server/kvm-mirror-${volume.group}.conf && systemctl restart ${unit}`,
      120,
    );
  },
  fault: destroyPrimary,
  // The weakened mirror is the one that was killed: it is back, and serves nobody.
  async restore(system, { volume, primary }) {
    await system.onMirror(
      primary,
      `sed -i 's/^sync = false$/sync = true/' /etc/nbd-server/kvm-mirror-${volume.group}.conf`,
    );
  },
  writerOptions: rareFlushes,
};

/**
 * The iSCSI server keeps writes in its cache: the caching mode page says
 * write cache on, and bs_rdwr then does not flush.
 */
export const tgtWriteCache: Control = {
  name: "tgt-write-cache",
  protocols: ["iscsi"],
  async weaken(system, { volume, primary }) {
    const served = system.inventory.exports.find(
      (candidate) => candidate.volume === volume.name && candidate.protocol === "iscsi",
    );
    if (served?.protocol !== "iscsi") throw new Error(`volume ${volume.name} is not exported by iSCSI`);
    const page = "mode_page=8:0:18:0x14:0:0xff:0xff:0:0:0xff:0xff:0xff:0xff:0x80:0x14:0:0:0:0:0:0";
    await system.onMirror(
      primary,
      `tid=$(tgtadm --lld iscsi --op show --mode target | awk -v iqn='${served.iqn}' '/^Target /{ tid = ` +
        `$2; sub(/:/, "", tid) } $3 == iqn { print tid; exit }') && tgtadm --lld iscsi --mode logicalunit ` +
        `--op update --tid "$tid" --lun ${served.lun} --params ${page}`,
    );
  },
  fault: destroyPrimary,
  // It was said to the running server alone, which is dead.
  restore: async () => undefined,
  writerOptions: rareFlushes,
};

const setProtocol = (protocol: string): string => `drbdadm net-options --protocol=${protocol} all`;

/**
 * The standby is told afterwards: a write is acknowledged when the primary has it. The cable
 * is cut a second before the primary dies, so that something is on its way.
 */
export const protocolA: Control = {
  name: "protocol-a",
  protocols: ["nbd", "iscsi"],
  async weaken(system) {
    for (const { name } of system.inventory.mirrors) await system.onMirror(name, setProtocol("A"));
  },
  fault: {
    ...destroyPrimary,
    kind: "cut-and-destroy",
    async strike(system, { primary, primaryHost, standby, volume }) {
      // On the host itself, so that nothing takes time in between. DRBD has not noticed
      // yet: the writes of this second are acknowledged and nowhere else.
      await system.onHost(
        primaryHost,
        `ip link set cable-repl down; sleep 1.5; virsh destroy ${primary}; ip link set cable-repl up`,
      );
      // The old primary boots with the protocol of its configuration, and
      // mirrors of different protocols do not connect.
      await system.onMirror(standby, setProtocol(volume.replication.protocol));
    },
  },
  async restore(system, { volume }) {
    for (const { name } of system.inventory.mirrors)
      await system.onMirror(name, setProtocol(volume.replication.protocol));
  },
  writerOptions: "",
};
