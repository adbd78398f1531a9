/** Text that is put into a file format as it is, after it was checked to be one harmless word there. */
export function word(value: string, what: string): string {
  if (!/^[A-Za-z0-9_.:/@+=-]+$/.test(value))
    throw new Error(`${what} ${JSON.stringify(value)} cannot be written into a configuration file`);
  return value;
}

/** A quoted string of drbd.conf, which knows no way to write a quote or a backslash. */
export function drbdString(value: string): string {
  if (!/^[\x20-\x7e]*$/.test(value) || /["\\]/.test(value))
    throw new Error("a string for drbd.conf has characters that it cannot hold");
  return `"${value}"`;
}

/** Content of an XML attribute in single quotes, or of an element. */
export function xmlText(value: string): string {
  // XML 1.0 has no form for control characters, escaped or not.
  if (/[\x00-\x08\x0b\x0c\x0e-\x1f]/.test(value)) throw new Error("a text for XML has control characters");
  const entities: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    "'": "&apos;",
    '"': "&quot;",
    "\t": "&#9;",
    "\n": "&#10;",
    "\r": "&#13;",
  };
  return value.replace(/[&<>'"\t\n\r]/g, (character) => entities[character] ?? character);
}
