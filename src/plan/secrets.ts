import { hkdfSync } from "node:crypto";
import { secretOfStack } from "../config/secret.ts";
import { type SshKeyPair, sshKeyPair } from "./opensshKey.ts";

/** Everything secret that is derived from the stack's secret. */
export interface Keys {
  /** Counted from 1. */
  readonly generation: number;
  /** Shared secret of a volume's DRBD peers: 43 characters (256 bits in base64url); DRBD takes 63. */
  readonly drbdSharedSecret: (volume: string) => string;
  /** SSH host key of a mirror or client. */
  readonly sshHostKey: (machine: string) => SshKeyPair;
  /** Public host keys of the same machine in the generations before, the last one first. */
  readonly earlierHostKeys: (machine: string) => readonly string[];
  /** Key with which the mirrors ask one another to outdate a volume, in manual failover. */
  readonly peerKey: SshKeyPair;
  /** Key of corosync's links: 171 characters (1024 bits in base64url); corosync takes 128 to 4096 bytes of any kind. */
  readonly corosyncKey: string;
  /** Key with which a mirror's peer turns it off at its KVM host. */
  readonly fenceKey: (mirror: string) => SshKeyPair;
}

/** Stack that keys are for. */
export interface KeyOwner {
  readonly project: string;
  readonly stack: string;
}

/**
 * Derives keys by HKDF-SHA256 (RFC 5869) with a label for each use, so that one key
 * says nothing about another. A new generation gives new keys. Stacks that have one secret have different keys where
 * it begins with `stack-`; an older secret, without it, keeps the keys that its mirrors have.
 */
export function deriveKeys(secret: string, generation: number, { project, stack }: KeyOwner): Keys {
  const salt = secret.startsWith(secretOfStack) ? `kvm-mirror/${project}/${stack}` : "kvm-mirror";
  const derive = (use: string, subject: string, bytes = 32, of = generation): Buffer =>
    Buffer.from(hkdfSync("sha256", secret, salt, `${use}/${subject}/${of}`, bytes));
  const hostKey = (machine: string, of: number): SshKeyPair =>
    sshKeyPair(derive("ssh-host-key", machine, 32, of), machine);
  return {
    generation,
    drbdSharedSecret: (volume) => derive("drbd-shared-secret", volume).toString("base64url"),
    sshHostKey: (machine) => hostKey(machine, generation),
    earlierHostKeys: (machine) =>
      Array.from({ length: generation - 1 }, (_, back) => hostKey(machine, generation - 1 - back).publicKey),
    peerKey: sshKeyPair(derive("peer-key", ""), "kvm-mirror-peer"),
    corosyncKey: derive("corosync-key", "", 128).toString("base64url"),
    fenceKey: (mirror) => sshKeyPair(derive("fence-key", mirror), `fences ${mirror}`),
  };
}
