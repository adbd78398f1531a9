import type { Plan } from "../plan/plan.ts";

/**
 * What a script that installs files on mirrors is run again on, beside its inputs (`rerunOn`). Not by `pulumi up
 * --replace`: that would remove, after it, what it has just installed.
 */
export const installedAgain = ({ installAgain }: Plan): Readonly<Record<string, string>> =>
  installAgain === 0 ? {} : { INSTALL_AGAIN: String(installAgain) };
