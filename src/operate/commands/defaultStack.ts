/**
 * The stack that a command is about when none is named: KVM_MIRROR_STACK, which the lab sets to its own, else `lab`.
 */
export function defaultStack(): string {
  return process.env.KVM_MIRROR_STACK || "lab";
}
