/** The gRPC service of a provider: each request of the engine answered by the definition. */
import type grpc from "@grpc/grpc-js";
import pluginPb from "@pulumi/pulumi/proto/plugin_pb.js";
import providerPb from "@pulumi/pulumi/proto/provider_pb.js";
import emptyPb from "google-protobuf/google/protobuf/empty_pb.js";
import { checkBySchema, checkResource } from "./check.ts";
import { create, read, remove, update } from "./crud.ts";
import type { AnyKind, Context } from "./crud.ts";
import { changesBetween } from "./diff.ts";
import { connectLog } from "./engineLog.ts";
import type { EngineLog } from "./engineLog.ts";
import { ownArguments, ownProperties } from "./foreign.ts";
import { statusOf } from "./failure.ts";
import { packageSchema } from "./packageSchema.ts";
import { checkResponse, diffResponse } from "./protocol.ts";
import type { ProviderDefinition } from "./resource.ts";
import type { Schema } from "./schema.ts";
import { unwrapSecrets } from "./secrets.ts";
import { unary } from "./unary.ts";
import { fromStruct, toStruct } from "./wire.ts";
import type { PlainObject } from "./wire.ts";
import { failuresOf } from "./zodFailures.ts";

export interface Service {
  readonly handlers: grpc.UntypedServiceImplementation;
  /** Aborts what is under way, waits until it has cleaned up, and closes the provider's connections. */
  stop(): Promise<void>;
}

export function providerService<Config>(
  definition: ProviderDefinition<Config>,
  engineAddress: string | undefined,
): Service {
  const kinds = new Map<string, AnyKind>(definition.kinds.map((kind) => [kind.token, kind]));
  const configSchema = definition.config as unknown as Schema;
  const cancellation = new AbortController();
  let log: EngineLog | undefined = engineAddress === undefined ? undefined : connectLog(engineAddress);
  let config: Config | undefined;
  const underWay = new Set<Promise<unknown>>();

  const kindOf = (urn: string): AnyKind => {
    const token = urn.split("::")[2]?.split("$").at(-1) ?? "";
    const kind = kinds.get(token);
    if (kind === undefined)
      throw new Error(
        `${definition.name} ${definition.version} has no resource ${token}; it has: ${[...kinds.keys()].join(", ")}`,
      );
    return kind;
  };
  const contextOf = (request: { getUrn(): string; getTimeout(): number }): Context => ({
    urn: request.getUrn(),
    timeout: request.getTimeout(),
    cancelled: cancellation.signal,
    log,
  });
  const tracked = <T>(operation: Promise<T>): Promise<T> => {
    const settled = operation.finally(() => underWay.delete(settled));
    underWay.add(settled);
    return settled;
  };
  const abort = (): void => cancellation.abort(new Error("cancelled"));
  const stop = async (): Promise<void> => {
    abort();
    // An operation may need the connections to clean up.
    await Promise.allSettled(underWay);
    await definition.close?.();
  };

  const handlers = {
    handshake: answering((request: InstanceType<typeof providerPb.ProviderHandshakeRequest>) => {
      if (request.getEngineAddress() !== "") {
        log?.close();
        log = connectLog(request.getEngineAddress());
      }
      const response = new providerPb.ProviderHandshakeResponse();
      response.setAcceptSecrets(true);
      return response;
    }),
    getSchema: answering((request: InstanceType<typeof providerPb.GetSchemaRequest>) => {
      const version = request.getVersion();
      if (version !== 0) throw new Error(`${definition.name} has its package schema in version 0 only, not ${version}`);
      const response = new providerPb.GetSchemaResponse();
      response.setSchema(JSON.stringify(packageSchema(definition)));
      return response;
    }),
    getPluginInfo: answering(() => {
      const info = new pluginPb.PluginInfo();
      info.setVersion(definition.version);
      return info;
    }),
    checkConfig: answering((request: InstanceType<typeof providerPb.CheckRequest>) => {
      const news = fromStruct(request.getNews());
      const checked = checkBySchema(configSchema, ownArguments(news));
      return checkResponse({ ...checked, inputs: { ...news, ...checked.inputs } });
    }),
    diffConfig: answering((request: InstanceType<typeof providerPb.DiffRequest>) => {
      const changes = changesBetween(
        ownArguments(plain(request.getOldInputs())),
        ownArguments(plain(request.getNews())),
        configSchema,
      );
      return diffResponse(changes, true);
    }),
    configure: answering((request: InstanceType<typeof providerPb.ConfigureRequest>) => {
      const args = ownArguments(plain(request.getArgs()));
      const parsed = definition.config.safeParse(args);
      if (!parsed.success) throw new Error(`provider ${definition.name}: ${words(parsed.error.issues, args)}`);
      config = parsed.data;
      const response = new providerPb.ConfigureResponse();
      response.setAcceptsecrets(true);
      response.setSupportspreview(true);
      return response;
    }),
    check: answering((request: InstanceType<typeof providerPb.CheckRequest>) =>
      checkResponse(
        checkResource(kindOf(request.getUrn()), fromStruct(request.getOlds()), fromStruct(request.getNews())),
      ),
    ),
    diff: answering((request: InstanceType<typeof providerPb.DiffRequest>) => {
      const kind = kindOf(request.getUrn());
      const changes = changesBetween(
        ownProperties(plain(request.getOldInputs())),
        ownProperties(plain(request.getNews())),
        kind.inputs as unknown as Schema,
        request.getIgnorechangesList(),
      );
      return diffResponse(changes, kind.createBeforeDelete !== true);
    }),
    create: answering(async (request: InstanceType<typeof providerPb.CreateRequest>) => {
      const values = { inputs: fromStruct(request.getProperties()), preview: request.getPreview() };
      const made = await tracked(create(kindOf(request.getUrn()), config, values, contextOf(request)));
      const response = new providerPb.CreateResponse();
      response.setId(made.id);
      response.setProperties(toStruct(made.state));
      return response;
    }),
    read: answering(async (request: InstanceType<typeof providerPb.ReadRequest>) => {
      const values = {
        id: request.getId(),
        inputs: fromStruct(request.getInputs()),
        state: fromStruct(request.getProperties()),
      };
      const found = await tracked(read(kindOf(request.getUrn()), config, values, contextOf(request)));
      const response = new providerPb.ReadResponse();
      if (found === undefined) return response;
      response.setId(found.id);
      response.setInputs(toStruct(found.inputs));
      response.setProperties(toStruct(found.state));
      return response;
    }),
    update: answering(async (request: InstanceType<typeof providerPb.UpdateRequest>) => {
      const values = {
        id: request.getId(),
        oldInputs: fromStruct(request.getOldInputs()),
        oldState: fromStruct(request.getOlds()),
        news: fromStruct(request.getNews()),
        preview: request.getPreview(),
      };
      const state = await tracked(update(kindOf(request.getUrn()), config, values, contextOf(request)));
      const response = new providerPb.UpdateResponse();
      response.setProperties(toStruct(state));
      return response;
    }),
    delete: answering(async (request: InstanceType<typeof providerPb.DeleteRequest>) => {
      const values = { id: request.getId(), state: fromStruct(request.getProperties()) };
      await tracked(remove(kindOf(request.getUrn()), config, values, contextOf(request)));
      return new emptyPb.Empty();
    }),
    invoke: answering((request: InstanceType<typeof providerPb.InvokeRequest>) => {
      throw new Error(`${definition.name} ${definition.version} has no function ${request.getTok()}`);
    }),
    cancel: answering(() => {
      abort();
      return new emptyPb.Empty();
    }),
  };
  return { handlers: handlers as unknown as grpc.UntypedServiceImplementation, stop };
}

function answering<Request, Response>(
  answer: (request: Request) => Response | Promise<Response>,
): grpc.handleUnaryCall<Request, unknown> {
  return unary(answer, statusOf);
}

function words(issues: readonly object[], args: PlainObject): string {
  return failuresOf(issues, [], args)
    .map(({ property, reason }) => `${property}: ${reason}`)
    .join("; ");
}

function plain(struct: Parameters<typeof fromStruct>[0]): PlainObject {
  return unwrapSecrets(fromStruct(struct)).values;
}
