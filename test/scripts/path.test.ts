import { hostname } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Machine } from "./machine.ts";

let machine: Machine;
/** What the switch between the mirrors carries; frames that are too large are gone, nobody is told. */
const switchCarries = (mtu: number) => machine.ok(`for port in p0 p1; do ip -n switch link set $port mtu ${mtu}; done`);
const peerIs = (state: "up" | "down") => machine.ok(`ip -n peer link set eth0 ${state}`);
const up = () => machine.guest("probe-path.sh", ["the-peer", "10.10.0.11", "10.10.0.12"]);
const paths = () => (JSON.parse(machine.guest("state.sh").stdout) as { paths: unknown[] }).paths;
const watch = () => machine.guest("watch-peer.sh", ["--once"]).stderr;
const replication = (carries: number | null) => ({
  network: "replication",
  interface: "replication0",
  to: "the-peer",
  address: "10.10.0.12",
  bytes: 9000,
  carries,
});

/** The mirror, a switch with a bridge, and the peer: real packets, in namespaces of this machine alone. */
beforeAll(async () => {
  machine = await Machine.start();
  machine.ok(`ip netns add switch && ip netns add peer
    ip link add replication0 mtu 9000 type veth peer name p0 mtu 9000 netns switch
    ip -n peer link add eth0 mtu 9000 type veth peer name p1 mtu 9000 netns switch
    ip -n switch link add br0 mtu 9000 type bridge
    for port in p0 p1 br0; do ip -n switch link set $port up; done
    for port in p0 p1; do ip -n switch link set $port master br0; done
    ip link set replication0 up && ip -n peer link set eth0 up
    ip addr add 10.10.0.11/24 dev replication0 && ip -n peer addr add 10.10.0.12/24 dev eth0`);
  machine.volume("r0", 0);
  machine.marksDisk();
  machine.prepareMarks();
  machine.ok("drbdadm state r0 SyncSource Primary Secondary UpToDate Inconsistent");
});
afterAll(() => machine?.stop());

const trouble = (carries: number) =>
  `the MTU of replication0 is 9000, and the path to the-peer (10.10.0.12) carries no packet of more than ${carries} ` +
  "bytes. DRBD connects over it and then waits for ever for the first larger packet, and clients with it. A bridge " +
  "or a network card of a KVM host, or a switch between the two, has the smaller MTU (on each host: ip -br link; ip " +
  "link): give it 9000";

describe("a path that carries less than the MTU of its ends", () => {
  test.each([1500, 1450, 8000])("is refused by up, with what it does carry: %i", (mtu) => {
    switchCarries(mtu);
    expect(up()).toEqual({
      status: 3,
      stdout: "",
      stderr:
        `probe-path.sh: refused: ${trouble(mtu)}, or set kvm-mirror:networks.replication.mtu: ${mtu} in the stack ` +
        "file; then pulumi up again\n",
    });
  });

  test("that no stack file may ask for can only be given more", () => {
    switchCarries(1000);
    expect(up().stderr).toBe(`probe-path.sh: refused: ${trouble(1000)}; then pulumi up again\n`);
  });

  test("is told by state.sh, while DRBD is connected and while it is not", () => {
    switchCarries(1500);
    expect(paths()).toEqual([replication(1500)]);
    machine.ok("drbdadm state r0 WFConnection Primary Unknown UpToDate DUnknown");
    expect(paths()).toEqual([replication(1500)]);
  });

  test("is told by watch-peer.sh when the connection is back, and not while there is none", () => {
    switchCarries(1500);
    machine.ok("drbdadm state r0 WFConnection Secondary Unknown UpToDate DUnknown");
    expect(watch()).toBe("");
    machine.ok("drbdadm state r0 SyncTarget Secondary Primary Inconsistent UpToDate");
    expect(watch()).toBe(
      `watch-peer.sh: ${trouble(1500)}, or set kvm-mirror:networks.replication.mtu: 1500 in the stack file\n`,
    );
    switchCarries(9000);
    expect(watch()).toBe("");
  });
});

describe("a path that carries the MTU of its ends", () => {
  test("is taken in silence, and told by state.sh", () => {
    switchCarries(9000);
    expect(up()).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(paths()).toEqual([replication(9000)]);
  });

  test("is one where both ends have the smaller MTU", () => {
    switchCarries(1500);
    machine.ok("ip link set replication0 mtu 1500");
    expect(up()).toEqual({ status: 0, stdout: "", stderr: "" });
    machine.ok("ip link set replication0 mtu 9000");
  });
});

describe("a peer that is away", () => {
  test("is no matter of the MTU", () => {
    switchCarries(1500);
    peerIs("down");
    expect(paths()).toEqual([replication(null)]);
    machine.ok("drbdadm state r0 Connected Secondary Secondary UpToDate UpToDate");
    expect(watch()).toBe("");
    expect(up()).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("probe-path.sh: the-peer answers no ping at 10.10.0.12 from 10.10.0.11"),
    });
    peerIs("up");
  });
});

describe("the path to a client", () => {
  interface Path {
    readonly bytes: number;
    readonly carries: number;
  }
  /** The one path to a client; what is left of it is the same in all tests. */
  function storage(): Path {
    const [path, ...more] = (paths() as (Path & { network: string })[]).filter(({ network }) => network === "storage");
    expect(more).toEqual([]);
    expect(path).toMatchObject({ interface: "replication0", to: "10.10.0.12", address: "10.10.0.12" });
    return path!;
  }
  /** Bytes of a full packet: this kernel may leave out the 12 bytes of TCP's timestamps. */
  const full = (bytes: number, mtu: number) => mtu - 12 <= bytes && bytes <= mtu;
  /** A client's host has a connection to the VIP, with packets of so many bytes. */
  function connect(mtu: number): void {
    machine.ok(`ip -n peer link set eth0 mtu ${mtu}
      setsid ip netns exec peer python3 -c "import socket, time
s = socket.create_connection(('10.10.0.10', 10809)); time.sleep(60000)" >/dev/null 2>&1 & echo $! >/run/client.pid
      for i in $(seq 100); do ss -Htn state established src 10.10.0.10 sport = :10809 | grep -q . && exit
      sleep 0.1; done; exit 1`);
  }
  const disconnect = () =>
    machine.ok(`kill $(cat /run/client.pid)
      for i in $(seq 100); do ss -Htn state established src 10.10.0.10 | grep -q . || exit 0; sleep 0.1; done; exit 1`);

  beforeAll(() => {
    switchCarries(9000);
    machine.ok(`mkdir -p /etc/kvm-mirror && printf '%s\n' >/etc/kvm-mirror/main.env \\
        VIP=10.10.0.10 VIP_PREFIX=24 VIP_INTERFACE=replication0 'VOLUMES="r0"' NBD=no ISCSI=no
      ip addr add 10.10.0.10/24 dev replication0
      setsid python3 -c "import socket
s = socket.create_server(('10.10.0.10', 10809)); held = []
while True: held.append(s.accept())" >/dev/null 2>&1 &
      for i in $(seq 100); do ss -Hltn sport = :10809 | grep -q . && exit; sleep 0.1; done; exit 1`);
  });

  test("is told by state.sh with the packets that both ends agreed on, and what it carries", () => {
    connect(9000);
    const whole = storage();
    expect([full(whole.bytes, 9000), whole.carries]).toEqual([true, whole.bytes]);
    switchCarries(1500);
    expect(storage()).toMatchObject({ bytes: whole.bytes, carries: 1500 });
    switchCarries(9000);
    disconnect();
  });

  test("is fit for a client whose own MTU is smaller: TCP knows", () => {
    connect(1500);
    switchCarries(1500);
    const { bytes, carries } = storage();
    expect([full(bytes, 1500), carries]).toEqual([true, bytes]);
    disconnect();
    expect(paths()).toHaveLength(1);
    machine.ok(
      "ip -n peer link set eth0 mtu 9000; rm /etc/kvm-mirror/main.env; ip addr del 10.10.0.10/24 dev replication0",
    );
  });
});

test("a mirror that cannot ask says what it lacks", () => {
  expect(machine.guest("probe-path.sh", ["the-peer", "10.10.0.99", "10.10.0.12"])).toMatchObject({
    status: 3,
    stderr: expect.stringContaining("no interface of this mirror has the address 10.10.0.99"),
  });
  machine.ok("mv /usr/bin/ping /usr/bin/ping.away 2>/dev/null || mv /bin/ping /usr/bin/ping.away");
  expect(up()).toMatchObject({
    status: 3,
    stderr: expect.stringContaining(
      "this mirror has no ping, so it is unknown whether the path to the-peer carries full packets. " +
        `On ${hostname()}: sudo apt-get install iputils-ping`,
    ),
  });
  expect(paths()).toEqual([replication(null)]);
  machine.ok("mv /usr/bin/ping.away /usr/bin/ping");
});
