import { refused } from "./refused.ts";

const automatic = { failover: { mode: "automatic" }, "hosts.kvm-a.fenceAddress": "10.30.0.2" };

refused("failover", {
  "a mode that is none": [
    { failover: { mode: "auto" } },
    'kvm-mirror:failover.mode = "auto": is not offered; use manual or automatic',
  ],
  "a token that no network keeps": [
    { ...automatic, failover: { mode: "automatic", token: 200 } },
    "kvm-mirror:failover.token = 200: is too small; use 1000 to 60000 milliseconds",
  ],
  "a delay of fencing that fencing does not survive": [
    { ...automatic, failover: { mode: "automatic", fenceDelay: 31 } },
    "kvm-mirror:failover.fenceDelay = 31: is more than half of failover.fenceTimeout (60 s): fencing " +
      "would be given up before it is done; use 30 at most, or lengthen fenceTimeout",
  ],
  "both mirrors on one host": [
    { ...automatic, "mirrors.mirror-b.host": "kvm-a", allowSameHost: true },
    'kvm-mirror:failover.mode = "automatic": needs mirrors on two KVM ' +
      "hosts: when kvm-a dies, nobody is left to take over",
  ],
  "a host that only a name server knows": [
    { failover: { mode: "automatic" } },
    "kvm-mirror:hosts.kvm-a.fenceAddress: is missing: fencing does not depend on a name " +
      "server, and the URI qemu+ssh://root@kvm-a.example.net/system has no address; write " +
      "the address at which the mirrors reach this host's ssh",
  ],
  "a third vote without a cluster": [
    { failover: { mode: "manual", qdevice: { address: "10.30.0.4" } } },
    "kvm-mirror:failover.qdevice: is for failover.mode automatic: with manual " +
      "failover an operator decides; leave it out, or change the mode",
  ],
  "a third vote on a KVM host": [
    { ...automatic, failover: { mode: "automatic", qdevice: { address: "10.30.0.2" } } },
    'kvm-mirror:failover.qdevice.address = "10.30.0.2": is KVM host kvm-a, which ' +
      "dies with its mirror; use a machine in a third place",
  ],
  "a third vote on a mirror": [
    { ...automatic, failover: { mode: "automatic", qdevice: { address: "10.10.0.12" } } },
    'kvm-mirror:failover.qdevice.address = "10.10.0.12": is mirror mirror-b, ' +
      "which has a vote already; use a machine in a third place",
  ],
  "a login that is an option of ssh": [
    { ...automatic, failover: { mode: "automatic", qdevice: { address: "10.30.0.4", login: "-oProxyCommand=id" } } },
    'kvm-mirror:failover.qdevice.login = "-oProxyCommand=id": is no login for ssh: no usable host name; ' +
      "write [user@]host[:port]",
  ],
});
