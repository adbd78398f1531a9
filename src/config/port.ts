/** Whether digits are a TCP port, without leading zeros. */
export function isPort(digits: string): boolean {
  return /^[1-9][0-9]{0,4}$/.test(digits) && Number(digits) <= 65_535;
}
