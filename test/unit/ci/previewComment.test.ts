import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { afterEach, beforeEach, expect, it } from "vitest";
import { commentOf, writeComment } from "../../../.gitlab/previewComment.ts";

/** A GitLab with 120 comments of others on two pages, and ours on the second one where `own` is so. */
let own: boolean;
let refuses: boolean;
let asked: string[];
let written: string | undefined;
let server: Server;
const notes = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/notes`;

async function answer(request: IncomingMessage): Promise<{ readonly page?: string; readonly body: unknown }> {
  asked.push(`${request.method} ${request.url} ${request.headers["private-token"]}`);
  if (request.method !== "GET") {
    written = ((await json(request)) as { body: string }).body;
    return { body: {} };
  }
  if (request.url?.endsWith("page=1"))
    return {
      page: "2",
      body: [
        { id: 1, body: "a word" },
        { id: 2, body: commentOf("staging", "of another stack") },
      ],
    };
  return { page: "", body: own ? [{ id: 77, body: commentOf("production", "of the last time") }] : [] };
}

beforeEach(async () => {
  [own, refuses, asked, written] = [false, false, [], undefined];
  server = createServer((request, response) => {
    if (refuses) return void response.writeHead(403).end();
    void answer(request).then(({ page = "", body }) =>
      response.writeHead(200, { "x-next-page": page }).end(JSON.stringify(body)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(() => new Promise<unknown>((resolve) => server.close(resolve)));

it("edits the stack's own comment, wherever it is", async () => {
  own = true;
  await writeComment(notes(), "token", "production", "+ 1 to create\n");
  expect(asked).toEqual([
    "GET /notes?per_page=100&page=1 token",
    "GET /notes?per_page=100&page=2 token",
    "PUT /notes/77 token",
  ]);
  expect(written).toBe(
    "<!-- kvm-mirror preview production -->\n### `pulumi preview` of production\n\n```diff\n+ 1 to create\n```\n",
  );
});

it("writes a first one where there is none", async () => {
  await writeComment(notes(), "token", "production", "no changes");
  expect(asked.at(-1)).toBe("POST /notes token");
});

it("says what GitLab answered, and no token", async () => {
  refuses = true;
  const failure = writeComment(notes(), "token", "production", "no changes");
  await expect(failure).rejects.toThrow(/^GET http:\S+: GitLab answers 403 Forbidden$/);
});

it("holds what has fences of its own, and the end of what is too long", () => {
  expect(commentOf("lab", "a ```` b")).toContain("`````diff\na ```` b\n`````\n");
  const long = commentOf("lab", `${"x".repeat(2_000_000)}\nResources: 3 unchanged`);
  expect(long.length).toBeLessThan(1_000_000);
  expect(long).toContain("\nResources: 3 unchanged\n");
});
