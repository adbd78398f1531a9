import { parseLogin } from "./libvirtUri.ts";
import { written } from "./written.ts";

function checkLogin(text: string): string {
  parseLogin(text);
  return text;
}

/** How ssh reaches a machine: `[user@]host[:port]`. */
export const login = () => written(checkLogin, "write [user@]host[:port]");
