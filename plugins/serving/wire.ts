/** Conversion between protobuf Structs and plain values. */
import structPb from "google-protobuf/google/protobuf/struct_pb.js";

export type Plain = null | boolean | number | string | Plain[] | { [key: string]: Plain };
export type PlainObject = { [key: string]: Plain };

/** Keys and values by which the engine marks special values (sdk/go/common/resource/sig). */
export const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";
export const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";
/** What the engine sends in place of a value that is not known yet. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export function isObject(value: unknown): value is PlainObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The value without `undefined` anywhere, which a Struct cannot hold: dropped from objects, `null` in arrays.
 * Throws on what JSON cannot say (functions, NaN, bigint), naming the place.
 */
export function pruned(value: unknown, place = "value"): Plain {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (Array.isArray(value)) return value.map((item, i) => (item === undefined ? null : pruned(item, `${place}[${i}]`)));
  if (typeof value === "object" && value !== undefined) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    return Object.fromEntries(entries.map(([key, item]) => [key, pruned(item, `${place}.${key}`)]));
  }
  throw new Error(`${place}: a ${typeof value} cannot be stored`);
}

export function toStruct(values: object): structPb.Struct {
  return structPb.Struct.fromJavaScript(pruned(values) as { [key: string]: structPb.JavaScriptValue });
}

export function fromStruct(struct: structPb.Struct | undefined): PlainObject {
  return struct === undefined ? {} : (struct.toJavaScript() as PlainObject);
}
