import type { AutomaticPlan, FencePlan } from "../../plan/placement/failover.ts";
import { operation, pairs } from "./cibResources.ts";
import { word } from "../quoting.ts";
import { element, type Element } from "../xml.ts";

/** Where a mirror keeps the key that turns off its peer, and the keys of the KVM hosts. */
export const fenceKeyPath = (mirror: string): string => `/etc/kvm-mirror/fence/${mirror}.key`;
export const fenceKnownHostsPath = "/etc/kvm-mirror/fence/known_hosts";

/** Name of the device that turns a mirror off. */
export const fenceDeviceName = (mirror: string): string => `fence-${mirror}`;

/** Seconds between two looks at whether fencing could work; each starts a Python program and an ssh connection. */
const lookInterval = 120;

/**
 * STONITH of a mirror (fence_virsh(8)): the other mirror logs in to the KVM host,
 * where the key opens nothing but scripts/host/fence-shell.sh, which
 * knows this one domain. Host keys are pinned. `shell_timeout`: the shell says `delay`
 * seconds late that the mirror runs. `power_timeout`: a QEMU process that is
 * frozen takes libvirt 15 s to kill.
 * failure-timeout: a device that did not start once, on a mirror that was
 * busy booting, is tried again, not given up for good.
 */
export function fenceDevice(fence: FencePlan, { fenceTimeout }: AutomaticPlan): Element {
  const { mirror, host, address, port, user, delay } = fence;
  const id = fenceDeviceName(mirror);
  const options = [
    "-T",
    "-o BatchMode=yes",
    "-o IdentitiesOnly=yes",
    "-o StrictHostKeyChecking=yes",
    `-o UserKnownHostsFile=${fenceKnownHostsPath}`,
    "-o GlobalKnownHostsFile=/dev/null",
    `-o HostKeyAlias=${word(host, "host")}`,
    "-o ConnectTimeout=10",
  ];
  return element("primitive", { id, class: "stonith", type: "fence_virsh" }, [
    element(
      "instance_attributes",
      { id: `${id}-parameters` },
      pairs(`${id}-parameters`, {
        ip: address,
        ipport: port,
        username: user,
        identity_file: fenceKeyPath(mirror),
        ssh_options: options.join(" "),
        pcmk_host_list: mirror,
        pcmk_host_check: "static-list",
        pcmk_host_map: `${mirror}:${mirror}`,
        login_timeout: 15,
        shell_timeout: 15 + delay,
        power_timeout: 25,
        pcmk_reboot_timeout: `${fenceTimeout}s`,
        pcmk_off_timeout: `${fenceTimeout}s`,
        pcmk_monitor_timeout: `${fenceTimeout}s`,
        pcmk_status_timeout: `${fenceTimeout}s`,
      }),
    ),
    element("meta_attributes", { id: `${id}-meta` }, pairs(`${id}-meta`, { "failure-timeout": "60s" })),
    element("operations", {}, [
      operation(id, "start", fenceTimeout),
      operation(id, "monitor", fenceTimeout, lookInterval),
    ]),
  ]);
}
