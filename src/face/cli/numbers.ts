// Numbers as Go's strconv reads them. undefined is none, OUT_OF_RANGE one that 64 bits do not hold.

export const OUT_OF_RANGE = 'out of range';

/** Digits without the underscores that Go allows between two of them. */
const plain = (text: string) => (/^_|__|_$/.test(text) ? '?' : text.replaceAll('_', ''));

/** Go's strconv.ParseInt(text, 0, 64): 10, 0x1f, 0o17, 017, 0b11, 1_000. */
export function parseInteger(text: string): number | typeof OUT_OF_RANGE | undefined {
  const [, sign, prefix, rest] = /^([+-]?)(0[xX]_?|0[oO]_?|0[bB]_?|0_?(?=[0-9]))?(.*)$/s.exec(text) ?? [];
  const base = { x: 16, o: 8, b: 2 }[prefix?.[1]?.toLowerCase() ?? ''] ?? (prefix === undefined ? 10 : 8);
  const digits = plain(rest ?? '');
  const valid = { 16: /^[0-9a-fA-F]+$/, 10: /^[0-9]+$/, 8: /^[0-7]+$/, 2: /^[01]+$/ }[base];
  if (valid === undefined || !valid.test(digits)) return undefined;
  const size = BigInt(base === 10 ? digits : `0${{ 16: 'x', 8: 'o', 2: 'b' }[base]}${digits}`);
  const value = sign === '-' ? -size : size;
  return value >= -(2n ** 63n) && value < 2n ** 63n ? Number(value) : OUT_OF_RANGE;
}

/** Go's strconv.ParseFloat(text, 64): decimal, hexadecimal with an exponent, inf, nan. */
export function parseFloat64(text: string): number | typeof OUT_OF_RANGE | undefined {
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(text);
  if (special !== null)
    return special[2].toLowerCase() === 'nan' ? Number.NaN : special[1] === '-' ? -Infinity : Infinity;
  const hex = /^([+-]?)0x([0-9a-f_]*)\.?([0-9a-f_]*)p([+-]?[0-9]+)$/i.exec(text);
  let value: number;
  if (hex !== null) {
    const digits = plain(hex[2].replace(/^_/, '')) + plain(hex[3] === '' ? '0' : hex[3]);
    if (!/^[0-9a-f]+$/i.test(digits)) return undefined;
    const places = hex[3] === '' ? 1 : hex[3].replaceAll('_', '').length;
    value = Number(`0x${digits}`) * 2 ** (Number(hex[4]) - 4 * places) * (hex[1] === '-' ? -1 : 1);
  } else {
    if (!/^[+-]?([0-9](_?[0-9])*\.?([0-9](_?[0-9])*)?|\.[0-9](_?[0-9])*)([eE][+-]?[0-9]+)?$/.test(text))
      return undefined;
    value = Number(text.replaceAll('_', ''));
  }
  return Number.isFinite(value) ? value : OUT_OF_RANGE;
}
