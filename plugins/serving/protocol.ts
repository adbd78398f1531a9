/** The provider's answers as protobuf messages. */
import providerPb from "@pulumi/pulumi/proto/provider_pb.js";
import type { Checked } from "./check.ts";
import { topLevel } from "./diff.ts";
import type { Change } from "./diff.ts";
import { formatPath } from "./propertyPath.ts";
import type { CheckFailure as Failure } from "./resource.ts";
import { toStruct } from "./wire.ts";
import type { PlainObject } from "./wire.ts";

const { CheckFailure, CheckResponse, DiffResponse, PropertyDiff } = providerPb;

const KINDS = {
  add: [PropertyDiff.Kind.ADD, PropertyDiff.Kind.ADD_REPLACE],
  delete: [PropertyDiff.Kind.DELETE, PropertyDiff.Kind.DELETE_REPLACE],
  update: [PropertyDiff.Kind.UPDATE, PropertyDiff.Kind.UPDATE_REPLACE],
} as const;

export function checkResponse(checked: Checked): InstanceType<typeof CheckResponse> {
  const response = new CheckResponse();
  response.setInputs(toStruct(checked.inputs));
  response.setFailuresList(checked.failures.map((failure) => checkFailure(failure, checked.inputs)));
  return response;
}

/**
 * The engine looks the property up among the top-level inputs and
 * prints its value in the message: good for a plain one,
 * misleading for a nested path (`value {<nil>}`), unreadable for the rest. There the path goes into the reason instead.
 */
function checkFailure({ property, reason }: Failure, inputs: PlainObject): InstanceType<typeof CheckFailure> {
  const failure = new CheckFailure();
  const plain = ["string", "number", "boolean"].includes(typeof inputs[property]);
  failure.setProperty(plain ? property : "");
  failure.setReason(plain ? reason : `${property}: ${reason}`);
  return failure;
}

/** `deleteFirst`: what is replaced goes before its successor comes. */
export function diffResponse(changes: readonly Change[], deleteFirst: boolean): InstanceType<typeof DiffResponse> {
  const response = new DiffResponse();
  const replacing = changes.filter(({ replace }) => replace);
  response.setChanges(changes.length > 0 ? DiffResponse.DiffChanges.DIFF_SOME : DiffResponse.DiffChanges.DIFF_NONE);
  response.setDiffsList(topLevel(changes));
  response.setReplacesList(topLevel(replacing));
  response.setDeletebeforereplace(deleteFirst && replacing.length > 0);
  response.setHasdetaileddiff(true);
  for (const { path, kind, replace } of changes) {
    const property = new PropertyDiff();
    property.setKind(KINDS[kind][replace ? 1 : 0]);
    property.setInputdiff(true);
    response.getDetaileddiffMap().set(formatPath(path), property);
  }
  return response;
}
