import { z } from "zod";

/** Through stdin: an argument is in the shell's history, and in the list of processes. */
export const makeSecret = `printf 'stack-%s' "$(openssl rand -hex 32)" | pulumi config set --secret kvm-mirror:secret`;

/** Begins a secret whose keys depend on the stack, too: two stacks that have one secret have different keys. */
export const secretOfStack = "stack-";

/** Characters; 32 hexadecimal digits are 128 bits. */
const shortest = 32;
/** A random text of 32 hexadecimal digits has fewer different ones once in a million. */
const fewestDifferent = 8;

export const secretSchema = z
  .string({
    error: ({ input }) =>
      input === undefined
        ? `is missing; every secret of the stack is derived from it. Make it with: ${makeSecret}`
        : `is no text; make it with: ${makeSecret}`,
  })
  .refine((secret) => random(secret).length >= shortest, {
    error: `is shorter than ${shortest} characters; make it with: ${makeSecret}`,
    abort: true,
  })
  .refine((secret) => !isGuessable(random(secret)), {
    error: `is easy to guess: it repeats itself, or counts up; make it with: ${makeSecret}`,
  })
  .describe(
    "the stack's one secret, encrypted, of which DRBD's shared secrets and all SSH host keys are derived. With " +
      "`stack-` in front they depend on the stack's name, too, so that no other stack can have the same keys",
  );

function random(secret: string): string {
  return secret.startsWith(secretOfStack) ? secret.slice(secretOfStack.length) : secret;
}

/** Few different characters, a piece that is repeated, or characters in their order. */
function isGuessable(text: string): boolean {
  if (new Set(text).size < fewestDifferent) return true;
  // A text that occurs in itself, doubled, before its own end, is a repeated piece.
  if ((text + text).indexOf(text, 1) < text.length) return true;
  const steps = [...text].slice(1).map((character, index) => character.charCodeAt(0) - text.charCodeAt(index));
  return new Set(steps).size < fewestDifferent;
}
