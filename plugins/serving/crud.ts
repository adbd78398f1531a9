/** The life of a resource as the engine drives it, between wire values and a kind's plain ones. */
import { withCall } from "./call.ts";
import type { CallOptions } from "./call.ts";
import { masker } from "./masking.ts";
import { messageOf } from "./messageOf.ts";
import type { Path } from "./propertyPath.ts";
import { PartialFailure } from "./resource.ts";
import type { ResourceKind } from "./resource.ts";
import { flaggedPaths } from "./schema.ts";
import type { Schema } from "./schema.ts";
import { unwrapSecrets, wrapSecrets } from "./secrets.ts";
import { containsUnknown, withoutUnknowns, withUnknowns } from "./unknowns.ts";
import { pruned } from "./wire.ts";
import type { PlainObject } from "./wire.ts";

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- kinds
// differ in their types; each is consistent in itself
export type AnyKind = ResourceKind<any, any, any>;
export type Context = Omit<CallOptions, "mask">;

export interface CreateRequest {
  readonly inputs: PlainObject;
  readonly preview: boolean;
}

export interface UpdateRequest {
  readonly id: string;
  readonly oldInputs: PlainObject;
  readonly oldState: PlainObject;
  readonly news: PlainObject;
  readonly preview: boolean;
}

export async function create(
  kind: AnyKind,
  config: unknown,
  request: CreateRequest,
  context: Context,
): Promise<{ id: string; state: PlainObject }> {
  const inputs = unwrapSecrets(request.inputs);
  const wrap = wrapper(kind, inputs.secretPaths);
  if (request.preview) {
    const known = {
      ...kind.preview?.(withoutUnknowns(inputs.values), undefined),
      ...(await foreseen(kind, config, inputs, context)),
    };
    return { id: "", state: wrap({ ...inputs.values, ...withUnknowns(known) }) };
  }
  const made = await guarded(context, [inputs], wrap, (call) => kind.create(config, fullyKnown(inputs.values), call));
  if (made.id === "") throw new Error(`${kind.token}: create gave an empty id`);
  return { id: made.id, state: wrap(made.state) };
}

export async function update(
  kind: AnyKind,
  config: unknown,
  request: UpdateRequest,
  context: Context,
): Promise<PlainObject> {
  const [inputs, state, news] = [request.oldInputs, request.oldState, request.news].map(unwrapSecrets) as [
    Unwrapped,
    Unwrapped,
    Unwrapped,
  ];
  const wrap = wrapper(kind, news.secretPaths, outputPaths(state, inputs, news));
  if (request.preview) {
    const outputs = Object.fromEntries(Object.entries(state.values).filter(([key]) => !(key in inputs.values)));
    const known = kind.preview?.(withoutUnknowns(news.values), state.values) ?? {};
    return wrap({ ...outputs, ...news.values, ...withUnknowns(known) });
  }
  const olds = { inputs: inputs.values, state: state.values };
  return wrap(
    await guarded(context, [inputs, state, news], wrap, (call) =>
      kind.update(config, request.id, olds, fullyKnown(news.values), call),
    ),
  );
}

/** `undefined`: the object is gone. Without properties it is an import, of which only the id is known. */
export async function read(
  kind: AnyKind,
  config: unknown,
  request: { readonly id: string; readonly inputs: PlainObject; readonly state: PlainObject },
  context: Context,
): Promise<{ id: string; inputs: PlainObject; state: PlainObject } | undefined> {
  const [inputs, state] = [unwrapSecrets(request.inputs), unwrapSecrets(request.state)];
  const known = Object.keys(state.values).length === 0 ? undefined : { inputs: inputs.values, state: state.values };
  const wrap = wrapper(kind, inputs.secretPaths, state.secretPaths);
  const found = await guarded(context, [inputs, state], wrap, (call) => kind.read(config, request.id, call, known));
  if (found === undefined) return undefined;
  return { id: found.id, inputs: wrap(found.inputs), state: wrap(found.state) };
}

export async function remove(
  kind: AnyKind,
  config: unknown,
  request: { readonly id: string; readonly state: PlainObject },
  context: Context,
): Promise<void> {
  const state = unwrapSecrets(request.state);
  await guarded(context, [state], wrapper(kind, state.secretPaths), (call) =>
    kind.delete(config, request.id, state.values, call),
  );
}

/** What a preview learns by asking. Whoever cannot be asked leaves it unknown, with a warning. */
async function foreseen(kind: AnyKind, config: unknown, inputs: Unwrapped, context: Context): Promise<object> {
  const ask = kind.foresee?.bind(kind);
  if (!ask) return {};
  return withCall({ ...context, mask: masker(inputs.secretTexts) }, async (call) => {
    try {
      return await ask(config, call);
    } catch (error) {
      await call.log("warning", `not known before up: ${messageOf(error)}`);
      return {};
    }
  });
}

type Unwrapped = ReturnType<typeof unwrapSecrets>;
type Wrap = (values: object) => PlainObject;

/** Wraps what was secret before, what the kind declares secret, and what repeats a secret input. */
function wrapper(kind: AnyKind, inputPaths: readonly Path[], statePaths: readonly Path[] = []): Wrap {
  const repeated = inputPaths.length > 0 ? (kind.secretOutputs ?? []).map((name) => [name]) : [];
  const paths = [
    ...inputPaths,
    ...statePaths,
    ...flaggedPaths(kind.inputs as unknown as Schema, "secret"),
    ...repeated,
  ];
  return (values) => wrapSecrets(pruned(values) as PlainObject, paths);
}

/** Secret outputs stay secret on update; inputs follow the program's new word. */
function outputPaths(state: Unwrapped, inputs: Unwrapped, news: Unwrapped): readonly Path[] {
  return state.secretPaths.filter(([key]) => key !== undefined && !(key in inputs.values) && !(key in news.values));
}

/** Runs the kind's work with a call that masks the secrets of the request, also in the error. */
async function guarded<T>(
  context: Context,
  secrets: readonly Unwrapped[],
  wrap: Wrap,
  work: Parameters<typeof withCall<T>>[1],
): Promise<T> {
  const mask = masker(secrets.flatMap((unwrapped) => unwrapped.secretTexts));
  try {
    return await withCall({ ...context, mask }, work);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error instanceof PartialFailure) throw new PartialFailure(mask(error.message), error.id, wrap(error.state));
    throw new Error(mask(error.message), { cause: error });
  }
}

function fullyKnown(values: PlainObject): PlainObject {
  if (containsUnknown(values)) throw new Error("the engine asked for a change while some inputs are still unknown");
  return values;
}
