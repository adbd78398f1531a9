/** A file of a mirror. */
export interface GuestFile {
  readonly path: string;
  /** Octal, as chmod takes it. */
  readonly mode: "0600" | "0644";
  readonly content: string;
}

/** The file's part of a document that scripts/guest/lib/document.sh takes apart: `==> PATH MODE`, then its content. */
export function documentPart({ path, mode, content }: GuestFile): string {
  if (/^==> /m.test(content)) throw new Error(`${path}: a line of its content looks like the start of another file`);
  if (content !== "" && !content.endsWith("\n")) throw new Error(`${path}: its last line has no end`);
  return `==> ${path} ${mode}\n${content}`;
}
