import type { Config } from "../config/config.ts";
import { ConfigError, keyPath } from "../config/problem.ts";
import { checkStackName } from "./checkStackName.ts";
import { planClients } from "./clients/clients.ts";
import { planFailover } from "./placement/failover.ts";
import { planGroups } from "./placement/groups.ts";
import { planHosts } from "./machines/hosts.ts";
import { planMirrors } from "./machines/mirrors.ts";
import { planMonitoring } from "./monitoring/monitoring.ts";
import type { Plan } from "./plan.ts";
import { deriveKeys } from "./secrets.ts";
import { planVolumes } from "./replication/volumes.ts";

/**
 * Decides everything: the same configuration and stack give the same plan, on any machine. The plan holds no secret.
 */
export function makePlan(
  config: Config,
  { project, stack }: { readonly project: string; readonly stack: string },
): Plan {
  const owner = `${project}/${stack}`;
  const context = { config, stack, owner, keys: deriveKeys(config.secret, config.keyGeneration, { project, stack }) };
  const mirrors = planMirrors(context);
  const clients = planClients(context);
  const plan: Plan = {
    stack,
    owner,
    sshUser: config.ssh.user,
    authorizedKeys: config.ssh.authorizedKeys,
    ...(config.firewall ? { sshFrom: config.ssh.from ?? [config.networks.management.cidr.text] } : {}),
    ...(config.verify === null ? {} : { verify: config.verify }),
    ...(config.packages.aptProxy === undefined ? {} : { aptProxy: config.packages.aptProxy }),
    bootDeadline: config.bootDeadline,
    installAgain: config.installAgain,
    protectData: config.protectData,
    hosts: planHosts(context, [...mirrors, ...clients.flatMap((client) => client.machines ?? [])]),
    failover: planFailover(context),
    monitoring: planMonitoring(context),
    mirrors,
    groups: planGroups(context),
    volumes: planVolumes(context),
    clients,
  };
  checkStackName(plan);
  refuseEqualMacs(plan);
  return plan;
}

/** 24 bits of a hash can meet by chance, once in many thousand stacks. */
function refuseEqualMacs({ mirrors, clients }: Plan): void {
  const owners = new Map<string, string>();
  const isClient = (name: string): boolean => clients.some((client) => client.name === name);
  for (const machine of [...mirrors, ...clients.flatMap((client) => client.machines ?? [])]) {
    for (const { mac } of machine.nics) {
      const other = owners.get(mac);
      if (other !== undefined && other !== machine.name)
        throw new ConfigError([
          {
            key: keyPath(isClient(machine.name) ? "clients" : "mirrors", machine.name),
            text: `would get the MAC address of ${other}, ${mac}, by chance; rename one of them`,
          },
        ]);
      owners.set(mac, machine.name);
    }
  }
}
