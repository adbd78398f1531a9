import languageGrpc from "@pulumi/pulumi/proto/language_grpc_pb.js";
import { createServer, engineAddressOf, listen, onEnd } from "../../plugins/serving/process.ts";
import { languageService } from "./service.ts";

const engineAddress = engineAddressOf(process.argv.slice(2));
if (engineAddress === undefined) throw new Error("usage: pulumi-language-nodejs ENGINE_ADDRESS (started by pulumi)");
const service = languageService(engineAddress);
const server = createServer();
server.addService(languageGrpc.LanguageRuntimeService, service.handlers);
onEnd(async () => service.stop());
process.stdout.write(`${await listen(server)}\n`);
