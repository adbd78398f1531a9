import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { openHosts } from "../../plugins/libvirt/host/hosts.ts";
import { image } from "../../plugins/libvirt/image.ts";
import type { ImageInputs } from "../../plugins/libvirt/image.ts";
import { callOf } from "./testCall.ts";
import { startHost, until } from "./testHost.ts";
import type { TestHost } from "./testHost.ts";

const hosts = openHosts();
const kind = image(hosts);
let host: TestHost;
let server: ChildProcess;
let sha256: string;
let wanted: ImageInputs;

/**
 * On the operator's side: an https server that gives an image whole, halts
 * half-way under another path, and knows the list of checksums.
 */
const serverText = `
import { createServer } from "node:https";
import { readFileSync } from "node:fs";
const [key, cert, image, list] = process.argv.slice(1).map((file) => readFileSync(file));
createServer({ key, cert }, (request, response) => {
  if (request.url === "/whole/disk.qcow2") response.end(image);
  else if (request.url === "/whole/SHA256SUMS") response.end(list);
  else if (request.url === "/stuck/disk.qcow2")
    response.writeHead(200, { "content-length": image.length }).write(image.subarray(0, image.length / 2));
  else response.writeHead(404).end();
}).listen(8443, "10.30.0.1", () => console.log("listening"));
`;

beforeAll(async () => {
  host = startHost("m");
  const tmp = host.tmpDir;
  execFileSync("qemu-img", ["create", "-q", "-f", "qcow2", `${tmp}/disk.qcow2`, "8M"]);
  execFileSync("qemu-io", ["-c", "write -P 0x5a 0 4M", `${tmp}/disk.qcow2`], { stdio: "ignore" });
  sha256 = createHash("sha256")
    .update(readFileSync(`${tmp}/disk.qcow2`))
    .digest("hex");
  writeFileSync(`${tmp}/SHA256SUMS`, `${"0".repeat(64)} *other.qcow2\n${sha256} *disk.qcow2\n`);
  wanted = {
    pool: "default",
    name: "base.qcow2",
    source: "/tmp/disk.qcow2",
    checksum: `sha256:${sha256}`,
    format: "qcow2",
  };
  const certificate = [
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-days",
    "2",
    "-subj",
    "/CN=images",
    "-addext",
    "subjectAltName=IP:10.30.0.1",
  ];
  execFileSync("openssl", [...certificate, "-keyout", `${tmp}/key.pem`, "-out", `${tmp}/cert.pem`], {
    stdio: "ignore",
  });
  // The host trusts it; nobody else does.
  host.run("mount", "--bind", "/tmp/cert.pem", "/etc/ssl/certs/ca-certificates.crt");
  const [enter = "", ...rest] = host.asOperator;
  server = spawn(
    enter,
    [
      ...rest,
      process.execPath,
      "--input-type=module",
      "--eval",
      serverText,
      ...["key.pem", "cert.pem", "disk.qcow2", "SHA256SUMS"].map((file) => `${tmp}/${file}`),
    ],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  await new Promise((resolve) => server.stdout!.once("data", resolve));
});
afterAll(async () => {
  server.kill();
  await hosts.close();
  host.down();
});
afterEach(() => {
  for (const name of readdirSync(host.poolDir)) rmSync(`${host.poolDir}/${name}`);
});

const inPool = () => readdirSync(host.poolDir);

test.each<[string, () => Partial<ImageInputs>]>([
  ["a path on the host, checksum given", () => ({})],
  ["a path on the host, list of checksums on the host", () => ({ checksum: "sha256sums:/tmp/SHA256SUMS" })],
  [
    "https, list of checksums by https",
    () => ({
      source: "https://10.30.0.1:8443/whole/disk.qcow2",
      checksum: "sha256sums:https://10.30.0.1:8443/whole/SHA256SUMS",
    }),
  ],
])("an image from %s", async (_where, change) => {
  const inputs = { ...wanted, ...change() };
  const { id, state } = await kind.create(host.config, inputs, callOf("base"));
  expect({ id, state }).toEqual({
    id: "default/base.qcow2",
    state: { ...inputs, path: "/var/lib/libvirt/images/base.qcow2", sha256, mark: "kvm-mirror/test base" },
  });
  expect(inPool()).toEqual(["base.qcow2"]);
  expect(host.run("virsh", "vol-list", "default")).toContain("base.qcow2");
  expect(await kind.read(host.config, id, callOf("base"), { inputs, state })).toEqual({ id, inputs, state });
  await kind.delete(host.config, id, state, callOf("base"));
  expect(inPool()).toEqual([]);
});

test.each<[string, () => Partial<ImageInputs>, string | RegExp]>([
  [
    "wrong checksum",
    () => ({ checksum: `sha256:${"0".repeat(64)}` }),
    /has sha256 [0-9a-f]{64}, expected 0{64}: nothing was kept$/,
  ],
  ["no such file", () => ({ source: "/tmp/none.qcow2" }), "root@10.30.0.2: fetch-image: /tmp/none.qcow2 is not there"],
  [
    "not in the list",
    () => ({ source: "/tmp/cert.pem", checksum: "sha256sums:/tmp/SHA256SUMS" }),
    "/tmp/SHA256SUMS has no sha256 of cert.pem",
  ],
  ["404", () => ({ source: "https://10.30.0.1:8443/none.qcow2" }), "The requested URL returned error: 404"],
  ["nobody listens", () => ({ source: "https://10.30.0.1:9/disk.qcow2" }), "Failed to connect to 10.30.0.1 port 9"],
])("refused, nothing kept: %s", async (_what, change, message) => {
  await expect(kind.create(host.config, { ...wanted, ...change() }, callOf("base"))).rejects.toThrow(message);
  expect(inPool()).toEqual([]);
});

test("an image that is of another format, or refers to another file, is refused", async () => {
  const hash = (file: string) => createHash("sha256").update(readFileSync(file)).digest("hex");
  writeFileSync(`${host.tmpDir}/text.qcow2`, "no image at all".repeat(100));
  await expect(
    kind.create(
      host.config,
      { ...wanted, source: "/tmp/text.qcow2", checksum: `sha256:${hash(`${host.tmpDir}/text.qcow2`)}` },
      callOf("base"),
    ),
  ).rejects.toThrow("/tmp/text.qcow2 is not of format qcow2");
  execFileSync("qemu-img", [
    "create",
    "-q",
    "-u",
    "-f",
    "qcow2",
    "-b",
    "/etc/shadow",
    "-F",
    "raw",
    `${host.tmpDir}/thief.qcow2`,
    "1M",
  ]);
  await expect(
    kind.create(
      host.config,
      { ...wanted, source: "/tmp/thief.qcow2", checksum: `sha256:${hash(`${host.tmpDir}/thief.qcow2`)}` },
      callOf("base"),
    ),
  ).rejects.toThrow("/tmp/thief.qcow2 refers to another file: such an image is not safe to use");
  expect(inPool()).toEqual([]);
});

test("a download that stops half-way can be cancelled and leaves nothing", async () => {
  const controller = new AbortController();
  const create = kind.create(
    host.config,
    { ...wanted, source: "https://10.30.0.1:8443/stuck/disk.qcow2" },
    callOf("base", controller.signal),
  );
  const outcome = create.catch((error: unknown) => (error as Error).message);
  await until(
    "half the image",
    () =>
      existsSync(`${host.poolDir}/.base.qcow2.partial`) &&
      readFileSync(`${host.poolDir}/.base.qcow2.partial`).length > 1e6,
  );
  controller.abort();
  expect(await outcome).toBe("root@10.30.0.2: fetch-image: stopped");
  await until("the host has cleaned up", () => inPool().length === 0);
});

test("an image that is there with the right checksum is taken over, also when somebody else put it there", async () => {
  writeFileSync(`${host.poolDir}/base.qcow2`, readFileSync(`${host.tmpDir}/disk.qcow2`));
  const { state } = await kind.create(host.config, { ...wanted, source: "/tmp/none.qcow2" }, callOf("base"));
  expect(state.sha256).toBe(sha256);
});

test("another image of that name is refused", async () => {
  writeFileSync(`${host.poolDir}/base.qcow2`, "foreign");
  await expect(kind.create(host.config, wanted, callOf("base"))).rejects.toThrow(
    /\/var\/lib\/libvirt\/images\/base.qcow2 is there and its sha256 is .*: left alone/,
  );
  rmSync(`${host.poolDir}/base.qcow2`);
  await kind.create(host.config, wanted, callOf("base"));
  await expect(kind.create(host.config, wanted, callOf("other"))).rejects.toThrow(
    'belongs to resource "base" of kvm-mirror/test: left alone',
  );
});

test("a new checksum replaces the image at once; the old one stays when the new cannot be had", async () => {
  const { id, state } = await kind.create(host.config, wanted, callOf("base"));
  execFileSync("qemu-img", ["create", "-q", "-f", "qcow2", `${host.tmpDir}/new.qcow2`, "16M"]);
  const newHash = createHash("sha256")
    .update(readFileSync(`${host.tmpDir}/new.qcow2`))
    .digest("hex");
  const news = { ...wanted, source: "/tmp/new.qcow2", checksum: `sha256:${newHash}` };
  await expect(
    kind.update(host.config, id, { inputs: wanted, state }, { ...news, source: "/tmp/none" }, callOf("base")),
  ).rejects.toThrow("/tmp/none is not there");
  expect(
    createHash("sha256")
      .update(readFileSync(`${host.poolDir}/base.qcow2`))
      .digest("hex"),
  ).toBe(sha256);
  expect(await kind.update(host.config, id, { inputs: wanted, state }, news, callOf("base"))).toMatchObject({
    sha256: newHash,
  });
  expect(inPool()).toEqual(["base.qcow2"]);
});

test("import tells the checksum; a missing image is gone", async () => {
  await kind.create(host.config, wanted, callOf("base"));
  expect((await kind.read(host.config, "default/base.qcow2", callOf("base")))?.inputs).toEqual({
    ...wanted,
    source: "/var/lib/libvirt/images/base.qcow2",
  });
  expect(await kind.read(host.config, "default/none.qcow2", callOf("base"))).toBeUndefined();
});
