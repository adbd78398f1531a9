import { refused } from "./refused.ts";

refused("secret", {
  "no secret": [
    { secret: undefined },
    "kvm-mirror:secret: is missing; every secret of the stack is derived from it. Make it with: " +
      `printf 'stack-%s' "$(openssl rand -hex 32)" | pulumi config set --secret kvm-mirror:secret`,
  ],
  "a short secret": [
    { secret: "hunter2" },
    "kvm-mirror:secret: is shorter than 32 characters; make it with: " +
      `printf 'stack-%s' "$(openssl rand -hex 32)" | pulumi config set --secret kvm-mirror:secret`,
  ],
  "a key generation of no meaning": [{ keyGeneration: 0 }, "kvm-mirror:keyGeneration = 0: is below 1; count up from 1"],
  "a truth value as text": [
    { allowSameHost: "yes" },
    'kvm-mirror:allowSameHost = "yes": is a text; write true, without quotes',
  ],
  "a boot deadline that no machine meets": [
    { bootDeadline: 5 },
    "kvm-mirror:bootDeadline = 5: is too short for a machine to boot; use at least 60 seconds",
  ],
});
