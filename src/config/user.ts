import { Mistake } from "./written.ts";

/**
 * Users and groups of Debian, Ubuntu, their cloud images and the packages of a mirror: `useradd` refuses these names,
 * or daemons run under them, which must not get an operator's rights.
 */
const taken = (
  "root daemon bin sys sync games man lp mail news uucp proxy www-data backup list irc gnats nobody nogroup adm tty " +
  "disk kmem dialout fax voice cdrom floppy tape sudo audio dip operator shadow utmp video sasl plugdev staff users " +
  "input sgx kvm render crontab messagebus sshd ssh netdev lxd syslog uuidd tcpdump landscape pollinate tss rdma " +
  "usbmux dnsmasq polkitd ntp ntpsec chrony statd libvirt libvirt-qemu libvirt-dnsmasq " +
  "nbd hacluster haclient coroqnetd debian-exim postfix postdrop fwupd-refresh ec2-instance-connect"
).split(" ");

/** A user for operators, who gets passwordless sudo. @throws Mistake */
export function checkUser(name: string): string {
  if (!/^[a-z][a-z0-9_-]{0,31}$/.test(name))
    throw new Mistake("is no user name; use lower-case letters, digits, hyphens and underscores, at most 32");
  if (taken.includes(name) || name.startsWith("systemd-"))
    throw new Mistake("is a user or group of the system; choose a user of its own, who gets passwordless sudo");
  return name;
}
