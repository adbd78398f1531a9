import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { decidePair, type DecidedPair, siteName } from "../../../src/pair/decidePair.ts";
import { type Changes, changed } from "../config/sample.ts";

const program = { project: "shop", stack: "prod" };

/** The pair of the sample's stack file, with changes. */
function decided(changes: Changes = {}, name = "storage"): Promise<DecidedPair> {
  const { secret, ...rest } = changed(changes);
  return decidePair(name, { ...rest, secret: pulumi.secret(secret) }, program);
}

describe("what is decided of a pair", () => {
  it("is the plan of a stack that is named after the program's and the pair", async () => {
    const { plan } = await decided();
    expect(plan.stack).toBe("prod.storage");
    expect(plan.owner).toBe("shop/prod.storage");
    expect(plan.mirrors.map(({ osDisk }) => osDisk.volumeName)).toEqual([
      "prod.storage.mirror-a.os.qcow2",
      "prod.storage.mirror-b.os.qcow2",
    ]);
  });

  it("has other addresses of network cards and other keys than another pair with the same arguments", async () => {
    const secret = `stack-${"0f1e2d3c4b5a69788796a5b4c3d2e1f0"}`;
    const [one, other] = [await decided({ secret }), await decided({ secret }, "archive")];
    expect(one.plan.mirrors[0]?.nics[0]?.mac).not.toBe(other.plan.mirrors[0]?.nics[0]?.mac);
    expect(one.keys.drbdSharedSecret("r0")).not.toBe(other.keys.drbdSharedSecret("r0"));
    expect(one.keys.drbdSharedSecret("r0")).toBe((await decided({ secret })).keys.drbdSharedSecret("r0"));
  });

  it("takes values of other resources that are known", async () => {
    const volumes = pulumi.output({ r9: { size: "1GiB", minor: 9, exports: { nbd: {} } } });
    const { plan } = await decided({ volumes, clients: {} });
    expect(plan.volumes.map(({ name }) => name)).toEqual(["r9"]);
  });

  it("takes a key without a value for one that was left out, as the SDKs send it", async () => {
    expect((await decided({ verify: undefined, clients: undefined })).plan.clients).toEqual([]);
  });

  it("says what holds although the arguments say something else, in their words", async () => {
    const replication = { wfcTimeout: 10, degrWfcTimeout: 90 };
    const { notes } = await decided({ "volumes.r0.replication": replication });
    expect(notes).toEqual([expect.stringMatching(/^volumes\.r0\.replication\.degrWfcTimeout = 90: /)]);
  });
});

describe("a mistake in the arguments", () => {
  it("is shown as its message alone, by the argument's name", async () => {
    const failed = decided({ "volumes.r0.size": "5GB" });
    await expect(failed).rejects.toSatisfy((error) => pulumi.RunError.isInstance(error));
    await expect(failed).rejects.toThrow(
      "MirrorPair storage has one mistake; nothing was changed.\n" +
        '  - volumes.r0.size = "5GB": has the unit GB; sizes are in units of 1024: write 5GiB',
    );
  });

  it("is a secret that is none to Pulumi", async () => {
    const { secret } = changed({});
    const message = await decidePair("storage", changed({}), program).catch(({ message: said }: Error) => said);
    expect(message).toContain("  - secret: is not encrypted");
    expect(message).not.toContain(secret);
  });

  it("is a webhook that is no secret to Pulumi, and not one that is", async () => {
    const webhook = "https://chat.example.net/hooks/5f0c9d2e";
    const plain = decided({ monitoring: { notify: { webhook } } });
    await expect(plain).rejects.toThrow("  - monitoring.notify.webhook: is not encrypted");
    const { notify } = await decided({ monitoring: { notify: { webhook: pulumi.secret(webhook) } } });
    expect(notify).toEqual({ webhook });
  });

  it("is a key that the configuration does not have", async () => {
    await expect(decided({ volume: {} })).rejects.toThrow("  - volume: ");
  });

  it.each(["a.b", "-a", "", "a/b"])("is the name %j", async (name) => {
    await expect(decided({}, name)).rejects.toThrow("its name");
  });

  it("has no name that two pairs could share", () => {
    expect(siteName("a.b", "c")).not.toBe(siteName("a", "c"));
  });
});
