/** Characters of a value that a message repeats. */
const longest = 100;

/** Control characters, line separators, marks of direction and the like: invisible, and programs differ over them. */
const illegible = /[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff]|\p{Cs}/u;

/** Whether a text is made of characters that a reader sees. */
export function isLegible(text: string): boolean {
  return !illegible.test(text);
}

/**
 * A text in double quotes, cut to what a message can carry. Illegible characters are shown as escapes; a password in
 * a URL is not shown.
 */
export function brief(text: string): string {
  const masked = text.replace(/(:\/\/[^/@\s:]*):[^/@\s]*@/g, "$1:…@");
  return quoted(masked.length > longest ? `${masked.slice(0, longest)}…` : masked);
}

/** JSON escapes few of the illegible characters; terminals act upon the others. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(
    new RegExp(illegible, "gu"),
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Whether a text holds a private key, or the beginning of one in OpenSSH's form (`openssh-key-v1` in base64). */
export function holdsPrivateKey(text: string): boolean {
  return /PRIVATE KEY|b3BlbnNzaC1rZXktdj/.test(text);
}

/** Whether a text may be a key, or a piece of one, which no message repeats: much base64, and nothing else. */
export function mayBeKey(text: string): boolean {
  const runs = text.match(/[A-Za-z0-9+/]{40,}/g) ?? [];
  return holdsPrivateKey(text) || runs.some((run) => /[A-Z]/.test(run) && /[a-z]/.test(run) && /[0-9]/.test(run));
}
