// The SDK requires this file. import() leads around the TypeScript compiler that it registers for require: Node strips
// the types of pack.ts itself, as everywhere in this repository. PolicyPack reads the package.json of the directory
// that it is made in.
process.chdir(__dirname);
module.exports = import("./pack.ts");
