/** zod's issues as check failures: one per mistake, each at its property, in words for the user. */
import type { CheckFailure } from "./resource.ts";
import { formatPath } from "./propertyPath.ts";
import type { Path } from "./propertyPath.ts";

/** The parts of a zod issue that are read here. */
interface Issue {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
  readonly errors?: readonly (readonly Issue[])[];
  readonly expected?: string;
}

/** `value` is what was judged, to tell a missing property from one of the wrong type. */
export function failuresOf(issues: readonly object[], path: Path, value: unknown): CheckFailure[] {
  return (issues as readonly Issue[]).flatMap((issue) => {
    const at = [...path, ...(issue.path as Path)];
    if (issue.code === "unrecognized_keys") {
      return (issue.keys ?? []).map((key) => ({
        property: formatPath([...at, key]),
        reason: "there is no such property",
      }));
    }
    return [{ property: formatPath(at), reason: reason(issue, valueAt(value, issue.path)) }];
  });
}

function reason(issue: Issue, value: unknown): string {
  if (issue.code === "invalid_type" && value === undefined) return `is required (${issue.expected})`;
  const [first, ...others] = (issue.errors ?? []).map((alternative) =>
    alternative.map((inner) => reason(inner, value)).join(", "),
  );
  return first === undefined ? issue.message : [first, ...others].join("; or: ");
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, step) => (inner as Record<PropertyKey, unknown> | null | undefined)?.[step],
    value,
  );
}
