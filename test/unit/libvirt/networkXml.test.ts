import { expect, test } from "vitest";
import { networkRules } from "../../../plugins/libvirt/network/network.ts";
import { networkInputs } from "../../../plugins/libvirt/network/networkInputs.ts";
import { editNetwork, readNetwork, renderNetwork } from "../../../plugins/libvirt/network/networkXml.ts";
import { parseXml } from "../../../plugins/libvirt/xml/dom.ts";

const owner = { stack: "kvm-mirror/lab", resource: "kvm-a-storage" };
const uuid = "c0ffee00-0000-5000-8000-000000000001";
const nat = networkInputs.parse({
  name: "out",
  forward: { mode: "nat" },
  mtu: 1400,
  ips: [{ address: "192.0.2.1", prefix: 24, dhcp: { start: "192.0.2.10", end: "192.0.2.99" } }],
});
const bridge = networkInputs.parse({ name: "storage", forward: { mode: "bridge" }, bridge: { name: "br-storage" } });

test("a network behind NAT", () => {
  expect(renderNetwork(nat, uuid, owner)).toMatchInlineSnapshot(`
    "<network>
      <name>out</name>
      <uuid>c0ffee00-0000-5000-8000-000000000001</uuid>
      <metadata>
        <kvm-mirror:owner xmlns:kvm-mirror='https://pulumi.com/kvm-mirror' stack='kvm-mirror/lab' resource='kvm-a-storage'/>
      </metadata>
      <forward mode='nat'/>
      <mtu size='1400'/>
      <ip address='192.0.2.1' prefix='24'>
        <dhcp>
          <range start='192.0.2.10' end='192.0.2.99'/>
        </dhcp>
      </ip>
    </network>
    "
  `);
});

test("a network over a bridge of the host", () => {
  expect(renderNetwork(bridge, uuid, owner)).toMatchInlineSnapshot(`
    "<network>
      <name>storage</name>
      <uuid>c0ffee00-0000-5000-8000-000000000001</uuid>
      <metadata>
        <kvm-mirror:owner xmlns:kvm-mirror='https://pulumi.com/kvm-mirror' stack='kvm-mirror/lab' resource='kvm-a-storage'/>
      </metadata>
      <forward mode='bridge'/>
      <bridge name='br-storage'/>
    </network>
    "
  `);
});

test("an isolated network", () => {
  expect(renderNetwork(networkInputs.parse({ name: "lan" }), uuid, owner)).toMatchInlineSnapshot(`
    "<network>
      <name>lan</name>
      <uuid>c0ffee00-0000-5000-8000-000000000001</uuid>
      <metadata>
        <kvm-mirror:owner xmlns:kvm-mirror='https://pulumi.com/kvm-mirror' stack='kvm-mirror/lab' resource='kvm-a-storage'/>
      </metadata>
    </network>
    "
  `);
});

/** What libvirt makes of it: it chooses a bridge, adds a MAC address, and may print a netmask. */
const asDefined = `<network connections='1'>
  <name>out</name>
  <uuid>${uuid}</uuid>
  <metadata>
    <other:note xmlns:other='http://example.net/note'>keep me</other:note>
    <kvm-mirror:owner xmlns:kvm-mirror="https://pulumi.com/kvm-mirror" stack="kvm-mirror/lab" resource="kvm-a-storage"/>
  </metadata>
  <forward mode='nat'>
    <nat><port start='1024' end='65535'/></nat>
  </forward>
  <bridge name='virbr7' stp='on' delay='0'/>
  <mtu size='1400'/>
  <mac address='52:54:00:aa:bb:cc'/>
  <ip address='192.0.2.1' netmask='255.255.255.0'>
    <dhcp><range start='192.0.2.10' end='192.0.2.99'/></dhcp>
  </ip>
</network>`;

test("what libvirt chose by itself is no difference", () => {
  const { autostart: _autostart, active: _active, ...definition } = nat;
  expect(readNetwork(parseXml(asDefined, "a network"), nat)).toEqual(definition);
  expect(editNetwork(asDefined, nat, owner)).toBeUndefined();
});

test("an edit changes what differs and keeps the rest", () => {
  expect(
    editNetwork(
      asDefined,
      { ...nat, mtu: 9000, ips: [{ address: "192.0.2.1", prefix: 25 }] },
      { ...owner, resource: "renamed" },
    ),
  ).toMatchInlineSnapshot(`
    "<network connections="1">
      <name>out</name>
      <uuid>c0ffee00-0000-5000-8000-000000000001</uuid>
      <metadata>
        <other:note xmlns:other="http://example.net/note">keep me</other:note>
      <kvm-mirror:owner xmlns:kvm-mirror="https://pulumi.com/kvm-mirror" stack="kvm-mirror/lab" resource="renamed"/></metadata>
      <forward mode="nat">
        <nat><port start="1024" end="65535"/></nat>
      </forward>
      <bridge name="virbr7" stp="on" delay="0"/>
      <mac address="52:54:00:aa:bb:cc"/>
    <mtu size="9000"/><ip address="192.0.2.1" prefix="25"/></network>"
  `);
});

test("the name of a bridge that libvirt chose differs when another is asked for", () => {
  expect(editNetwork(asDefined, { ...nat, bridge: { name: "virbr9" } }, owner)).toContain('<bridge name="virbr9"/>');
});

test.each([
  [
    { forward: { mode: "bridge" as const } },
    ["bridge: forward mode bridge needs the name of an existing bridge of the host"],
  ],
  [
    { ...bridge, mtu: 9000, ips: nat.ips },
    [
      "ips: a bridge of the host has its addresses already: libvirt gives none in forward mode bridge",
      "mtu: the MTU of an existing bridge is the host's to set",
    ],
  ],
  [{ ...nat, ips: [] }, ["ips: forward mode nat needs an address of the host in the network"]],
  [nat, []],
  [bridge, []],
])("rules %#", (inputs, failures) => {
  expect(networkRules(inputs).map(({ property, reason }) => `${property}: ${reason}`)).toEqual(failures);
});

test.each([
  [{ name: "-x" }, "name"],
  [{ name: "a/b" }, "name"],
  [{ name: "lan", bridge: { name: "a-name-longer-than-15" } }, "bridge.name"],
  [{ name: "lan", ips: [{ address: "192.0.2.300", prefix: 24 }] }, "ips.0.address"],
  [{ name: "lan", ips: [{ address: "192.0.2.1", prefix: 33 }] }, "ips.0.prefix"],
  [{ name: "lan", mtu: 1500.5 }, "mtu"],
  [{ name: "lan", domain: "x" }, ""],
])("refused %#", (inputs, path) => {
  const { error } = networkInputs.safeParse(inputs);
  expect(error?.issues.map((issue) => issue.path.join("."))).toEqual([path]);
});
