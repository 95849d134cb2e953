/** What Binance spot can do, as data (developers.binance.com, spot). */
import {
  AmendSupport,
  Capabilities,
  ClientOrderIdUniqueness,
  ClosedLookup,
} from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import { Channel } from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import { OrderType, TimeInForce } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { COMMON_METHODS } from '../methods.ts';
import { BOOK_DEPTH } from './capabilities.ts';
import { CANDLE_INTERVALS } from './words.ts';

const DAY_MS = 86_400_000;

export const SPOT_CHANNELS: readonly Channel[] = [
  Channel.BEST_QUOTE,
  Channel.BOOK,
  Channel.TRADES,
  Channel.CANDLES,
  Channel.TICKER,
];

const NO_POSITIONS = 'a spot account holds balances, no positions';
const NO_FUNDING = 'spot has no funding';

export function spotCapabilities(requestExpiryMs: number): Capabilities {
  return Capabilities.fromPartial({
    orderTypes: [OrderType.LIMIT, OrderType.MARKET],
    timesInForce: [TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK],
    postOnly: true,
    reduceOnly: false,
    amend: AmendSupport.REPLACE,
    maxBatchPlace: 0,
    maxBatchCancel: 0,
    clientOrderIdPattern: '^[a-zA-Z0-9-_]{1,36}$',
    clientOrderIdUniqueness: ClientOrderIdUniqueness.OPEN_ORDERS,
    // Orders that ended without a fill are archived after 90 days.
    closedLookup: ClosedLookup.WINDOW,
    closedLookupMs: 90 * DAY_MS,
    requestExpiryMs,
    channels: [...SPOT_CHANNELS],
    bookDepths: [BOOK_DEPTH],
    candleIntervals: CANDLE_INTERVALS,
    methods: [...COMMON_METHODS],
    absences: [
      { name: 'ListPositions', reason: NO_POSITIONS },
      { name: 'ListFundingPayments', reason: NO_FUNDING },
      { name: 'GetFundingRate', reason: NO_FUNDING },
      { name: 'GetAccountSettings', reason: 'a spot account has no leverage, margin mode or position mode' },
      { name: 'SetLeverage', reason: 'a spot account has no leverage' },
      { name: 'SetMarginMode', reason: 'a spot account has no margin' },
      { name: 'SetPositionMode', reason: NO_POSITIONS },
      { name: 'CHANNEL_MARK_PRICE', reason: 'spot has no mark price' },
      { name: 'CHANNEL_OPEN_INTEREST', reason: 'spot has no open interest' },
      { name: 'reduce_only', reason: NO_POSITIONS },
      { name: 'dead_man', reason: 'the venue has no countdown for spot orders' },
      { name: 'max_batch_place', reason: 'the venue takes no batches of spot orders' },
      { name: 'max_batch_cancel', reason: 'the venue takes no batches of spot orders' },
    ],
  });
}
