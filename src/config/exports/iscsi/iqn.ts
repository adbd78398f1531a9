import { Mistake, written } from "../../written.ts";

/** Bytes that an iSCSI name may have (RFC 3720, 3.2.6.1). */
export const longestIscsiName = 223;

const form = "write iqn.<year>-<month>.<reversed domain>:<name>, for example iqn.2026-11.net.example:r0";

/**
 * Checks the `iqn.` form of RFC 3720, 3.2.6.3.1: the month in which the domain
 * was ours, the reversed domain, and a name after a colon.
 */
export function checkIqn(name: string): string {
  if (name.length > longestIscsiName)
    throw new Mistake(`has ${name.length} characters; an iSCSI name holds ${longestIscsiName}`);
  if (/[A-Z]/.test(name))
    throw new Mistake("has capital letters; initiators compare iSCSI names in lower case: write it so");
  const label = "[a-z0-9]([a-z0-9-]*[a-z0-9])?";
  if (!new RegExp(`^iqn\\.[0-9]{4}-(0[1-9]|1[0-2])\\.${label}(\\.${label})*(:[a-z0-9.:-]+)?$`).test(name))
    throw new Mistake(`is not an iSCSI name; ${form}`);
  return name;
}

/** An iSCSI qualified name. */
export const iqn = () => written(checkIqn, form);
