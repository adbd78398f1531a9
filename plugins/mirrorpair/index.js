// Required by Pulumi's language host, with a TypeScript compiler registered for what is required: import() leads around
// it, and nothing here waits, which a required module must not.
void import("./main.ts");
