/** A small provider for the tests of the serving code: files in a directory. */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { PartialFailure } from "../../../plugins/serving/resource.ts";
import type { ResourceKind } from "../../../plugins/serving/resource.ts";
import { servePlugin } from "../../../plugins/serving/server.ts";

const ConfigSchema = z.strictObject({
  directory: z.string().meta({ replace: true }),
  token: z.string().meta({ secret: true }).optional(),
});
type Config = z.infer<typeof ConfigSchema>;

const InputsSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9-]+$/)
    .meta({ replace: true }),
  content: z.string().default("empty"),
  tags: z
    .array(z.strictObject({ key: z.string(), value: z.string() }))
    .max(3)
    .default([]),
  /** What goes wrong. */
  trouble: z.enum(["none", "fails", "half", "hangs"]).default("none"),
});
type Inputs = z.infer<typeof InputsSchema>;
type State = Inputs & { path: string; bytes: number };

const stored = (inputs: Inputs): string => JSON.stringify({ content: inputs.content, tags: inputs.tags });

const File: ResourceKind<Config, Inputs, State> = {
  token: "example:index:File",
  description: "A file.",
  inputs: InputsSchema,
  outputs: z.strictObject({ path: z.string(), bytes: z.int() }),
  check: (news, olds) => {
    const [size, before] = [news.content?.length ?? Infinity, olds?.content.length ?? 0];
    return size < before
      ? [{ property: "content", reason: `must not shrink (from ${before} to ${size} characters)` }]
      : [];
  },
  preview: (news) =>
    ({ bytes: news.content === undefined ? undefined : Buffer.byteLength(news.content) }) as Partial<State>,
  async create({ directory }, inputs, call) {
    await call.log("info", `writing ${inputs.content}`);
    const path = join(directory, inputs.name);
    const state = { ...inputs, path, bytes: Buffer.byteLength(inputs.content) };
    if (existsSync(path)) throw new Error(`${inputs.name} exists already`);
    if (inputs.trouble === "fails") throw new Error(`the disk refused ${inputs.content}`);
    if (inputs.trouble === "hangs") {
      writeFileSync(`${path}.waiting`, "");
      await new Promise<void>((resolve) => call.signal.addEventListener("abort", () => resolve()));
      renameSync(`${path}.waiting`, `${path}.stopped`);
      throw new Error("stopped");
    }
    writeFileSync(path, stored(inputs));
    if (inputs.trouble === "half") throw new PartialFailure("written, but not flushed", inputs.name, state);
    return { id: inputs.name, state };
  },
  async read({ directory }, id, _call, known) {
    const path = join(directory, id);
    if (!existsSync(path)) return undefined;
    const found = JSON.parse(readFileSync(path, "utf8")) as Pick<Inputs, "content" | "tags">;
    const inputs: Inputs = { trouble: "none", ...known?.inputs, name: id, ...found };
    return { id, inputs, state: { ...inputs, path, bytes: Buffer.byteLength(found.content) } };
  },
  async update({ directory }, id, _olds, news) {
    const path = join(directory, id);
    writeFileSync(path, stored(news));
    return { ...news, path, bytes: Buffer.byteLength(news.content) };
  },
  async delete({ directory }, id) {
    rmSync(join(directory, id), { force: true });
  },
};

await servePlugin({
  name: "example",
  version: "0.1.0",
  description: "For tests.",
  config: ConfigSchema,
  kinds: [File],
});
