import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { replaceFile } from "../../harness/replaceFile.ts";
import { renderPage } from "./page.ts";
import type { Report } from "./report.ts";

/**
 * Writes the report as JSON and, beside it, as a page; each whole or not at all.
 * @param path of the JSON file; it ends with `.json`
 * @throws when the path ends otherwise, or the files cannot be written.
 */
export function writeReport(report: Report, path: string): { readonly json: string; readonly page: string } {
  if (!path.endsWith(".json"))
    throw new Error(`${path}: the report's name must end with .json; its page stands beside it as .html`);
  const page = path.replace(/\.json$/, ".html");
  mkdirSync(dirname(path), { recursive: true });
  replaceFile(path, `${JSON.stringify(report, undefined, 1)}\n`);
  replaceFile(page, renderPage(report));
  return { json: path, page };
}
