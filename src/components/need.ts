/** What the plan names is there. @throws otherwise: a fault of this program */
export function need<Value>(map: ReadonlyMap<string, Value>, name: string): Value {
  const value = map.get(name);
  if (value === undefined) throw new Error(`the plan names ${name}, which it does not have`);
  return value;
}
