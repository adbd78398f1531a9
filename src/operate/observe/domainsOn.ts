/** Who runs where, as a plan and an inventory have it. */
interface Machines {
  readonly mirrors: readonly { readonly name: string; readonly host: string }[];
  readonly clients: readonly { readonly name: string; readonly hosts: readonly string[] }[];
}

/** Names of the stack's domains on a KVM host, those of the VM team among them. */
export function domainsOn({ mirrors, clients }: Machines, host: string): readonly string[] {
  return [
    ...mirrors.filter((mirror) => mirror.host === host).map(({ name }) => name),
    ...clients.filter(({ hosts }) => hosts.includes(host)).map(({ name }) => name),
  ];
}
