/** Where the exports of a group are. */
export interface ExportsPlan {
  readonly vip: string;
  readonly prefix: number;
  /** TCP ports on the VIP. */
  readonly nbdPort: number;
  readonly iscsiPort: number;
}

export interface NbdExportPlan {
  readonly name: string;
  readonly port: number;
}

export interface IscsiExportPlan {
  readonly iqn: string;
  readonly lun: number;
  readonly port: number;
  readonly scsiId: string;
  readonly scsiSn: string;
}

/** Who may open an export: the active host of the client that owns the disk, and nobody else. */
export interface AdmissionPlan {
  readonly client: string;
  readonly protocol: "nbd" | "iscsi";
  /** Storage address of the KVM host whose QEMU connects. */
  readonly address: string;
}

/** Where the exports of a group are. @throws when it has none: whoever asks is about to export a volume of it */
export function exportsOf({ name, exports }: { readonly name: string; readonly exports?: ExportsPlan }): ExportsPlan {
  if (exports === undefined) throw new Error(`group ${name} has no VIP, and exports nothing`);
  return exports;
}
