// Plain JavaScript, so that a Node that cannot run TypeScript can say so. kvm-mirror runs this.
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

function stop(why) {
  process.stderr.write(`kvm-mirror: ${why}\n`);
  process.exitCode = 1;
}

if (!process.features.typescript) {
  stop(
    `needs Node 22.18 or newer, and ${process.execPath} is ${process.versions.node}: install one, or ` +
      `PATH="$(bash ${root}toolchain/node.sh):$PATH"`,
  );
} else {
  try {
    await import("../src/operate/commands/main.ts");
  } catch (error) {
    if (error.code !== "ERR_MODULE_NOT_FOUND" || !error.message.startsWith("Cannot find package")) throw error;
    stop(`its packages are not installed, or not those of this version: run npm install in ${root}`);
  }
}
