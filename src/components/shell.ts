/** One word for a POSIX shell, quoted only where it must be. */
export function shellWord(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A command line for a POSIX shell that passes each word as it is. */
export function shellLine(words: readonly string[]): string {
  return words.map(shellWord).join(" ");
}
