import { DOMParser } from "@xmldom/xmldom";
import { describe, expect, it } from "vitest";
import type { ClientDiskPlan } from "../../../src/plan/plan.ts";
import { renderDiskXml } from "../../../src/render/diskXml.ts";
import { planOf } from "./sample.ts";

function diskOf(client: string): ClientDiskPlan {
  const disk = planOf().clients.find(({ name }) => name === client)?.disks[0];
  if (!disk) throw new Error(`the sample has no disk of ${client}`);
  return disk;
}

describe("a client's disk", () => {
  it("by NBD", () => {
    expect(renderDiskXml(diskOf("app-1"), "kvm-a")).toMatchInlineSnapshot(`
      "<disk type='network' device='disk'>
        <driver name='qemu' type='raw' cache='none' error_policy='stop' rerror_policy='stop'/>
        <source protocol='nbd' name='r0'>
          <host name='10.20.0.10' port='10809'/>
          <reconnect delay='300'/>
        </source>
        <target dev='vdb' bus='virtio'/>
        <serial>r0</serial>
      </disk>
      "
    `);
  });

  it("by iSCSI, with the initiator of the host", () => {
    expect(renderDiskXml(diskOf("db-1"), "kvm-b")).toMatchInlineSnapshot(`
      "<disk type='network' device='disk'>
        <driver name='qemu' type='raw' cache='none' error_policy='stop' rerror_policy='stop'/>
        <source protocol='iscsi' name='iqn.2026-11.net.example:r1/1'>
          <host name='10.20.0.10' port='3260'/>
          <initiator>
            <iqn name='iqn.2026-11.net.example:r1:db-1.kvm-b'/>
          </initiator>
        </source>
        <target dev='sdc' bus='sata'/>
        <serial>r1</serial>
      </disk>
      "
    `);
  });

  it("has an initiator on the client's hosts only", () => {
    expect(() => renderDiskXml(diskOf("db-1"), "kvm-a")).toThrow("disk sdc of volume r1 has no initiator name for host kvm-a");
  });

  it("keeps odd names as they are, as XML", () => {
    const sourceName = `a'b"<c>&d`;
    const xml = renderDiskXml({ ...diskOf("app-1"), sourceName }, "kvm-a");
    expect(new DOMParser().parseFromString(xml, "text/xml").getElementsByTagName("source")[0]?.getAttribute("name")).toBe(sourceName);
    expect(() => renderDiskXml({ ...diskOf("app-1"), serial: "\u0001" }, "kvm-a")).toThrow("control characters");
  });
});
