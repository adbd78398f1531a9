/** What a resource kind of one of our providers is made of, independent of gRPC. */
import type { z } from "zod";

/** One call from the engine: how to talk to the user and when to stop. */
export interface Call {
  /** Aborted when the user interrupts the operation or the time-out of the resource has passed. */
  readonly signal: AbortSignal;
  /** A line in the diagnostics of the resource. */
  log(severity: "info" | "warning" | "error", message: string): Promise<void>;
  /** A passing line in the resource's status column. */
  status(message: string): Promise<void>;
  /** The resource's URN. */
  readonly urn: string;
}

/** A mistake in one property, in words for the user. */
export interface CheckFailure {
  /** Property path, for example `capacity` or `disks[0].target`. */
  readonly property: string;
  readonly reason: string;
}

/** What `read` finds: inputs as the object is now, and the whole state. */
export interface Found<Inputs, State> {
  readonly id: string;
  readonly inputs: Inputs;
  readonly state: State;
}

/**
 * One kind of resource. Inputs reach create, update and delete fully known, with
 * secrets unwrapped; the server wraps what was secret again.
 * State holds the inputs and the outputs.
 */
export interface ResourceKind<Config, Inputs extends object, State extends Inputs> {
  /** Pulumi token, for example `libvirt:index:Network`. */
  readonly token: string;
  /** What it is, for the SDKs that are generated from the package schema. */
  readonly description: string;
  /**
   * Strict zod object with defaults. A field with `.meta({replace: true})` cannot change in place;
   * one with `.meta({secret: true})` is always kept as a secret.
   */
  readonly inputs: z.ZodType<Inputs>;
  /** Zod object of what the state holds beside the inputs, for the package schema. */
  readonly outputs: z.ZodType<Omit<State, keyof Inputs>>;
  /**
   * Rules over several properties, or against the inputs so far (a size
   * that shrinks). Unknown values arrive as `undefined`.
   */
  check?(news: Partial<Inputs>, olds: Inputs | undefined): readonly CheckFailure[];
  /**
   * Outputs that are known before the call. Those left out are unknown in
   * a preview of create and keep their value in one of
   * update; a key that is present with `undefined` is said to be unknown
   * (it will change, to something nobody knows yet).
   */
  preview?(news: Partial<Inputs>, olds: State | undefined): Partial<State>;
  /**
   * Outputs that a preview of create can find out by asking, where `preview` would have
   * to leave them unknown. A failure is no error of the preview: it is
   * said, and the outputs stay unknown.
   */
  foresee?(config: Config, call: Call): Promise<Partial<State>>;
  /**
   * Outputs that repeat what the inputs hold (a rendered text, a command's
   * output): secret in the state as soon as any input
   * is secret. The other outputs stay plain.
   */
  readonly secretOutputs?: readonly string[];
  /**
   * A replacement is normally made after the old object is gone, since both would claim the same name; `true`: before.
   */
  readonly createBeforeDelete?: boolean;
  /**
   * Returns the id, unique within the provider, and the state. On failure throws with a short message; on an abort of
   * `call.signal` cleans up and throws. Values that were secret among the inputs are masked in every message.
   */
  create(config: Config, inputs: Inputs, call: Call): Promise<{ readonly id: string; readonly state: State }>;
  /**
   * The object as it is now. What is found in `inputs` is compared with
   * the program's on the next preview: a difference is
   * drift and leads to an update. `undefined`: the object is gone. Throws when that
   * cannot be told (host unreachable). `known` is missing on import.
   */
  read(
    config: Config,
    id: string,
    call: Call,
    known?: { readonly inputs: Inputs; readonly state: State },
  ): Promise<Found<Inputs, State> | undefined>;
  update(
    config: Config,
    id: string,
    olds: { readonly inputs: Inputs; readonly state: State },
    news: Inputs,
    call: Call,
  ): Promise<State>;
  delete(config: Config, id: string, state: State, call: Call): Promise<void>;
}

/** A provider: its name, its configuration and its kinds. */
export interface ProviderDefinition<Config> {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  /**
   * Provider arguments. A field with `.meta({replace: true})` replaces the
   * provider, and with it every resource, when it changes.
   */
  readonly config: z.ZodType<Config>;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- kinds
  // differ in their types; each is consistent in itself
  readonly kinds: readonly ResourceKind<Config, any, any>[];
  /**
   * Called once when the process ends, after the operations under way have
   * been aborted and have cleaned up: close connections.
   */
  close?(): Promise<void>;
}

/**
 * Throw from create or update when the object exists but a later step
 * failed: the engine keeps it and the next `up` goes on.
 */
export class PartialFailure extends Error {
  readonly id: string;
  readonly state: object;
  constructor(message: string, id: string, state: object) {
    super(message);
    this.id = id;
    this.state = state;
  }
}
