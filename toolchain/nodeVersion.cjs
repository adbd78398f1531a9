// Loaded ahead of the program and of the plugins: one sentence where node is too old to run TypeScript by itself, in
// place of "Unknown file extension" at the first import.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `kvm-mirror needs Node 22.18 or newer, and this is ${process.version} (${process.execPath}). ` +
      "Put a newer one first on PATH, or type: . toolchain/env.sh\n",
  );
  // For the program: to Pulumi's language host this says that the user has been told.
  process.exit(32);
}
