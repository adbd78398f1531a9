/**
 * A text in which every command that somebody may type names the stack. A command that was
 * given `--stack` must not lead to one that works on another, the selected stack.
 */
export function namingStack(text: string, stack: string): string {
  return text.replace(
    /\b(kvm-mirror (?:status|inventory|disk-xml|switch|failover|maintain|recover|client)|pulumi (?:up|preview|refresh|destroy|cancel))\b(?! --stack)/g,
    `$1 --stack ${stack}`,
  );
}
