export type Role = "Primary" | "Secondary" | "Unknown";

/** A role that DRBD says has changed: its own, or its peer's. */
export interface RoleChange {
  readonly whose: "own" | "peer";
  /** The volume's name, or `drbd0`, its device, where the kernel names no volume. */
  readonly volume: string;
  readonly from: Role;
  readonly to: Role;
}

/**
 * The roles that a message of DRBD 8.4 says have changed (print_state_change() and conn_pr_state_change() of
 * drbd_state.c). A device is named `block drbd0:`, from Linux 6.0 on `drbd r0/0 drbd0:`; a connection `drbd r0:`.
 */
export function roleChanges(message: string): readonly RoleChange[] {
  const [, device, resource, rest = ""] =
    /^(?:block (drbd[0-9]+)|drbd ([\w-]+)(?:\/[0-9]+ drbd[0-9]+)?): (.*)$/.exec(message) ?? [];
  const volume = resource ?? device;
  if (volume === undefined) return [];
  return [...rest.matchAll(/(?:^| )(role|peer)\( (Primary|Secondary|Unknown) -> (Primary|Secondary|Unknown) \)/g)].map(
    ([, whose, from, to]) => ({
      whose: whose === "role" ? ("own" as const) : ("peer" as const),
      volume,
      from: from as Role,
      to: to as Role,
    }),
  );
}
