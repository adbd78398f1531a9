/**
 * Words of drbd.conf's grammar (drbdadm_scanner.fl of drbd-utils 9.22) that could be the name of a
 * volume or a mirror. As names they must stand in quotes; test/scripts/drbdConfiguration.test.ts has drbdadm read each.
 */
export const drbdWords: ReadonlySet<string> = new Set(
  (
    "address after after-resync-target after-sb-0pri after-sb-1pri after-sb-2pri al-extents al-updates " +
    "allow-two-primaries always-asbp ask become-primary-on before-resync-source before-resync-target bwlimit " +
    "c-delay-target c-fill-target c-max-rate c-min-rate c-plan-ahead cmd-timeout-long cmd-timeout-medium " +
    "cmd-timeout-short common compression congestion-extents congestion-fill connect-int cpu-mask cram-hmac-alg " +
    "csums-after-crash-only csums-alg data-integrity-alg degr-wfc-timeout device dialog-refresh " +
    "disable-ip-verification disable-write-same discard-my-data discard-zeroes-if-aligned disk disk-barrier " +
    "disk-drain disk-flushes disk-timeout fence-peer fencing flexible-meta-disk floating global handlers " +
    "ignore-on include initial-split-brain inside ipv4 ipv6 ko-count local-io-error max-buffers max-epoch-size " +
    "md-flushes memlimit meta-disk minor minor-count net no no-disk-barrier no-disk-drain no-disk-flushes " +
    "no-md-flushes no-tcp-cork on on-congestion on-io-error on-no-data-accessible options out-of-sync " +
    "outdate-peer outdated-wfc-timeout outside ping-int ping-timeout plugin pri-lost pri-on-incon-degr protocol " +
    "proxy rate rcvbuf-size read-balancing read-loops resource resync-after resync-rate rr-conflict " +
    "rs-discard-granularity sdp shared-secret size skip sndbuf-size socket-check-timeout split-brain ssocks " +
    "stacked-on-top-of stacked-timeouts startup syncer tcp-cork timeout udev-always-use-vnr unfence-peer " +
    "usage-count use-bmbv use-rle verify-alg volume wait-after-sb wfc-timeout yes"
  ).split(" "),
);

/** A name as drbd.conf takes it: as it is, or in quotes where it is a word of its grammar. */
export function drbdName(name: string): string {
  return drbdWords.has(name) ? `"${name}"` : name;
}
