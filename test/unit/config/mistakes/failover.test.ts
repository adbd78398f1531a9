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
  "both mirrors on one host": [
    { ...automatic, "mirrors.mirror-b.host": "kvm-a", allowSameHost: true },
    'kvm-mirror:failover.mode = "automatic": needs mirrors on two KVM hosts: when kvm-a dies, nobody is left to take over',
  ],
  "a host that only a name server knows": [
    { failover: { mode: "automatic" } },
    "kvm-mirror:hosts.kvm-a.fenceAddress: is missing: fencing does not depend on a name server, and the URI qemu+ssh://root@kvm-a.example.net/system has no address; write the address at which the mirrors reach this host's ssh",
  ],
});
