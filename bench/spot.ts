/** On what fio works. */
export type Target =
  /** A disk of the guest, which may have another name after each start. */
  | { readonly kind: "serial"; readonly serial: string }
  | { readonly kind: "device"; readonly path: string }
  | { readonly kind: "file"; readonly path: string }
  /** An export, opened by fio itself. */
  | { readonly kind: "nbd"; readonly uri: string };

/** Where loads are measured: a disk as a guest sees it, or a layer below it. */
export interface Spot {
  /** Word for files and tables of a program. */
  readonly name: string;
  readonly title: string;
  /** The spot that it is compared with in the same repetition; null for one that others are compared with. */
  readonly base: string | null;
  /** The layer to which this one adds something; missing for a disk. */
  readonly above?: string;
  /** The machine in which fio runs. */
  readonly place: { readonly kind: "client" | "mirror"; readonly name: string };
  readonly target: Target;
  /** What must be so while it is measured. Spots without one are measured in between. */
  readonly situation?: Situation;
}

/** Something that is brought about for some measurements, and taken back after them. */
export interface Situation {
  readonly name: string;
  enter(): Promise<void>;
  /** Also after an `enter` that failed half way. */
  leave(): Promise<void>;
}
