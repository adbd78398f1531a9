/**
 * A process that makes one resource and can be killed: `node createOnce.ts
 * TOKEN CONFIG INPUTS RESOURCE`, JSON in the middle.
 */
import { libvirtProvider } from "../../plugins/libvirt/definition.ts";
import { openHosts } from "../../plugins/libvirt/host/hosts.ts";
import { callOf } from "./testCall.ts";

const [token, config, inputs, resource] = process.argv.slice(2);
const hosts = openHosts();
const kind = libvirtProvider(hosts).kinds.find((candidate) => candidate.token === token);
if (!kind) throw new Error(`no kind ${token}`);
await kind.create(JSON.parse(config!), JSON.parse(inputs!), callOf(resource!));
await hosts.close();
