/** What Binance USD-M can do, as data (developers.binance.com, USD-M; VENUES.md 3 and 7.1 were its source). */
import { MarginMode, PositionMode } from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import {
  AmendSupport,
  Capabilities,
  ClientOrderIdUniqueness,
  ClosedLookup,
  DeadManScope,
} from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import { Channel } from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import { OrderType, TimeInForce } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { COMMON_METHODS, PERPETUAL_METHODS } from '../methods.ts';
import { CANDLE_INTERVALS } from './words.ts';

export const MAX_BATCH_PLACE = 5;
export const MAX_BATCH_CANCEL = 10;
/** Levels of the deepest REST snapshot. */
export const BOOK_DEPTH = 1_000;
const DAY_MS = 86_400_000;

export const USDM_CHANNELS: readonly Channel[] = [
  Channel.BEST_QUOTE,
  Channel.BOOK,
  Channel.TRADES,
  Channel.CANDLES,
  Channel.MARK_PRICE,
  Channel.TICKER,
  Channel.OPEN_INTEREST,
];

export function binanceCapabilities(requestExpiryMs: number): Capabilities {
  return Capabilities.fromPartial({
    orderTypes: [OrderType.LIMIT, OrderType.MARKET],
    timesInForce: [TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK],
    postOnly: true,
    reduceOnly: true,
    amend: AmendSupport.IN_PLACE,
    maxBatchPlace: MAX_BATCH_PLACE,
    maxBatchCancel: MAX_BATCH_CANCEL,
    deadMan: { scope: DeadManScope.SYMBOL, minMs: 1_000, maxMs: DAY_MS, oneShot: true },
    clientOrderIdPattern: '^[\\.A-Z\\:/a-z0-9_-]{1,36}$',
    clientOrderIdUniqueness: ClientOrderIdUniqueness.OPEN_ORDERS,
    // Orders that ended without a fill are archived after 3 days.
    closedLookup: ClosedLookup.WINDOW,
    closedLookupMs: 3 * DAY_MS,
    requestExpiryMs,
    channels: [...USDM_CHANNELS],
    positionModes: [PositionMode.ONE_WAY, PositionMode.HEDGE],
    marginModes: [MarginMode.CROSS, MarginMode.ISOLATED],
    bookDepths: [BOOK_DEPTH],
    candleIntervals: CANDLE_INTERVALS,
    methods: [...COMMON_METHODS, ...PERPETUAL_METHODS],
  });
}
