// Names come from files that nobody has checked: what a terminal or a page would obey is shown instead.

/** Control characters, direction marks and stray bytes as \x1b, \u202e, \xff. */
export function visible(text: string, except = ''): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]|[\ud800-\udfff]/gu, (c) => {
    if (c === except) return c;
    const code = c.codePointAt(0) ?? 0;
    if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}
