/**
 * What an operator reads in the words of a command that refuses: the reason, and
 * the phrase that would be typed to have it done all the same.
 */

/**
 * The reason: from the line `failover: …` to the end; what is shown before it, the
 * state of the stack, is none. Undefined when the command gave none.
 */
export function reasonOf(command: string, output: string): string | undefined {
  const at = `\n${output}`.lastIndexOf(`\n${command}: `);
  return at === -1 ? undefined : output.slice(at).trim();
}

/** The phrase in `--confirm "…"` of a refusal; the last one, where several are named. Undefined when it names none. */
export function offeredPhrase(refusal: string): string | undefined {
  return [...refusal.matchAll(/--confirm "([^"]+)"/g)].at(-1)?.[1];
}

/**
 * The phrase with which an operator who has cut a mirror's power says so.
 * Others, which give writes up, are not his to type then.
 * @throws when the refusal offers no such phrase
 */
export function offPhraseIn(refusal: string, mirror: string): string {
  const phrases = [...refusal.matchAll(/--confirm "([^"]+)"/g)].flatMap(([, phrase]) =>
    phrase?.startsWith(`${mirror} is off and stays off`) ? [phrase] : [],
  );
  const phrase = phrases.at(-1);
  if (phrase === undefined)
    throw new Error(`it names no phrase for an operator who knows that ${mirror} is off: ${refusal}`);
  return phrase;
}
