/** The engine's LanguageRuntime service for TypeScript and JavaScript programs. */
import grpc from "@grpc/grpc-js";
import languagePb from "@pulumi/pulumi/proto/language_pb.js";
import pluginPb from "@pulumi/pulumi/proto/plugin_pb.js";
import emptyPb from "google-protobuf/google/protobuf/empty_pb.js";
import { messageOf } from "../../plugins/serving/messageOf.ts";
import { unary } from "../../plugins/serving/unary.ts";
import { fromStruct } from "../../plugins/serving/wire.ts";
import { dependenciesOf, installDependencies } from "./dependencies.ts";
import { type NodePlugin, pluginKinds, runNodePlugin } from "./nodePlugin.ts";
import { runtimeOptions } from "./program.ts";
import type { Program } from "./program.ts";
import { runProgram } from "./run.ts";

/** Version of the host: that of the SDK and CLI which it goes with. */
const VERSION = "3.259.0";

type RunPluginRequest = InstanceType<typeof languagePb.RunPluginRequest>;
type RunRequest = InstanceType<typeof languagePb.RunRequest>;

export interface Service {
  readonly handlers: grpc.UntypedServiceImplementation;
  /** Ends the program, and plugins. */
  stop(): void;
}

export function languageService(engineAddress: string): Service {
  const cancellation = new AbortController();
  const handlers = {
    handshake: answering(() => new languagePb.LanguageHandshakeResponse()),
    getPluginInfo: answering(() => {
      const info = new pluginPb.PluginInfo();
      info.setVersion(VERSION);
      return info;
    }),
    // The SDK sends each resource's package and version itself; what is
    // reported here would be looked for on the network.
    getRequiredPackages: answering(() => new languagePb.GetRequiredPackagesResponse()),
    getRequiredPlugins: answering(() => new languagePb.GetRequiredPluginsResponse()),
    about: answering(() => {
      const response = new languagePb.AboutResponse();
      response.setExecutable(process.execPath);
      response.setVersion(process.version);
      return response;
    }),
    getProgramDependencies: answering((request: InstanceType<typeof languagePb.GetProgramDependenciesRequest>) => {
      const response = new languagePb.GetProgramDependenciesResponse();
      const directory = request.getInfo()?.getProgramDirectory() ?? request.getPwd();
      response.setDependenciesList(
        dependenciesOf(directory).map(({ name, version }) => {
          const info = new languagePb.DependencyInfo();
          info.setName(name);
          info.setVersion(version);
          return info;
        }),
      );
      return response;
    }),
    installDependencies: (
      call: grpc.ServerWritableStream<InstanceType<typeof languagePb.InstallDependenciesRequest>, unknown>,
    ): void => {
      const directory = call.request.getInfo()?.getProgramDirectory() || call.request.getDirectory();
      const forward = (chunk: Buffer): void => {
        const response = new languagePb.InstallDependenciesResponse();
        response.setStdout(new Uint8Array(chunk));
        call.write(response);
      };
      installDependencies(directory, forward).then(
        () => call.end(),
        (error: unknown) => call.emit("error", { code: grpc.status.UNKNOWN, details: messageOf(error) }),
      );
    },
    run: answering(async (request: RunRequest) => {
      const outcome = await runProgram(programOf(request, engineAddress), cancellation.signal);
      const response = new languagePb.RunResponse();
      response.setBail(outcome.kind === "shown");
      if (outcome.kind === "error") response.setError(outcome.message);
      return response;
    }),
    runPlugin: (call: grpc.ServerWritableStream<RunPluginRequest, unknown>): void => {
      const failed = (code: grpc.status, details: string): void => void call.emit("error", { code, details });
      const kind = pluginKinds.find((one) => one === call.request.getKind());
      if (kind === undefined)
        return failed(grpc.status.UNIMPLEMENTED, `this language host runs no plugin of kind ${call.request.getKind()}`);
      const ended = new AbortController();
      call.on("cancelled", () => ended.abort());
      const answer = (change: (response: InstanceType<typeof languagePb.RunPluginResponse>) => void): void => {
        const response = new languagePb.RunPluginResponse();
        change(response);
        call.write(response);
      };
      runNodePlugin(
        nodePluginOf(kind, call.request),
        {
          stdout: (chunk) => answer((response) => response.setStdout(new Uint8Array(chunk))),
          stderr: (chunk) => answer((response) => response.setStderr(new Uint8Array(chunk))),
        },
        AbortSignal.any([ended.signal, cancellation.signal]),
      ).then(
        (status) => {
          answer((response) => response.setExitcode(status));
          call.end();
        },
        (error: unknown) => failed(grpc.status.UNKNOWN, messageOf(error)),
      );
    },
    cancel: answering(() => {
      cancellation.abort();
      return new emptyPb.Empty();
    }),
  };
  return { handlers: handlers as unknown as grpc.UntypedServiceImplementation, stop: () => cancellation.abort() };
}

function nodePluginOf(kind: NodePlugin["kind"], request: RunPluginRequest): NodePlugin {
  const directory = request.getInfo()?.getProgramDirectory() ?? request.getProgram();
  return {
    kind,
    directory,
    workingDirectory: request.getPwd() || directory,
    args: request.getArgsList(),
    environment: request.getEnvList(),
  };
}

function programOf(request: RunRequest, engineAddress: string): Program {
  const info = request.getInfo();
  if (info === undefined) throw new Error("this CLI is too old: it does not say where the program is");
  return {
    monitorAddress: request.getMonitorAddress(),
    engineAddress,
    organization: request.getOrganization(),
    project: request.getProject(),
    stack: request.getStack(),
    rootDirectory: info.getRootDirectory(),
    programDirectory: info.getProgramDirectory(),
    entryPoint: info.getEntryPoint(),
    args: request.getArgsList(),
    dryRun: request.getDryrun(),
    parallel: request.getParallel(),
    config: Object.fromEntries(request.getConfigMap().toArray()),
    secretConfigKeys: request.getConfigsecretkeysList(),
    options: runtimeOptions(fromStruct(info.getOptions())),
  };
}

function answering<Request, Response>(
  answer: (request: Request) => Response | Promise<Response>,
): grpc.handleUnaryCall<Request, unknown> {
  return unary(answer, (error) => ({ code: grpc.status.UNKNOWN, details: messageOf(error) }));
}
