/** Words for a POSIX shell on the other side of ssh, which joins its arguments with spaces. */

/** One word that every Bourne-like shell reads back as it is. */
export function quoteWord(word: string): string {
  if (word.includes("\0")) throw new Error("a command's argument cannot hold NUL");
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

export function quote(words: readonly string[]): string {
  return words.map(quoteWord).join(" ");
}
