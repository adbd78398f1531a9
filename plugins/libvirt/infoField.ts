/** One value of what `virsh dominfo` and `virsh net-info` print. */
export function infoField(text: string, name: string): string {
  const line = text.split("\n").find((candidate) => candidate.startsWith(`${name}:`));
  if (line === undefined) throw new Error(`virsh did not say ${JSON.stringify(name)}`);
  return line.slice(name.length + 1).trim();
}
