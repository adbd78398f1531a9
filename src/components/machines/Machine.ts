import * as cloudinit from "@pulumi/cloudinit";
import * as libvirt from "@pulumi/libvirt";
import * as pulumi from "@pulumi/pulumi";
import type { MachinePlan } from "../../plan/machines/machine.ts";
import { seedTarget } from "../../plan/targets.ts";
import type { Seed } from "../../render/machines/cloudInit.ts";
import type { KvmHost } from "./KvmHost.ts";

export interface MachineArgs {
  readonly host: KvmHost;
  readonly machine: MachinePlan;
  readonly seed: Seed;
  /** Disks beside the OS disk, already in the pool. */
  readonly dataDisks?: readonly DataDisk[];
  /** Whether the domain is kept running; undefined: someone else starts and stops it. */
  readonly running?: boolean;
  /** Seconds that a shutdown may take before the power is cut. */
  readonly shutdownTimeout: number;
}

export interface DataDisk {
  readonly volume: libvirt.Volume;
  readonly volumeName: string;
  readonly serial: string;
  readonly target: string;
}

/** A virtual machine from an image: OS disk, NoCloud seed, domain. */
export class Machine extends pulumi.ComponentResource {
  readonly domain: libvirt.Domain;
  /** Another one: what was set up inside is lost. */
  readonly identity: pulumi.Output<string>;

  constructor(name: string, args: MachineArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kvm-mirror:index:Machine", name, {}, opts);
    const { host, machine, seed } = args;
    const pool = host.plan.pool;
    const onHost = { parent: this, provider: host.provider };
    const image = host.images.get(machine.image.volumeName);
    // Where a data disk is missing, its pool may not be mounted: nothing is made in the directory below.
    const data = (args.dataDisks ?? []).map((disk) => disk.volume);

    const osDisk = new libvirt.Volume(
      `${name}-os`,
      {
        pool,
        name: machine.osDisk.volumeName,
        capacity: machine.osDisk.bytes,
        format: "qcow2",
        source: { volume: machine.image.volumeName },
      },
      // A newer image is for new machines: it must not replace the disk of one that runs.
      { ...onHost, dependsOn: [...(image ? [image] : []), ...data], ignoreChanges: ["source"] },
    );
    this.identity = osDisk.identity;
    const userData = new cloudinit.Config(
      `${name}-cloud-init`,
      {
        gzip: false,
        base64Encode: false,
        parts: seed.parts.map((part) => ({
          ...part,
          content: part.secret ? pulumi.secret(part.content) : part.content,
          secret: undefined,
        })),
      },
      { parent: this },
    );
    const seedDisk = new libvirt.CloudInitDisk(
      `${name}-seed`,
      {
        pool,
        name: machine.seedName,
        userData: userData.rendered,
        metaData: seed.metaData,
        networkConfig: seed.networkConfig,
      },
      { ...onHost, dependsOn: data },
    );
    this.domain = new libvirt.Domain(name, this.domainArgs(args), {
      ...onHost,
      // A machine of an earlier version keeps its seed where it has found it, in a CD
      // drive on SATA: nothing is plugged into it that it does not need.
      ignoreChanges: ["device", "target"].map((key) => `disks[1].${key}`),
      dependsOn: [osDisk, seedDisk, ...host.networks, ...data],
    });
    this.registerOutputs({});
  }

  private domainArgs({ host, machine, dataDisks = [], running, shutdownTimeout }: MachineArgs): libvirt.DomainArgs {
    const pool = host.plan.pool;
    return {
      name: machine.name,
      uuid: machine.uuid,
      type: host.plan.virtualization,
      memory: machine.memoryMiB,
      vcpu: machine.vcpus,
      disks: [
        {
          device: "disk",
          source: { pool, volume: machine.osDisk.volumeName },
          driver: { type: "qcow2", cache: "none", io: "native", discard: "unmap" },
          target: { dev: "vda", bus: "virtio" },
        },
        // On virtio: kernels for clouds, such as Debian's, have no driver for SATA and
        // would never see it. Without a serial: a mirror is blind to disks
        // that have one (scripts/guest/machines/blind.sh).
        {
          device: "disk",
          source: { pool, volume: machine.seedName },
          driver: { type: "raw" },
          target: { dev: seedTarget, bus: "virtio" },
          readonly: true,
        },
        ...dataDisks.map((disk) => ({
          device: "disk" as const,
          source: { pool, volume: disk.volumeName },
          // O_DIRECT: what DRBD is told is on disk must not sit in the page cache of a host that may die.
          driver: { type: "raw" as const, cache: "none" as const, io: "native" as const },
          target: { dev: disk.target, bus: "virtio" as const },
          serial: disk.serial,
        })),
      ],
      interfaces: machine.nics.map((nic) => ({
        network: nic.network,
        mac: nic.mac,
        model: "virtio" as const,
        ...(nic.mtu === undefined ? {} : { mtu: nic.mtu }),
      })),
      ...(running === undefined ? {} : { running }),
      autostart: running === true,
      shutdownTimeout,
    };
  }
}
