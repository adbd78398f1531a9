import { yamlOfCloudInit } from "../yaml.ts";
import type { MachinePlan } from "../../plan/machines/machine.ts";
import type { Plan } from "../../plan/plan.ts";
import type { SshKeyPair } from "../../plan/opensshKey.ts";

/** A `#cloud-config` document. */
export function cloudConfig(content: unknown): string {
  return `#cloud-config\n${yamlOfCloudInit(content)}`;
}

/**
 * Who a machine is and who may log in: name, user, keys, other machines' names, package proxy.
 * @param files of the machine, mode 0644
 */
export function renderIdentity(
  plan: Plan,
  machine: MachinePlan,
  files: readonly { readonly path: string; readonly content: string }[],
): string {
  return cloudConfig({
    hostname: machine.name,
    preserve_hostname: false,
    manage_etc_hosts: false,
    ssh_pwauth: false,
    disable_root: true,
    users: [
      {
        name: plan.sshUser,
        gecos: "Operator",
        shell: "/bin/bash",
        lock_passwd: true,
        sudo: ["ALL=(ALL) NOPASSWD:ALL"],
        ssh_authorized_keys: plan.authorizedKeys,
      },
    ],
    write_files: files.map(({ path, content }) => ({ path, permissions: "0644", content })),
    ...(plan.aptProxy === undefined ? {} : { apt: { proxy: plan.aptProxy } }),
  });
}

/**
 * The machine's SSH host key, which the operator knows beforehand, in the
 * place of the keys that the image or cloud-init would bring.
 */
export function renderHostKeys({ privateKey, publicKey }: SshKeyPair, comment: string): string {
  return cloudConfig({
    ssh_deletekeys: true,
    ssh_keys: { ed25519_private: privateKey, ed25519_public: `${publicKey} ${comment}` },
    // Fingerprints and keys need not be on the console: they are known from the plan.
    no_ssh_fingerprints: true,
    ssh: { emit_keys_on_console: false },
  });
}

/** `/etc/hosts`: names by address; a machine's own name is never a loopback address, which its peers could not use. */
export function renderHostsFile(entries: readonly (readonly [address: string, name: string])[]): string {
  return [
    "127.0.0.1 localhost",
    "::1 localhost ip6-localhost ip6-loopback",
    ...entries.map(([address, name]) => `${address} ${name}`),
    "",
  ].join("\n");
}
