import { dataDisksBypassCaches, dataDisksProtected } from "./rules/dataDisks.ts";
import { exportsAdmitNamedHosts, exportsWriteThrough } from "./rules/exports.ts";
import { drbdFences, fencingWhenAutomatic } from "./rules/fencing.ts";
import { imagesChecked } from "./rules/images.ts";
import { mirrorsOnDifferentHosts } from "./rules/placement.ts";
import { replicationNotRouted } from "./rules/replicationNetwork.ts";
import { noWeakSecret } from "./rules/secrets.ts";
import type { Rule } from "./stack.ts";

/** Every rule of the policy pack. */
export const rules: readonly Rule[] = [
  dataDisksProtected,
  dataDisksBypassCaches,
  mirrorsOnDifferentHosts,
  replicationNotRouted,
  exportsWriteThrough,
  exportsAdmitNamedHosts,
  fencingWhenAutomatic,
  drbdFences,
  noWeakSecret,
  imagesChecked,
];
