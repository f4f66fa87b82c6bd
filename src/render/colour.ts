// Colours of a drawn graph: grey where little is spent, red where much is, green where a difference is negative.
// Source of the figures: pprof internal/graph dotColor.

/** score: the share of the total, from -1 to 1. */
export function dotColor(score: number, isBackground: boolean): string {
  // NaN of 0/0 stays NaN in Go's min and max, and its conversion gives 0.
  const share = Math.max(-1, Math.min(1, score));
  const value = isBackground ? 0.93 : 0.7;
  let saturation = isBackground ? 0.1 : 1;
  // Grey rather than yellow about 0, then away from it quickly.
  if (Math.abs(share) < 0.2) saturation *= Math.abs(share) / 0.2;
  const shifted = share === 0 ? 0 : Math.sign(share) * Math.exp(0.3 * Math.log(Math.abs(share)));
  const red = shifted < 0 ? value * (1 + saturation * shifted) : value;
  const green = shifted < 0 ? value : value * (1 - saturation * shifted);
  const blue = value * (1 - saturation);
  return `#${[red, green, blue].map((part) => byte(part * 255)).join('')}`;
}

function byte(x: number): string {
  const whole = Number.isNaN(x) ? 0 : Math.trunc(x) & 0xff;
  return whole.toString(16).padStart(2, '0');
}
