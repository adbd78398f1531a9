import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parse } from "yaml";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const project = parse(readFileSync(join(root, "Pulumi.yaml"), "utf8")) as {
  readonly main: string;
  readonly plugins: { readonly providers: readonly { readonly name: string; readonly path: string }[] };
};

/** The official language host asks the registry for the plugin of each Pulumi package below the program's directory. */
test("the program's directory holds no package of ours, whose plugins are in no registry", () => {
  expect(project.main).toBe("src/main.ts");
  const below = readdirSync(join(root, dirname(project.main)), { recursive: true, encoding: "utf8" });
  expect(below.filter((path) => /(^|\/)(package\.json|node_modules)$/.test(path))).toEqual([]);
});

test("each plugin of ours is named with its folder, which has what the engine starts", () => {
  expect(project.plugins.providers.map(({ name }) => name).sort()).toEqual(["cloudinit", "libvirt"]);
  for (const { name, path } of project.plugins.providers)
    expect(existsSync(join(root, path, `pulumi-resource-${name}`)), name).toBe(true);
});
