const ours = "status|check|history|notify|inventory|diagram|disk-xml|switch|failover|maintain|recover|client";
const pulumis = "up|preview|refresh|destroy|cancel";
const commands = new RegExp(`\\b(kvm-mirror (?:${ours})|pulumi (?:${pulumis}))\\b(?! --stack)`, "g");

/**
 * A text in which every command that somebody may type names the stack. A command that was
 * given `--stack` must not lead to one that works on another, the selected stack.
 */
export function namingStack(text: string, stack: string): string {
  return text.replace(commands, `$1 --stack ${stack}`);
}

/** The same of a pair in another program, whose stack Pulumi knows there, by another name. */
export function namingProgram(text: string, pair: string, program: { directory: string; stack: string }): string {
  return pulumis
    .split("|")
    .map((command) => `pulumi ${command} --stack`)
    .reduce(
      (said, command) =>
        said.replaceAll(`${command} ${pair}`, `${command} ${program.stack} --cwd ${program.directory}`),
      namingStack(text, pair),
    );
}
