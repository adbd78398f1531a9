/** What the engine sends to a provider, and what it gets, for requests that other builds of a plugin had a part in. */
import providerPb from "@pulumi/pulumi/proto/provider_pb.js";
import { expect, test } from "vitest";
import { z } from "zod";
import type { ProviderDefinition } from "../../../plugins/serving/resource.ts";
import { providerService } from "../../../plugins/serving/service.ts";
import { fromStruct, toStruct } from "../../../plugins/serving/wire.ts";

const inputs = z.strictObject({ content: z.string(), environment: z.record(z.string(), z.string()).optional() });
const configs: unknown[] = [];
const definition: ProviderDefinition<{ where: string }> = {
  name: "example",
  version: "0.1.0",
  description: "For tests.",
  config: z.strictObject({ where: z.string() }),
  kinds: [
    {
      token: "example:index:Thing",
      description: "For tests.",
      inputs,
      outputs: z.strictObject({}),
      create: async (config, news) => ({ id: `${configs.push(config)}`, state: news }),
      read: async (_config, id, _call, known) => (known === undefined ? undefined : { id, ...known }),
      update: async (_config, _id, _olds, news) => news,
      delete: async () => {},
    },
  ],
};
const { handlers } = providerService(definition, undefined);

function ask<Response>(name: string, request: object): Promise<Response> {
  return new Promise((resolve, reject) => {
    const handler = handlers[name] as (call: object, callback: (error: unknown, response: Response) => void) => void;
    handler({ request }, (error, response) =>
      error === null ? resolve(response) : reject(new Error(detailsOf(error))),
    );
  });
}

function detailsOf(error: unknown): string {
  return (error as { details: string }).details;
}

/** What builds of Pulumi, of its plugins' frameworks and of bridged providers leave among a provider's arguments. */
const FOREIGN = {
  version: "0.1.0",
  pluginDownloadURL: "https://plugins.example.net",
  __internal: {},
  "__pulumi-go-provider-version": "1.2.0",
  __defaults: [],
};

async function configure(args: object): Promise<void> {
  const request = new providerPb.ConfigureRequest();
  request.setArgs(toStruct(args));
  await ask("configure", request);
}

test("a provider takes arguments that others have left keys of their own in; a mistake is still one", async () => {
  await configure({ where: "here", ...FOREIGN });
  const request = new providerPb.CreateRequest();
  request.setUrn("urn:pulumi:s::p::example:index:Thing::t");
  request.setProperties(toStruct({ content: "c" }));
  await ask("create", request);
  expect(configs).toEqual([{ where: "here" }]);
  await expect(configure({ where: "here", elsewhere: "there" })).rejects.toThrow(
    /^provider example: elsewhere: there is no such property$/,
  );
});

test("such keys are kept by check, and are no difference", async () => {
  const check = new providerPb.CheckRequest();
  check.setNews(toStruct({ where: "here", ...FOREIGN }));
  const checked = await ask<InstanceType<typeof providerPb.CheckResponse>>("checkConfig", check);
  expect(checked.getFailuresList()).toEqual([]);
  expect(fromStruct(checked.getInputs())).toEqual({ where: "here", ...FOREIGN });
  expect(await differences("diffConfig", { where: "here", ...FOREIGN }, { where: "here" })).toEqual([]);
});

test("keys that a framework has left with a resource are no difference; keys of the user's maps are", async () => {
  const now = { content: "c", environment: {} };
  expect(await differences("diff", { ...now, __defaults: [], __meta: "{}" }, now)).toEqual([]);
  expect(await differences("diff", { ...now, environment: { __WORD: "a" } }, now)).toEqual(["environment"]);
});

async function differences(name: "diff" | "diffConfig", olds: object, news: object): Promise<string[]> {
  const request = new providerPb.DiffRequest();
  request.setUrn("urn:pulumi:s::p::example:index:Thing::t");
  request.setOldInputs(toStruct(olds));
  request.setNews(toStruct(news));
  return (await ask<InstanceType<typeof providerPb.DiffResponse>>(name, request)).getDiffsList();
}

test("a function, which no provider here has, is refused by name", async () => {
  const request = new providerPb.InvokeRequest();
  request.setTok("example:index:run");
  await expect(ask("invoke", request)).rejects.toThrow("example 0.1.0 has no function example:index:run");
});

test("the package schema is there in the one version that it has", async () => {
  const request = new providerPb.GetSchemaRequest();
  const response = await ask<InstanceType<typeof providerPb.GetSchemaResponse>>("getSchema", request);
  expect(JSON.parse(response.getSchema())).toMatchObject({ name: "example", provider: { requiredInputs: ["where"] } });
  request.setVersion(1);
  await expect(ask("getSchema", request)).rejects.toThrow("package schema in version 0 only, not 1");
});
