// Colours of a terminal.

const CODES = { red: '31', yellow: '33', cyan: '36', bold: '1' } as const;

export const paint = (text: string, colour: keyof typeof CODES) => `\x1b[${CODES[colour]}m${text}\x1b[0m`;
