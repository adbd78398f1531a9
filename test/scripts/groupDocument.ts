/** Parts of the document of group `main`, as src/render/groupDocument.ts renders it, at the address 192.0.2.10. */

interface Serves {
  readonly nbd: boolean;
  readonly iscsi: boolean;
}

const yesNo = (yes: boolean): string => (yes ? "yes" : "no");

/** The group's variables. @param volumes their names, with spaces between */
export const groupEnv = (volumes: string, { nbd, iscsi }: Serves): string => `==> /etc/kvm-mirror/main.env 0644
VIP=192.0.2.10
VIP_PREFIX=24
VIP_INTERFACE=storage0
VOLUMES="${volumes}"
NBD=${yesNo(nbd)}
NBD_PORT=10809
ISCSI=${yesNo(iscsi)}
ISCSI_PORT=3260
`;

/** nbd-server's files, with r0 open to one address. @param settings lines of the export */
export const nbdFiles = (admitted: string, settings = ""): string => `==> /etc/nbd-server/kvm-mirror-main.conf 0644
[generic]
user = nbd
group = disk
listenaddr = 192.0.2.10
port = 10809
allowlist = false
[r0]
exportname = /dev/drbd0
authfile = /etc/nbd-server/kvm-mirror-main-r0.allow
${settings}==> /etc/nbd-server/kvm-mirror-main-r0.allow 0644
${admitted}
`;

/** tgtd's file, with r1 open to one address. @param settings lines of the backing store */
export const tgtFile = (iqn: string, admitted: string, settings = ""): string => `==> /etc/tgt/kvm-mirror/main.conf 0600
<target ${iqn}>
    driver iscsi
    <backing-store /dev/drbd1>
        lun 1
        bs-type rdwr
        write-cache off
${settings}    </backing-store>
    initiator-address ${admitted}
</target>
`;
