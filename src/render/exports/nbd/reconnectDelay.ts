/**
 * Seconds that QEMU's NBD client holds I/O back while its server is away,
 * longer than the worst failover; then the guest is paused.
 */
export const reconnectDelay = 300;
