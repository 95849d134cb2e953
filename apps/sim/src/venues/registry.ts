/** Every front that the sim serves, by name. A new one is a line here; the command line and the configuration follow. */
import { BINANCE_SPOT } from './binance/spot/front.ts';
import { BINANCE_USDM } from './binance/usdm/front.ts';
import { BITGET_SPOT, BITGET_USDT_FUTURES } from './bitget/front.ts';
import { GATE_SPOT, GATE_USDT_FUTURES } from './gate/front.ts';
import { type FrontEntry, pairOf } from './venue-front.ts';

export const FRONTS = {
  'binance-usdm': BINANCE_USDM,
  'binance-spot': BINANCE_SPOT,
  'bitget-spot': BITGET_SPOT,
  'bitget-usdt-futures': BITGET_USDT_FUTURES,
  'gate-spot': GATE_SPOT,
  'gate-usdt-futures': GATE_USDT_FUTURES,
} as const satisfies Readonly<Record<string, FrontEntry>>;

export type VenueName = keyof typeof FRONTS;

export const VENUES: readonly VenueName[] = Object.keys(FRONTS).filter(isVenueName);

/** What `--symbols` may name: pairs that some front lists. */
export const PAIRS: readonly string[] = [
  ...new Set(VENUES.flatMap((name) => frontOf(name).listings.map(({ instrument }) => pairOf(instrument)))),
];

export function frontOf(name: VenueName): FrontEntry {
  return FRONTS[name];
}

function isVenueName(name: string): name is VenueName {
  return Object.hasOwn(FRONTS, name);
}
