/** Who made an object: written into it (or beside it), so that nobody else's is ever taken over. */

export interface Owner {
  /** `<project>/<stack>`. */
  readonly stack: string;
  /** Name of the Pulumi resource, the last part of its URN. */
  readonly resource: string;
}

export function ownerOf(config: { readonly owner: string }, urn: string): Owner {
  return { stack: config.owner, resource: urn.slice(urn.lastIndexOf("::") + 2) };
}

export function sameOwner(a: Owner | undefined, b: Owner): boolean {
  return a?.stack === b.stack && a.resource === b.resource;
}

/** Why an existing object is not taken over, what was found, and the ways out. */
export function refusal(what: string, found: Owner | undefined, type: string, id: string): string {
  const importing = `to manage it here: pulumi import libvirt:index:${type} <resource> ${id}`;
  if (!found)
    return (
      `${what} exists and carries no mark of this program: left alone. ` +
      `Choose another name, remove it, or, ${importing}`
    );
  return (
    `${what} exists and belongs to resource ${JSON.stringify(found.resource)} of ${found.stack}: left alone. ` +
    "Choose another name, or, if that resource was renamed, give it aliases: " +
    `[{ name: ${JSON.stringify(found.resource)} }]. ` +
    `Only if no stack knows it any more, ${importing}`
  );
}
