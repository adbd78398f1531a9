import { expect, test } from "vitest";
import { z } from "zod";
import { checkResource } from "../../../plugins/serving/check.ts";
import { create, read, remove, update } from "../../../plugins/serving/crud.ts";
import type { Context } from "../../../plugins/serving/crud.ts";
import { PartialFailure } from "../../../plugins/serving/resource.ts";
import type { ResourceKind } from "../../../plugins/serving/resource.ts";
import { SECRET_SIGNATURE, SIGNATURE_KEY, UNKNOWN } from "../../../plugins/serving/wire.ts";
import type { Plain } from "../../../plugins/serving/wire.ts";

const secret = (value: Plain) => ({ [SIGNATURE_KEY]: SECRET_SIGNATURE, value });

const Inputs = z.strictObject({
  name: z.string(),
  size: z.number().default(1),
  key: z.string().optional(),
  always: z.string().meta({ secret: true }).optional(),
});
type Inputs = z.infer<typeof Inputs>;
type State = Inputs & { path: string; text: string; count?: number };

const Thing: ResourceKind<object, Inputs, State> = {
  token: "example:index:Thing",
  description: "For tests.",
  inputs: Inputs,
  outputs: z.strictObject({ path: z.string(), text: z.string(), count: z.number().optional() }),
  secretOutputs: ["text"],
  check: (news, olds) =>
    news.size !== undefined && olds !== undefined && news.size < olds.size
      ? [{ property: "size", reason: `shrinks from ${olds.size} to ${news.size}` }]
      : [],
  preview: (news) => ({ path: news.name === undefined ? undefined : `/${news.name}` }) as Partial<State>,
  async create(_config, inputs, call) {
    await call.log("info", `with ${inputs.key}`);
    if (inputs.name === "broken") throw new Error(`no luck with ${inputs.key}`);
    if (inputs.name === "half")
      throw new PartialFailure(`half done with ${inputs.key}`, "h", {
        ...inputs,
        path: "/half",
        text: `${inputs.key}`,
      });
    if (inputs.name === "slow")
      await new Promise((_resolve, reject) =>
        call.signal.addEventListener("abort", () => reject(new Error("stopped"))),
      );
    return {
      id: inputs.name,
      state: { ...inputs, path: `/${inputs.name}`, text: `${inputs.key}`, count: undefined } as State,
    };
  },
  read: async (_config, id, _call, known) =>
    id === "gone"
      ? undefined
      : {
          id,
          inputs: { ...(known?.inputs ?? { name: id, size: 1 }), size: 5 },
          state: { ...(known?.state ?? { name: id, size: 1, path: `/${id}`, text: "" }), size: 5 },
        },
  update: async (_config, _id, olds, news) => ({ ...olds.state, ...news }),
  async delete(_config, id, state) {
    if (id === "kept") throw new Error(`in use: ${state.key}`);
  },
};

const messages: string[] = [];
const context = (options: Partial<Context> = {}): Context => ({
  urn: "urn:pulumi:s::p::example:index:Thing::t",
  timeout: 0,
  cancelled: new AbortController().signal,
  log: { write: async ({ message }) => void messages.push(message), close: () => {} },
  ...options,
});

test("check fills in defaults and keeps secrets secret", () => {
  expect(checkResource(Thing, {}, { name: "n", key: secret("k"), always: "a" })).toEqual({
    inputs: { name: "n", size: 1, key: secret("k"), always: secret("a") },
    failures: [],
  });
});

test("check treats null as not set and reports the rules' findings", () => {
  expect(checkResource(Thing, {}, { name: "n", key: null }).inputs).toEqual({ name: "n", size: 1 });
  expect(checkResource(Thing, { name: "n", size: 4 }, { name: "n", size: 2 }).failures).toEqual([
    { property: "size", reason: "shrinks from 4 to 2" },
  ]);
  expect(checkResource(Thing, { name: "n", size: 4 }, { name: "n", size: UNKNOWN }).failures).toEqual([]);
});

test("a preview of create gives the outputs that are known and leaves the others unknown", async () => {
  const preview = (inputs: { [key: string]: Plain }) => create(Thing, {}, { inputs, preview: true }, context());
  expect(await preview({ name: "n", size: 1 })).toEqual({ id: "", state: { name: "n", size: 1, path: "/n" } });
  expect(await preview({ name: UNKNOWN, size: 1 })).toEqual({
    id: "",
    state: { name: UNKNOWN, size: 1, path: UNKNOWN },
  });
});

test("a preview of create asks where a kind can; otherwise the output is unknown, with a warning", async () => {
  const preview = (foresee: () => Promise<Partial<State>>) =>
    create({ ...Thing, foresee }, {}, { inputs: { name: "n", size: 1 }, preview: true }, context());
  expect(await preview(async () => ({ count: 3 }))).toEqual({
    id: "",
    state: { name: "n", size: 1, path: "/n", count: 3 },
  });
  expect(await preview(async () => Promise.reject(new Error("no route to host")))).toEqual({
    id: "",
    state: { name: "n", size: 1, path: "/n" },
  });
  expect(messages.at(-1)).toBe("not known before up: no route to host");
});

test("create marks secret inputs and what repeats them; undefined is left out; messages are masked", async () => {
  const made = await create(
    Thing,
    {},
    { inputs: { name: "n", size: 1, key: secret("hush-hush") }, preview: false },
    context(),
  );
  expect(made).toEqual({
    id: "n",
    state: { name: "n", size: 1, key: secret("hush-hush"), path: "/n", text: secret("hush-hush") },
  });
  expect(messages.at(-1)).toBe("with [secret]");
});

test("outputs stay plain when no input is secret", async () => {
  const made = await create(Thing, {}, { inputs: { name: "n", size: 1, key: "open" }, preview: false }, context());
  expect(made.state).toEqual({ name: "n", size: 1, key: "open", path: "/n", text: "open" });
});

test("errors are masked, and keep what exists already", async () => {
  const make = (name: string) =>
    create(Thing, {}, { inputs: { name, size: 1, key: secret("hush-hush") }, preview: false }, context());
  await expect(make("broken")).rejects.toThrow(/^no luck with \[secret\]$/);
  await expect(make("half")).rejects.toMatchObject({
    message: "half done with [secret]",
    id: "h",
    state: { name: "half", size: 1, key: secret("hush-hush"), path: "/half", text: secret("hush-hush") },
  });
});

test("a change is refused while an input is unknown", async () => {
  await expect(create(Thing, {}, { inputs: { name: UNKNOWN, size: 1 }, preview: false }, context())).rejects.toThrow(
    "some inputs are still unknown",
  );
});

test("the resource's time-out and a cancellation end a call", async () => {
  const make = (options: Partial<Context>) =>
    create(Thing, {}, { inputs: { name: "slow", size: 1 }, preview: false }, context(options));
  await expect(make({ timeout: 0.05 })).rejects.toThrow("timed out after 0.05 s: stopped");
  await expect(make({ cancelled: AbortSignal.timeout(20) })).rejects.toThrow(/^stopped$/);
  await expect(make({ cancelled: AbortSignal.abort() })).rejects.toThrow("cancelled");
});

test("a preview of update keeps outputs, drops inputs that went, and takes the kind's word", async () => {
  const request = {
    id: "n",
    oldInputs: { name: "n", size: 1, key: secret("k") },
    oldState: { name: "n", size: 1, key: secret("k"), path: "/n", text: secret("k"), count: 3 },
    preview: true,
  };
  expect(await update(Thing, {}, { ...request, news: { name: "m", size: 2 } }, context())).toEqual({
    name: "m",
    size: 2,
    path: "/m",
    text: secret("k"),
    count: 3,
  });
  expect(await update(Thing, {}, { ...request, news: { name: UNKNOWN, size: 2 } }, context())).toMatchObject({
    path: UNKNOWN,
    count: 3,
  });
});

test("read gives what is there, secrets as they were, and nothing for what is gone", async () => {
  const inputs = { name: "n", size: 1, key: secret("k") };
  const state = { ...inputs, path: "/n", text: secret("k") };
  expect(await read(Thing, {}, { id: "n", inputs, state }, context())).toEqual({
    id: "n",
    inputs: { ...inputs, size: 5 },
    state: { ...state, size: 5 },
  });
  expect(await read(Thing, {}, { id: "n", inputs: {}, state: {} }, context())).toMatchObject({
    inputs: { name: "n", size: 5 },
  });
  expect(await read(Thing, {}, { id: "gone", inputs, state }, context())).toBeUndefined();
});

test("a failed delete says why, without secrets", async () => {
  await expect(remove(Thing, {}, { id: "kept", state: { key: secret("hush-hush") } }, context())).rejects.toThrow(
    /^in use: \[secret\]$/,
  );
  await expect(remove(Thing, {}, { id: "n", state: {} }, context())).resolves.toBeUndefined();
});
