/** Names of libvirt objects, as arguments of commands and parts of paths. */
import { z } from "zod";

/** Characters of a name; a file name has at most 255 bytes, and libvirt and we put endings behind it. */
export const longestObjectName = 120;

/** Networks, pools, volumes and domains that we make: safe as a file name and as an argument. */
export const objectName = z
  .string()
  .max(longestObjectName)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.+-]*$/, "only letters, digits and _ . + -, not starting with . + or -");

/** Name of a domain that others made: libvirt allows almost everything. */
export const foreignName = z
  .string()
  .min(1)
  // eslint-disable-next-line no-control-regex -- what is refused
  .regex(/^[^-/\u0000-\u001f][^/\u0000-\u001f]*$/, "no slash, no control character, not starting with -");

/** Splits an import id `pool/name`. */
export function poolAndName(id: string): { pool: string; name: string } {
  const [pool, name, ...rest] = id.split("/");
  if (!pool || !name || rest.length > 0) throw new Error(`the id ${JSON.stringify(id)} must be <pool>/<name>`);
  return { pool: objectName.parse(pool), name: objectName.parse(name) };
}
