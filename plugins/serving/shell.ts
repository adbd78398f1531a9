/** Words for a POSIX shell: the one place where they are quoted, for the providers, the program and its tools. */

/**
 * One word that every Bourne-like shell reads back as it is, quoted only where it must be.
 * @throws when it holds NUL
 */
export function shellWord(word: string): string {
  if (word.includes("\0")) throw new Error("a command's argument cannot hold NUL");
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A command line that passes each word as it is; also for ssh, which joins its arguments with spaces. */
export function shellLine(words: readonly string[]): string {
  return words.map(shellWord).join(" ");
}
