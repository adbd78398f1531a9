import { everyRow, onHost, type Site, type SiteProblem } from "./site.ts";

/** KVM hosts without KVM, where the stack file does not allow for emulation. */
export function virtualizationProblems(site: Site): readonly SiteProblem[] {
  return everyRow(site, "kvm")
    .filter(({ host, row }) => host.virtualization === "kvm" && row.state !== "works")
    .map(({ host, row }) =>
      row.state === "no-device"
        ? {
            what: `${host.name}: there is no /dev/kvm`,
            means:
              "Machines do not start there: the module is not loaded, or firmware has virtualization switched off.",
            command: onHost(host, "modprobe kvm_intel || modprobe kvm_amd"),
          }
        : {
            what:
              `${host.name}: /dev/kvm is there, and libvirt does not offer KVM` +
              (row.said === "" ? "" : `: ${row.said}`),
            means: "Machines do not start there. libvirt keeps what it found out about QEMU until it is restarted.",
            command: onHost(host, "systemctl restart libvirtd"),
          },
    );
}
