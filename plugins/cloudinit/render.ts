/** MIME multi-part archives as cloud-init reads them, byte for byte as the official cloudinit provider writes them. */
import { gzipSync } from "node:zlib";

export interface Part {
  readonly content: string;
  /** Media type, for example `text/cloud-config` or `text/x-shellscript`. */
  readonly contentType: string;
  readonly filename?: string | undefined;
  /** Value of the header X-Merge-Type, for example `list(append)+dict(recurse_array)`. */
  readonly mergeType?: string | undefined;
}

export interface Archive {
  /** Compressed; only with `base64Encode`. */
  readonly gzip: boolean;
  readonly base64Encode: boolean;
  /** Stands between the parts; fixed, so that the same parts give the same text. */
  readonly boundary: string;
  readonly parts: readonly Part[];
}

/** The text to hand over as user data. */
export function render(archive: Archive): string {
  const text = multipart(archive);
  if (!archive.base64Encode) return text;
  const bytes = Buffer.from(text, "utf8");
  return (archive.gzip ? gzipSync(bytes) : bytes).toString("base64");
}

/** The line end of the first header is a bare newline in the official provider; cloud-init accepts both. */
function multipart({ boundary, parts }: Archive): string {
  const head = `Content-Type: multipart/mixed; boundary="${boundary}"\nMIME-Version: 1.0\r\n\r\n`;
  const body = parts.map((part) => `--${boundary}\r\n${headers(part)}\r\n${part.content}\r\n`).join("");
  return `${head}${body === "" ? "\r\n" : body}--${boundary}--\r\n`;
}

/** In alphabetical order, as Go's mime/multipart writes them. */
function headers({ contentType, filename, mergeType }: Part): string {
  const lines = [
    filename ? `Content-Disposition: attachment; filename="${filename}"` : undefined,
    "Content-Transfer-Encoding: 7bit",
    `Content-Type: ${contentType}`,
    "Mime-Version: 1.0",
    mergeType ? `X-Merge-Type: ${mergeType}` : undefined,
  ];
  return lines
    .filter((line) => line !== undefined)
    .map((line) => `${line}\r\n`)
    .join("");
}
