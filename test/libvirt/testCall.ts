/** Calls as the engine makes them, with what was said kept. */
import type { Call } from "../../plugins/serving/resource.ts";

export interface TestCall extends Call {
  /** `severity: message`. */
  readonly said: string[];
  readonly statuses: string[];
}

export function callOf(resource: string, signal: AbortSignal = new AbortController().signal): TestCall {
  const said: string[] = [];
  const statuses: string[] = [];
  return {
    urn: `urn:pulumi:test::kvm-mirror::libvirt:index:Any::${resource}`,
    signal,
    said,
    statuses,
    log: (severity, message) => Promise.resolve(void said.push(`${severity}: ${message}`)),
    status: (message) => Promise.resolve(void statuses.push(message)),
  };
}
