/** What the TypeScript SDKs of the providers say, read with the TypeScript compiler: arguments, outputs, words. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

/** `string`, `"a" | "b"`, `T[]` and objects, with `pulumi.Input` taken off. */
export type Shape = string | { readonly array: Shape } | { readonly object: Members };
export type Members = Readonly<Record<string, Member>>;

export interface Member {
  readonly optional: boolean;
  readonly shape: Shape;
  readonly words: string;
}

export interface SdkClass {
  readonly token: string;
  readonly words: string;
  /** The interface of its arguments. */
  readonly args: Members;
  /** The properties that it declares: what programs read. */
  readonly declared: Members;
}

export function readSdk(directory: string): Map<string, SdkClass> {
  const files = readdirSync(directory).filter((name) => name.endsWith(".ts"));
  const sources = files.map((name) =>
    ts.createSourceFile(name, readFileSync(join(directory, name), "utf8"), ts.ScriptTarget.Latest, true),
  );
  const interfaces = new Map(
    sources.flatMap(({ statements }) =>
      statements.filter(ts.isInterfaceDeclaration).map((node) => [node.name.text, node] as const),
    ),
  );
  const classes = sources.flatMap(({ statements }) => statements.filter(ts.isClassDeclaration));
  return new Map(classes.map((node) => [node.name?.text ?? "", readClass(node)]));

  function readClass(node: ts.ClassDeclaration): SdkClass {
    const make = node.members.find(ts.isConstructorDeclaration);
    const args = make?.parameters.find(({ name }) => name.getText() === "args")?.type;
    const token = /super\(\s*"([^"]+)"/.exec(make?.getText() ?? "")?.[1] ?? "";
    const shape = args === undefined ? { object: {} } : shapeOf(args);
    const declared = node.members.filter(ts.isPropertyDeclaration);
    return { token, words: wordsOf(node), args: membersIn(shape), declared: membersOf(declared) };
  }

  function membersOf(members: readonly (ts.PropertySignature | ts.PropertyDeclaration)[]): Members {
    return Object.fromEntries(
      members.map((member) => [
        member.name.getText(),
        {
          optional: member.questionToken !== undefined,
          shape: member.type === undefined ? "any" : shapeOf(member.type),
          words: wordsOf(member),
        },
      ]),
    );
  }

  function shapeOf(node: ts.TypeNode): Shape {
    if (ts.isArrayTypeNode(node)) return { array: shapeOf(node.elementType) };
    if (ts.isTypeLiteralNode(node)) return { object: membersOf(node.members.filter(ts.isPropertySignature)) };
    if (ts.isUnionTypeNode(node)) return union(node.types);
    if (!ts.isTypeReferenceNode(node)) return node.getText();
    const name = node.typeName.getText();
    const [inner] = node.typeArguments ?? [];
    if ((name === "pulumi.Input" || name === "pulumi.Output") && inner !== undefined) return shapeOf(inner);
    if (name === "Record" && node.getText() === "Record<string, never>") return { object: {} };
    const found = interfaces.get(name);
    if (found === undefined) throw new Error(`${directory}: no interface ${name}`);
    return { object: membersOf(found.members.filter(ts.isPropertySignature)) };
  }

  function union(types: readonly ts.TypeNode[]): Shape {
    const [only, ...others] = types.filter((type) => type.getText() !== "undefined");
    if (only !== undefined && others.length === 0) return shapeOf(only);
    return types
      .map((type) => type.getText())
      .sort()
      .join(" | ");
  }
}

function membersIn(shape: Shape): Members {
  if (typeof shape === "string" || !("object" in shape)) throw new Error("arguments that are no object");
  return shape.object;
}

/** The doc comment as one line. */
function wordsOf(node: ts.Node): string {
  const [doc] = ts.getJSDocCommentsAndTags(node);
  return (ts.getTextOfJSDocComment(doc?.comment) ?? "").replace(/\s+/g, " ").trim();
}
