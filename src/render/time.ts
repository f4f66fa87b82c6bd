// Times as pprof prints them: 2006-01-02 15:04:05 MST, in the local zone.

/** Nanoseconds since 1970 → `2026-11-23 05:25:39 UTC`. */
export function formatTime(nanos: bigint): string {
  const seconds = nanos / 1000000000n - (nanos % 1000000000n < 0n ? 1n : 0n);
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) return `${nanos}ns`;
  const two = (n: number) => String(n).padStart(2, '0');
  return `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())} ${zoneName(date)}`;
}

/**
 * The zone's abbreviation at that time, as the zone database has it. ICU knows abbreviations by country only, so some English-speaking
 * ones are asked in turn; a zone without one is its offset: +03.
 */
function zoneName(date: Date): string {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  if (timeZone === 'UTC' || timeZone === 'Etc/UTC') return 'UTC';
  for (const locale of ['en-US', 'en-GB', 'en-AU', 'en-IN', 'en-ZA', 'en-NZ']) {
    const parts = new Intl.DateTimeFormat(locale, { timeZone, timeZoneName: 'short' }).formatToParts(date);
    const name = parts.find(({ type }) => type === 'timeZoneName')?.value;
    if (name !== undefined && /^[A-Z]{2,5}$/.test(name)) return name;
  }
  const minutes = -date.getTimezoneOffset();
  const hours = String(Math.trunc(Math.abs(minutes) / 60)).padStart(2, '0');
  const rest = Math.abs(minutes) % 60;
  return `${minutes < 0 ? '-' : '+'}${hours}${rest === 0 ? '' : String(rest).padStart(2, '0')}`;
}
