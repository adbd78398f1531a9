/** ` (you typed "…")`, behind the words that a refusal asks for; nothing where nothing was typed. */
export const youTyped = (confirmed: string | undefined): string =>
  confirmed === undefined ? "" : ` (you typed "${confirmed}")`;
