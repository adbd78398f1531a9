import { parseLogin } from "./libvirtUri.ts";
import { written } from "./written.ts";

/** How ssh reaches a machine: `[user@]host[:port]`. */
export const login = () => written((text) => (parseLogin(text), text), "write [user@]host[:port]");
