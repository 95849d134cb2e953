/** Binance's enumerations in the contract's words, and back. */
import { CandleInterval } from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import {
  OrderStatus,
  OrderType,
  PositionSide,
  Side,
  TimeInForce,
} from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { Unreadable } from '../fields.ts';

const STATUSES: ReadonlyMap<string, OrderStatus> = new Map([
  ['NEW', OrderStatus.OPEN],
  ['PARTIALLY_FILLED', OrderStatus.PARTIALLY_FILLED],
  ['FILLED', OrderStatus.FILLED],
  ['CANCELED', OrderStatus.CANCELED],
  ['EXPIRED', OrderStatus.EXPIRED],
  ['EXPIRED_IN_MATCH', OrderStatus.EXPIRED],
  ['REJECTED', OrderStatus.REJECTED],
  // Liquidation with the insurance fund, and auto-deleveraging.
  ['NEW_INSURANCE', OrderStatus.OPEN],
  ['NEW_ADL', OrderStatus.OPEN],
]);

const INTERVALS: readonly (readonly [CandleInterval, string])[] = [
  [CandleInterval.CANDLE_INTERVAL_1M, '1m'],
  [CandleInterval.CANDLE_INTERVAL_5M, '5m'],
  [CandleInterval.CANDLE_INTERVAL_15M, '15m'],
  [CandleInterval.CANDLE_INTERVAL_1H, '1h'],
  [CandleInterval.CANDLE_INTERVAL_4H, '4h'],
  [CandleInterval.CANDLE_INTERVAL_1D, '1d'],
];

export const CANDLE_INTERVALS = INTERVALS.map(([interval]) => interval);

export function intervalName(interval: CandleInterval): string | undefined {
  return INTERVALS.find(([candidate]) => candidate === interval)?.[1];
}

export function intervalOf(name: string): CandleInterval | undefined {
  return INTERVALS.find(([, candidate]) => candidate === name)?.[0];
}

export function readStatus(word: string): OrderStatus {
  const status = STATUSES.get(word);
  if (status === undefined) throw new Unreadable(`order status ${word}`);
  return status;
}

export function readSide(word: string): Side {
  if (word === 'BUY') return Side.BUY;
  if (word === 'SELL') return Side.SELL;
  throw new Unreadable(`side ${word}`);
}

export function readPositionSide(word: string | undefined): PositionSide {
  if (word === 'LONG') return PositionSide.LONG;
  return word === 'SHORT' ? PositionSide.SHORT : PositionSide.BOTH;
}

/** Conditional and liquidation orders are nobody's that trades through this contract: no type. */
export function readType(word: string): OrderType {
  if (word === 'LIMIT' || word === 'LIMIT_MAKER') return OrderType.LIMIT;
  return word === 'MARKET' ? OrderType.MARKET : OrderType.UNSPECIFIED;
}

/** Binance prints GTC on market orders; by the contract they are IOC. GTX is post-only, GTD a GTC with an end. */
export function readTimeInForce(word: string, type: OrderType): TimeInForce {
  if (type === OrderType.MARKET || word === 'IOC') return TimeInForce.IOC;
  return word === 'FOK' ? TimeInForce.FOK : TimeInForce.GTC;
}

export function isPostOnly(timeInForce: string): boolean {
  return timeInForce === 'GTX';
}

export function timeInForceName(timeInForce: TimeInForce): 'GTC' | 'IOC' | 'FOK' {
  if (timeInForce === TimeInForce.IOC) return 'IOC';
  return timeInForce === TimeInForce.FOK ? 'FOK' : 'GTC';
}
