import { ofType, type Stack } from "./stack.ts";

/** A file that a command takes to a mirror. */
export interface GuestDocument {
  /** Name of the command. */
  readonly resource: string;
  readonly path: string;
  readonly content: string;
}

/** What commands are given on stdin, where it is known. */
export function stdins(stack: Stack): readonly { readonly resource: string; readonly text: string }[] {
  return ofType(stack, "command").flatMap(({ name, properties }) =>
    typeof properties["stdin"] === "string" ? [{ resource: name, text: properties["stdin"] }] : [],
  );
}

/** The files in the documents of several files (scripts/guest/lib/document.sh): a line `==> PATH MODE` begins one. */
export function guestDocuments(stack: Stack): readonly GuestDocument[] {
  return stdins(stack).flatMap(({ resource, text }) =>
    text
      .split(/^==> /m)
      .slice(1)
      .map((file) => {
        const [, path = "", content = ""] = /^(\S+) \d+\n([^]*)$/.exec(file) ?? [];
        return { resource, path, content };
      }),
  );
}

/** A section of an ini file. */
export interface Section {
  readonly name: string;
  readonly values: ReadonlyMap<string, string>;
}

/** Sections of a file of nbd-server(5). */
export function iniSections(content: string): readonly Section[] {
  return content
    .split(/^\[/m)
    .slice(1)
    .map((section) => {
      const [head = "", ...lines] = section.split("\n");
      return {
        name: head.replace(/\].*$/, ""),
        values: new Map(
          lines.flatMap((line) => {
            const [, key, value] = /^\s*(\w+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
            return key === undefined || value === undefined ? [] : [[key, value] as const];
          }),
        ),
      };
    });
}

/** Targets of a file of targets.conf(5): name and what stands between `<target …>` and `</target>`. */
export function targets(content: string): readonly { readonly name: string; readonly body: string }[] {
  return [...content.matchAll(/^<target (\S+)>\n([^]*?)^<\/target>/gm)].map(([, name = "", body = ""]) => ({
    name,
    body,
  }));
}
