/** A preview as the comment of a GitLab merge request. */

/** A comment as GitLab's notes API has it. */
interface Note {
  readonly id: number;
  readonly body: string;
}

/** Characters of a preview that are shown: GitLab takes 1 000 000 for a comment. The end has the summary. */
const most = 900_000;

const marker = (stack: string): string => `<!-- kvm-mirror preview ${stack} -->`;

/** The comment for a preview. A fence longer than any in the preview holds it together. */
export function commentOf(stack: string, preview: string): string {
  const shown = preview.length > most ? `…\n${preview.slice(-most)}` : preview;
  const longest = Math.max(2, ...[...shown.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${marker(stack)}\n### \`pulumi preview\` of ${stack}\n\n${fence}diff\n${shown.trimEnd()}\n${fence}\n`;
}

/**
 * Writes the comment, or writes it anew where there is one.
 * @param notes address of the merge request's notes
 * @throws naming what GitLab answered
 */
export async function writeComment(notes: string, token: string, stack: string, preview: string): Promise<void> {
  const ask = async (url: string, method: string, body?: string): Promise<Response> => {
    const response = await fetch(url, {
      method,
      headers: { "PRIVATE-TOKEN": token, "Content-Type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify({ body }) }),
    });
    if (!response.ok) throw new Error(`${method} ${url}: GitLab answers ${response.status} ${response.statusText}`);
    return response;
  };
  const body = commentOf(stack, preview);
  for (let page: string | null = "1"; page !== null && page !== ""; ) {
    const response: Response = await ask(`${notes}?per_page=100&page=${page}`, "GET");
    const own = ((await response.json()) as readonly Note[]).find((note) => note.body.startsWith(marker(stack)));
    if (own) return void (await ask(`${notes}/${own.id}`, "PUT", body));
    page = response.headers.get("x-next-page");
  }
  await ask(notes, "POST", body);
}
