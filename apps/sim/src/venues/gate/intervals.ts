/** Candle intervals of the venue that are whole minutes (`10s` and `30d` are not served). */
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export const INTERVALS_MS: ReadonlyMap<string, number> = new Map([
  ['1m', MINUTE_MS],
  ['5m', 5 * MINUTE_MS],
  ['15m', 15 * MINUTE_MS],
  ['30m', 30 * MINUTE_MS],
  ['1h', HOUR_MS],
  ['4h', 4 * HOUR_MS],
  ['8h', 8 * HOUR_MS],
  ['1d', DAY_MS],
  ['7d', 7 * DAY_MS],
]);
