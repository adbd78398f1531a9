import type { Rule } from "./rule.ts";
import { addressesInNetworks, addressesOnce } from "./addresses.ts";
import { diskOnce, diskTargets, diskTargetsOnce, diskVolumes } from "./clientDisks.ts";
import { clientHosts, clientMachines } from "./clients.ts";
import { follows } from "./follows.ts";
import { exportRules } from "./exports/protocols.ts";
import { automaticExports, automaticFencing, fenceDelayFits, qdeviceNeedsCluster } from "./failover.ts";
import { lvmFits, lvmNames, lvmSnapshots } from "./backing/lvm.ts";
import { sharedDeclared, sharedDiskStays, sharedNewDisks, sharedThick } from "./backing/shared.ts";
import { zvolsFit } from "./backing/zvol.ts";
import { clusterIds } from "./clusterIds.ts";
import { fenceAddresses, qdeviceElsewhere } from "./places.ts";
import { resourceNames } from "./resourceNames.ts";
import { notifyNames, passwordSafe, someChannel } from "./notify.ts";
import { groupPorts, groupsUsed, preferredMirrors, someGroups, vipWithExports } from "./groups.ts";
import { hostsApart, machineNames, mirrorHosts, someHosts, someKey, twoMirrors } from "./machines.ts";
import { bridgesApart, networkForms, networkNames, networkOverlaps, networkReach, networkRouting } from "./networks.ts";
import { vipRange, vipsOfRangeOnce } from "./vips.ts";
import {
  bitmapsFitMemory,
  someVolumes,
  volumeFitsDisk,
  volumeGroups,
  volumeMinors,
  volumeNewDisks,
} from "./volumes.ts";

/** All rules between keys, in the order of their messages. */
export const rules: readonly Rule[] = [
  ...[someHosts, hostsApart],
  ...[networkNames, networkForms, networkRouting, networkOverlaps, networkReach, bridgesApart],
  ...[addressesInNetworks, vipRange, vipsOfRangeOnce, addressesOnce],
  ...[someKey, twoMirrors, mirrorHosts, machineNames],
  ...[someGroups, follows, preferredMirrors, groupPorts, groupsUsed, vipWithExports],
  ...[automaticFencing, automaticExports, fenceDelayFits, qdeviceNeedsCluster, qdeviceElsewhere, fenceAddresses],
  ...[resourceNames, clusterIds],
  ...[someChannel, passwordSafe, notifyNames],
  ...[someVolumes, volumeGroups, volumeMinors, volumeNewDisks, volumeFitsDisk],
  ...[sharedDeclared, sharedThick, sharedNewDisks, sharedDiskStays],
  ...[lvmNames, lvmSnapshots, lvmFits],
  ...[zvolsFit],
  ...exportRules,
  bitmapsFitMemory,
  ...[clientHosts, clientMachines, diskVolumes, diskOnce, diskTargets, diskTargetsOnce],
];
