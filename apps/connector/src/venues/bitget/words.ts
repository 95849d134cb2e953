/**
 * Bitget's enumerations in the contract's words, and back (bitget.com/api-doc, classic account).
 *
 * In hedge mode the `side` of an order is the side of its position: a long is opened and closed with `buy`, and
 * `tradeSide` says which (contract, "Place Order"). The `side` of a fill is that of the transaction in both modes
 * (contract, "Fill Channel").
 */
import { MarginMode, PositionMode } from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import { CandleInterval } from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import {
  Liquidity,
  OrderStatus,
  OrderType,
  PositionSide,
  Side,
  TimeInForce,
} from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { type Json, optionalText, text, Unreadable } from '../fields.ts';
import type { MarketName } from '../venue-config.ts';

/** REST and streams, futures and spot, and the documents' own examples differ in spelling. */
const STATUSES: ReadonlyMap<string, OrderStatus> = new Map([
  ['init', OrderStatus.OPEN],
  ['new', OrderStatus.OPEN],
  ['live', OrderStatus.OPEN],
  ['partially_fill', OrderStatus.PARTIALLY_FILLED],
  ['partially_filled', OrderStatus.PARTIALLY_FILLED],
  ['full_fill', OrderStatus.FILLED],
  ['filled', OrderStatus.FILLED],
  ['cancelled', OrderStatus.CANCELED],
  ['canceled', OrderStatus.CANCELED],
]);

interface IntervalWords {
  readonly interval: CandleInterval;
  readonly ms: number;
  /** After `candle` in a channel's name. A day without `utc` begins at 16:00 UTC. */
  readonly channel: string;
  readonly granularity: Readonly<Record<MarketName, string>>;
}

const both = (word: string) => ({ perpetual: word, spot: word });

const INTERVALS: readonly IntervalWords[] = [
  {
    interval: CandleInterval.CANDLE_INTERVAL_1M,
    ms: 60_000,
    channel: '1m',
    granularity: { ...both('1m'), spot: '1min' },
  },
  {
    interval: CandleInterval.CANDLE_INTERVAL_5M,
    ms: 300_000,
    channel: '5m',
    granularity: { ...both('5m'), spot: '5min' },
  },
  {
    interval: CandleInterval.CANDLE_INTERVAL_15M,
    ms: 900_000,
    channel: '15m',
    granularity: { ...both('15m'), spot: '15min' },
  },
  {
    interval: CandleInterval.CANDLE_INTERVAL_1H,
    ms: 3_600_000,
    channel: '1H',
    granularity: { ...both('1H'), spot: '1h' },
  },
  {
    interval: CandleInterval.CANDLE_INTERVAL_4H,
    ms: 14_400_000,
    channel: '4H',
    granularity: { ...both('4H'), spot: '4h' },
  },
  { interval: CandleInterval.CANDLE_INTERVAL_1D, ms: 86_400_000, channel: '1Dutc', granularity: both('1Dutc') },
];

export const CANDLE_INTERVALS = INTERVALS.map(({ interval }) => interval);

export function intervalWords(interval: CandleInterval): IntervalWords | undefined {
  return INTERVALS.find((words) => words.interval === interval);
}

/** Of the channel's name without `candle`. */
export function intervalOf(channel: string): CandleInterval | undefined {
  return INTERVALS.find((words) => words.channel === channel)?.interval;
}

export function readStatus(word: string): OrderStatus {
  const status = STATUSES.get(word.toLowerCase());
  if (status === undefined) throw new Unreadable(`order status ${word}`);
  return status;
}

export function readSide(word: string): Side {
  const side = word.toLowerCase();
  if (side === 'buy') return Side.BUY;
  if (side === 'sell') return Side.SELL;
  throw new Unreadable(`side ${word}`);
}

export function sideWord(side: Side): 'buy' | 'sell' {
  return side === Side.BUY ? 'buy' : 'sell';
}

export function readType(word: string): OrderType {
  if (word === 'limit') return OrderType.LIMIT;
  return word === 'market' ? OrderType.MARKET : OrderType.UNSPECIFIED;
}

/** Bitget prints a `force` on market orders, too; by the contract they are IOC. Spot queries tell none. */
export function readTimeInForce(force: string | undefined, type: OrderType): TimeInForce {
  const word = force?.toLowerCase();
  if (type === OrderType.MARKET || word === 'ioc') return TimeInForce.IOC;
  if (word === 'fok') return TimeInForce.FOK;
  return word === undefined || word === '' ? TimeInForce.UNSPECIFIED : TimeInForce.GTC;
}

/** "Get Order Detail" documents it with a space. */
export function isPostOnly(force: string | undefined): boolean {
  return force !== undefined && /^post[_ ]only$/i.test(force);
}

export function forceWord(timeInForce: TimeInForce, postOnly: boolean): 'gtc' | 'ioc' | 'fok' | 'post_only' {
  if (postOnly) return 'post_only';
  if (timeInForce === TimeInForce.IOC) return 'ioc';
  return timeInForce === TimeInForce.FOK ? 'fok' : 'gtc';
}

/** `YES` in answers and queries, `yes` on the stream. */
export function isYes(body: Json, key: string): boolean {
  return optionalText(body, key)?.toLowerCase() === 'yes';
}

/** The fill channel's own example says `marker`. */
export function readLiquidity(word: string): Liquidity {
  if (word === 'maker' || word === 'marker') return Liquidity.MAKER;
  if (word === 'taker') return Liquidity.TAKER;
  throw new Unreadable(`trade scope ${word}`);
}

export function readPositionMode(word: string | undefined): PositionMode {
  if (word === undefined || word === '') return PositionMode.UNSPECIFIED;
  return isHedge(word) ? PositionMode.HEDGE : PositionMode.ONE_WAY;
}

export function positionModeWord(mode: PositionMode): 'hedge_mode' | 'one_way_mode' {
  return mode === PositionMode.HEDGE ? 'hedge_mode' : 'one_way_mode';
}

/** The examples of "Get Order Detail" still say `cross`, one channel `fixed`. */
export function readMarginMode(word: string | undefined): MarginMode {
  if (word === 'isolated' || word === 'fixed') return MarginMode.ISOLATED;
  return word === 'crossed' || word === 'cross' ? MarginMode.CROSS : MarginMode.UNSPECIFIED;
}

export function marginModeWord(mode: MarginMode): 'isolated' | 'crossed' {
  return mode === MarginMode.ISOLATED ? 'isolated' : 'crossed';
}

export interface Sides {
  readonly side: Side;
  readonly positionSide: PositionSide;
}

/** Of an order's `side`, `posSide`, `tradeSide` and `posMode`. Spot orders have only the first. */
export function readOrderSides(body: Json): Sides {
  const side = readSide(text(body, 'side'));
  if (!isHedge(optionalText(body, 'posMode'))) return { side, positionSide: PositionSide.BOTH };
  const long = (optionalText(body, 'posSide') ?? (side === Side.BUY ? 'long' : 'short')) === 'long';
  return {
    side: long === isOpening(body) ? Side.BUY : Side.SELL,
    positionSide: long ? PositionSide.LONG : PositionSide.SHORT,
  };
}

/** Of a fill's `side`, `tradeSide` and `posMode`. */
export function readFillSides(body: Json): Sides {
  const side = readSide(text(body, 'side'));
  if (!isHedge(optionalText(body, 'posMode'))) return { side, positionSide: PositionSide.BOTH };
  const long = (side === Side.BUY) === isOpening(body);
  return { side, positionSide: long ? PositionSide.LONG : PositionSide.SHORT };
}

/** The `side` and `tradeSide` of an order to be placed. */
export function orderSideWords(side: Side, positionSide: PositionSide): { side: string; tradeSide?: string } {
  if (positionSide !== PositionSide.LONG && positionSide !== PositionSide.SHORT) return { side: sideWord(side) };
  const long = positionSide === PositionSide.LONG;
  const opens = (side === Side.BUY) === long;
  return { side: long ? 'buy' : 'sell', tradeSide: opens ? 'open' : 'close' };
}

/** Every other word of a hedge-mode order ends a position: `close`, `reduce_close_long`, `burst_close_short`, ... */
function isOpening(body: Json): boolean {
  return text(body, 'tradeSide') === 'open';
}

/** The documents write `hedge_mode` and `hedge-mode`. */
function isHedge(posMode: string | undefined): boolean {
  return posMode?.startsWith('hedge') ?? false;
}
