/**
 * Stack traces as Node writes them. Pulumi's language host has source-map-support write them, which looks for the
 * source map of each frame; and its SDK takes a trace for every promise of every resource, in case one should never
 * end. With 50 volumes that was a third of the program's time. What is lost: frames within the SDK name its JavaScript,
 * not the TypeScript that it was made of. This program has no source maps: Node strips types, and lines stay.
 */
Reflect.deleteProperty(Error, "prepareStackTrace");
