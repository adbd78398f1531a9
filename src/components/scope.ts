import type * as pulumi from "@pulumi/pulumi";

/**
 * Where the resources of one pair of mirrors stand in a Pulumi program. A name says which resource is which: with
 * another one, or another parent, Pulumi would make it anew.
 */
export interface Scope {
  /** The one that they belong to; undefined: the stack itself. */
  readonly parent?: pulumi.Resource;
  /** The resource's name, which no other of its kind in the program may have. */
  named(name: string): string;
}

/** A program that has nothing but the pair. */
export const wholeProgram: Scope = { named: (name) => name };

/** One of several pairs in a program. */
export const below = (parent: pulumi.Resource, pair: string): Scope => ({
  parent,
  named: (name) => `${pair}-${name}`,
});
