/** What a Bitget classic account can do, as data (bitget.com/api-doc; product.ts names the two markets). */
import { MarginMode, PositionMode } from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import {
  type Absence,
  AmendSupport,
  Capabilities,
  ClientOrderIdUniqueness,
  ClosedLookup,
} from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import { Channel } from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import { OrderType, Side, TimeInForce } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { COMMON_METHODS, PERPETUAL_METHODS } from '../methods.ts';
import { BOOK_DEPTH } from './depth.ts';
import type { Product } from './product.ts';
import { SIGNATURE_EXPIRY_MS } from './rest.ts';
import { CANDLE_INTERVALS } from './words.ts';

export const MAX_BATCH = 50;
const DAY_MS = 86_400_000;
/** Orders and trades can be asked for as long as this ("... within 90 days"). */
export const HISTORY_KEPT_MS = 90 * DAY_MS;

const CHANNELS = [Channel.BEST_QUOTE, Channel.BOOK, Channel.TRADES, Channel.CANDLES, Channel.TICKER];
const FUTURES_CHANNELS = [Channel.MARK_PRICE, Channel.OPEN_INTEREST];

const NO_DEAD_MAN: Absence = {
  name: 'DeadMan',
  reason: 'Bitget has a cancel countdown for unified accounts alone, on application; a classic account has none',
};
const SPOT_ABSENCES: readonly Absence[] = [
  { name: 'ListPositions', reason: 'a spot account has balances, no positions' },
  { name: 'ListFundingPayments', reason: 'spot has no funding' },
  { name: 'GetAccountSettings', reason: 'a spot account has no leverage, margin mode or position mode' },
  { name: 'GetFundingRate', reason: 'spot has no funding' },
  { name: 'SetLeverage', reason: 'a spot account has no leverage' },
  { name: 'SetMarginMode', reason: 'a spot account has no margin' },
  { name: 'SetPositionMode', reason: 'a spot account has no positions' },
  { name: 'CHANNEL_MARK_PRICE', reason: 'spot has no mark price' },
  { name: 'CHANNEL_OPEN_INTEREST', reason: 'spot has no open interest' },
  {
    name: 'ORDER_TYPE_MARKET SIDE_BUY',
    reason: 'Bitget counts a spot market buy in the quote currency, quantities here are in base asset; use a limit IOC',
  },
  { name: 'reduce_only', reason: 'spot has no positions to reduce' },
];

export function bitgetCapabilities({ market }: Product): Capabilities {
  const spot = market === 'spot';
  return Capabilities.fromPartial({
    orderTypes: [OrderType.LIMIT, OrderType.MARKET],
    timesInForce: [TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK],
    postOnly: true,
    reduceOnly: !spot,
    // Both cancel the order and place another: spot in one answer, futures "asynchronously".
    amend: AmendSupport.REPLACE,
    maxBatchPlace: MAX_BATCH,
    maxBatchCancel: MAX_BATCH,
    // Documented lengths differ (50, 64); the characters are those of its examples.
    clientOrderIdPattern: '^[A-Za-z0-9_:#-]{1,50}$',
    clientOrderIdUniqueness: ClientOrderIdUniqueness.OPEN_ORDERS,
    closedLookup: ClosedLookup.WINDOW,
    closedLookupMs: HISTORY_KEPT_MS,
    requestExpiryMs: SIGNATURE_EXPIRY_MS,
    channels: spot ? CHANNELS : [...CHANNELS, ...FUTURES_CHANNELS],
    bookDepths: [BOOK_DEPTH],
    candleIntervals: CANDLE_INTERVALS,
    methods: [...COMMON_METHODS, ...(spot ? [] : PERPETUAL_METHODS)],
    absences: spot ? [NO_DEAD_MAN, ...SPOT_ABSENCES] : [NO_DEAD_MAN],
    positionModes: spot ? [] : [PositionMode.ONE_WAY, PositionMode.HEDGE],
    marginModes: spot ? [] : [MarginMode.CROSS, MarginMode.ISOLATED],
    marketOrderSides: spot ? [Side.SELL] : [],
  });
}

/** Why something is not offered, by its name in `absences`. */
export function absenceReason(name: string): string {
  return [NO_DEAD_MAN, ...SPOT_ABSENCES].find((absence) => absence.name === name)?.reason ?? 'not offered';
}
