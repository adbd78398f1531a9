import { execFileSync } from "node:child_process";
import { beforeAll, expect, test } from "vitest";
import { domainPower } from "../../plugins/libvirt/domain/domainPower.ts";
import { volume } from "../../plugins/libvirt/volume.ts";
import { PartialFailure } from "../../plugins/serving/resource.ts";
import { dataDisk, domainHost, MiB, off, on } from "./domainHost.ts";
import { callOf } from "./testCall.ts";
import type { TestHost } from "./testHost.ts";

const place = domainHost("p");
const { hosts, kind, domstate, read, update } = place;
const power = domainPower(hosts);
let host: TestHost;
beforeAll(() => {
  host = place.host;
});

test("a domain that is defined but does not start is kept, and the next try goes on", async () => {
  const wanted = { ...on, disks: [...on.disks, dataDisk("late", "vdc")] };
  const failure = await kind.create(host.config, wanted, callOf("vm")).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(PartialFailure);
  expect(failure).toMatchObject({
    id: "tiny",
    state: { name: "tiny" },
    message: expect.stringContaining("domain tiny is defined, but does not start: root@10.30.0.2: put-domain:"),
  });
  expect((failure as Error).message).toContain("/var/lib/libvirt/images/late");
  host.run("virsh", "vol-create-as", "default", "late", String(MiB), "--format", "raw");
  await update(wanted, wanted);
  expect(domstate()).toBe("running");
});

test("a paused domain counts as on and is reported", async () => {
  await kind.create(host.config, on, callOf("vm"));
  host.run("virsh", "suspend", "tiny");
  const call = callOf("vm");
  expect((await read(on, call))?.inputs).toEqual(on);
  expect(call.said).toEqual([
    "warning: domain tiny on root@10.30.0.2 is paused (user): mend the cause, then virsh resume tiny",
  ]);
});

test("running: false shuts a domain down", async () => {
  await kind.create(host.config, on, callOf("vm"));
  await update(on, off);
  expect(domstate()).toBe("shut off");
});

test("when it was last started is known, and a preview says that it will be another time", async () => {
  const { state: first } = await kind.create(host.config, on, callOf("vm"));
  expect(first.lastStart).toMatch(/^20\d\d-\d\d-\d\dT/);
  const again = (state: typeof first, to = on) =>
    kind.update(host.config, "tiny", { inputs: on, state }, to, callOf("vm"));
  expect(await again(first, { ...on, title: "Changed" })).toMatchObject({ lastStart: first.lastStart });
  expect(kind.preview?.(on, first)).toEqual({});
  host.run("virsh", "destroy", "tiny");
  const seen = await kind.read(host.config, "tiny", callOf("vm"), { inputs: on, state: first });
  expect(seen?.state).toMatchObject({ running: false, lastStart: first.lastStart });
  expect(kind.preview?.(on, seen?.state)).toEqual({ lastStart: undefined });
  const second = await again(seen?.state ?? first);
  expect(second.lastStart > first.lastStart).toBe(true);
  expect(domstate()).toBe("running");
});

test("running left out: power is nobody's business here", async () => {
  const { running: _running, ...managed } = on;
  await kind.create(host.config, managed, callOf("vm"));
  expect(domstate()).toBe("shut off");
  expect((await read(managed))?.inputs).toEqual(managed);
  host.run("virsh", "start", "tiny");
  expect((await read(managed))?.inputs).toEqual(managed);
  await update(managed, { ...managed, title: "Changed" });
  expect(domstate()).toBe("running");
});

test("DomainState starts, sees, mends, shuts down", async () => {
  const { running: _running, ...managed } = on;
  await kind.create(host.config, managed, callOf("vm"));
  const inputs = { domain: "tiny", running: true, shutdownTimeout: 1 };
  const { id, state } = await power.create(host.config, inputs, callOf("state"));
  expect({ id, state, is: domstate() }).toEqual({ id: "tiny", state: inputs, is: "running" });
  host.run("virsh", "destroy", "tiny");
  expect((await power.read(host.config, id, callOf("state"), { inputs, state }))?.inputs).toEqual({
    ...inputs,
    running: false,
  });
  await power.update(host.config, id, { inputs, state }, inputs, callOf("state"));
  expect(domstate()).toBe("running");
  await power.delete(host.config, id, state, callOf("state"));
  expect(domstate()).toBe("shut off");
  host.run("virsh", "undefine", "tiny");
  await power.delete(host.config, id, state, callOf("state"));
  expect(await power.read(host.config, id, callOf("state"), { inputs, state })).toBeUndefined();
  await expect(power.create(host.config, inputs, callOf("state"))).rejects.toThrow(
    "root@10.30.0.2: start-domain: there is no domain tiny",
  );
});

test("a volume in use grows under the running domain and cannot be deleted", async () => {
  const disks = volume(hosts);
  const inputs = { pool: "default", name: "held", capacity: 8 * MiB, format: "raw" as const };
  const made = await disks.create(host.config, inputs, callOf("held"));
  await kind.create(host.config, { ...on, disks: [dataDisk("held", "vdb")] }, callOf("vm"));
  const state = await disks.update(
    host.config,
    made.id,
    { inputs, state: made.state },
    { ...inputs, capacity: 12 * MiB },
    callOf("held"),
  );
  expect(host.run("virsh", "domblkinfo", "tiny", "vdb")).toMatch(/Capacity: +12582912/);
  expect(execFileSync("stat", ["--format", "%s", `${host.poolDir}/held`], { encoding: "utf8" }).trim()).toBe(
    "12582912",
  );
  await expect(disks.delete(host.config, made.id, state, callOf("held"))).rejects.toThrow(
    "held is in use: running domain tiny has it open; shut it down first",
  );
  host.run("virsh", "destroy", "tiny");
  await disks.delete(host.config, made.id, state, callOf("held"));
});
