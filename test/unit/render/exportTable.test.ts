import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import type { Plan } from "../../../src/plan/plan.ts";
import type { VolumePlan } from "../../../src/plan/replication/volumes.ts";
import { admittedBy } from "../../../src/render/exports/exportProtocol.ts";
import { exportTablePath, renderExportTable } from "../../../src/render/exports/exportTable.ts";
import { renderGroupDocument } from "../../../src/render/placement/groupDocument.ts";
import { groupOf, planOf, volumeOf } from "./sample.ts";

const tableOf = (plan: Plan): string => renderExportTable(groupOf(plan), plan.volumes);

describe("the table of a group's exports", () => {
  it("has one line an export: what a client names, the device, and who is admitted", () => {
    expect(exportTablePath(groupOf(planOf()))).toBe("/etc/kvm-mirror/main.exports");
    expect(tableOf(planOf())).toMatchInlineSnapshot(`
      "# volume protocol address:port/name device admitted
      r0 nbd 10.20.0.10:10809/r0 /dev/drbd0 10.20.0.2
      r1 nbd 10.20.0.10:10809/spare /dev/drbd1 -
      r1 iscsi 10.20.0.10:3260/iqn.2026-11.net.example:r1 /dev/drbd1 10.20.0.3
      "
    `);
  });

  it("follows the port, and the client that moves", () => {
    const changes = { "groups.main.nbdPort": 20809, "clients.app-1.active": "kvm-b" };
    expect(tableOf(planOf(changes))).toContain("\nr0 nbd 10.20.0.10:20809/r0 /dev/drbd0 10.20.0.3\n");
  });

  it("admits nobody where no client has the disk", () => {
    const plan = planOf({ "clients.db-1": undefined, "clients.app-1.disks": [] });
    const admitted = tableOf(plan)
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => line.split(" ")[4]);
    expect(admitted).toEqual(["-", "-", "-"]);
  });

  it("is only a line of names where nothing is exported", () => {
    expect(renderExportTable(groupOf(planOf()), [])).toBe("# volume protocol address:port/name device admitted\n");
  });

  it("names an address once, however many clients are there, and several with commas", () => {
    const volume = volumeOf(planOf(), "r0");
    const nbd = (client: string, address: string) => ({ client, protocol: "nbd" as const, address });
    const admissions = [nbd("a", "10.20.0.2"), nbd("b", "10.20.0.3"), nbd("c", "10.20.0.2")];
    expect(admittedBy("nbd", { ...volume, admissions })).toEqual(["10.20.0.2", "10.20.0.3"]);
    expect(admittedBy("iscsi", { ...volume, admissions })).toEqual([]);
    expect(renderExportTable(groupOf(planOf()), [{ ...volume, admissions }])).toContain(
      "/dev/drbd0 10.20.0.2,10.20.0.3\n",
    );
  });

  const r0 = volumeOf(planOf(), "r0");
  const admitting = (address: string) => ({ admissions: [{ client: "a", protocol: "nbd" as const, address }] });
  it.each<[string, Partial<VolumePlan>]>([
    ["a volume", { name: "r 0" }],
    ["an export", { exports: { nbd: { name: "r0 /dev/drbd1", port: 10809 } } }],
    ["a device", { device: "/dev/drbd0\n" }],
    ["an address", admitting("10.20.0.2 10.20.0.3")],
    ["two addresses in one", admitting("10.20.0.2,10.20.0.3")],
    ["an empty address", admitting("")],
  ])("refuses %s that would be more than one word", (_, changes) => {
    expect(() => renderExportTable(groupOf(planOf()), [{ ...r0, ...changes }])).toThrow(
      "cannot be written into a configuration file",
    );
  });

  it("is one that lib/exports.sh takes, whatever characters a name may have", () => {
    const reader = readFileSync(resolve(import.meta.dirname, "../../../scripts/guest/exports/lib/exports.sh"), "utf8");
    const [, columns] = /^export_columns='(.*)'$/m.exec(reader) ?? [];
    const [, row = ""] = /^export_row='(.*)'$/m.exec(reader) ?? [];
    const changes = {
      "volumes.r0.exports.nbd.name": "A-b_c.9",
      "volumes.r1.exports.iscsi.iqn": "iqn.2026-11.net.ex-ample:r1:a.b-c",
    };
    const [first, ...rows] = tableOf(planOf(changes)).trimEnd().split("\n");
    expect([first, rows.length]).toEqual([columns, 3]);
    for (const line of rows) expect(line).toMatch(new RegExp(row));
    expect("r0 nbd 10.20.0.10:10809/r0 /dev/drbd0 10.20.0.2,").not.toMatch(new RegExp(row));
  });

  it("says what the servers' own files say: exports, devices and admissions", () => {
    const plan = planOf();
    const document = renderGroupDocument(groupOf(plan), plan.volumes);
    const rows = tableOf(plan)
      .split("\n")
      .slice(1, -1)
      .map((row) => row.split(" "));
    expect(rows).toHaveLength(3);
    for (const [volume, protocol, place = "", device, admitted] of rows) {
      const name = place.slice(place.indexOf("/") + 1);
      const addresses = admitted === "-" ? [] : (admitted ?? "").split(",");
      if (protocol === "nbd") {
        const list = `/etc/nbd-server/kvm-mirror-main-${volume}.allow`;
        expect(document).toContain(`[${name}]\nexportname = ${device}\nauthfile = ${list}\n`);
        expect(`${document}==> `).toContain(`==> ${list} 0644\n${addresses.map((at) => `${at}\n`).join("")}==> `);
      } else {
        const target = document.slice(document.indexOf(`<target ${name}>`)).split("</target>")[0] ?? "";
        expect(target).toContain(`<backing-store ${device}>`);
        expect(target.match(/(?<=initiator-address ).*/g)).toEqual(addresses.length === 0 ? ["127.0.0.1"] : addresses);
      }
    }
    expect(document.match(/^exportname = /gm)).toHaveLength(2);
    expect(document.match(/^<target /gm)).toHaveLength(1);
  });
});
