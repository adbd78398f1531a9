/**
 * How cloud-init's documents are written: it reads YAML 1.1, where a MAC address
 * of decimal digits such as 52:54:00:12:34:56 is a number in
 * base 60 and `no` is false, unless they are quoted.
 */
export const yamlOfCloudInit = { version: "1.1", lineWidth: 0 } as const;
