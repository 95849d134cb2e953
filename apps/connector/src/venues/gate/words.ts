/** Gate's enumerations in the contract's words, and back. */
import { CandleInterval } from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import { OrderStatus, Side, TimeInForce } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { Unreadable } from '../fields.ts';

const INTERVALS: readonly (readonly [CandleInterval, string, seconds: number])[] = [
  [CandleInterval.CANDLE_INTERVAL_1M, '1m', 60],
  [CandleInterval.CANDLE_INTERVAL_5M, '5m', 300],
  [CandleInterval.CANDLE_INTERVAL_15M, '15m', 900],
  [CandleInterval.CANDLE_INTERVAL_1H, '1h', 3_600],
  [CandleInterval.CANDLE_INTERVAL_4H, '4h', 14_400],
  [CandleInterval.CANDLE_INTERVAL_1D, '1d', 86_400],
];

export const CANDLE_INTERVALS = INTERVALS.map(([interval]) => interval);

export function intervalName(interval: CandleInterval): string | undefined {
  return INTERVALS.find(([candidate]) => candidate === interval)?.[1];
}

export function intervalOf(name: string): CandleInterval | undefined {
  return INTERVALS.find(([, candidate]) => candidate === name)?.[0];
}

export function intervalSeconds(interval: CandleInterval): number {
  const seconds = INTERVALS.find(([candidate]) => candidate === interval)?.[2];
  if (seconds === undefined) throw new Unreadable(`candle interval ${interval}`);
  return seconds;
}

/** What stands before our ids at the venue: it takes no others. */
const OURS = 't-';

export function textOf(clientOrderId: string): string {
  return `${OURS}${clientOrderId}`;
}

/** Empty for the venue's own words (`web`, `api`, `apiv4-ws`, `-`): the order was placed without an id. */
export function clientOrderIdOf(text: string | undefined): string {
  return text?.startsWith(OURS) === true ? text.slice(OURS.length) : '';
}

export function readTimeInForce(word: string | undefined): TimeInForce {
  if (word === 'ioc') return TimeInForce.IOC;
  return word === 'fok' ? TimeInForce.FOK : TimeInForce.GTC;
}

/** Pending-or-cancelled: post-only. */
export function isPostOnly(timeInForce: string | undefined): boolean {
  return timeInForce === 'poc';
}

export function timeInForceName(timeInForce: TimeInForce, postOnly: boolean): 'gtc' | 'ioc' | 'fok' | 'poc' {
  if (postOnly) return 'poc';
  if (timeInForce === TimeInForce.IOC) return 'ioc';
  return timeInForce === TimeInForce.FOK ? 'fok' : 'gtc';
}

export function readSide(word: string): Side {
  if (word === 'buy') return Side.BUY;
  if (word === 'sell') return Side.SELL;
  throw new Unreadable(`side ${word}`);
}

/** Ends that the order's own time in force asked for: no reason to name. */
const ASKED_FOR: ReadonlySet<string> = new Set(['filled', 'cancelled', 'ioc', 'fok', 'poc', 'open', '-', '']);

/** How an order ended, from `finish_as` and whether anything was left. */
export function readEnd(finishAs: string, filled: boolean): { readonly status: OrderStatus; readonly reason: string } {
  const reason = ASKED_FOR.has(finishAs) ? '' : finishAs;
  if (filled) return { status: OrderStatus.FILLED, reason };
  return { status: finishAs === 'cancelled' ? OrderStatus.CANCELED : OrderStatus.EXPIRED, reason };
}
