/** What Gate can do in each of its markets, as data (APIv4 and WebSocket v4 documents). */
import { MarginMode, PositionMode } from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import {
  AmendSupport,
  Capabilities,
  ClientOrderIdUniqueness,
  ClosedLookup,
  DeadManScope,
} from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import { Channel } from '@trunkline/proto/gen/trunkline/exchange/v1/market_data';
import { OrderType, Side, TimeInForce } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { COMMON_METHODS, PERPETUAL_METHODS } from '../methods.ts';
import type { MarketKind } from './market-kind.ts';
import { CANDLE_INTERVALS } from './words.ts';

/** Spot takes four pairs of ten in one request; a batch may well be of one pair. */
export const MAX_BATCH_PLACE = 10;
export const MAX_BATCH_CANCEL = 20;
/** A client order id can be asked for this long after its order ended (futures). */
const TEXT_KEPT_MS = 60_000;
const COUNTDOWN_MIN_MS = 5_000;
/** The documents name no longest countdown; a day is enough for anybody. */
const COUNTDOWN_MAX_MS = 86_400_000;

const COMMON_CHANNELS = [Channel.BEST_QUOTE, Channel.BOOK, Channel.TRADES, Channel.CANDLES, Channel.TICKER];

export function gateCapabilities(kind: MarketKind, requestExpiryMs: number): Capabilities {
  return Capabilities.fromPartial({
    orderTypes: [OrderType.LIMIT, OrderType.MARKET],
    timesInForce: [TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK],
    postOnly: true,
    amend: AmendSupport.IN_PLACE,
    maxBatchPlace: MAX_BATCH_PLACE,
    maxBatchCancel: MAX_BATCH_CANCEL,
    deadMan: { scope: DeadManScope.SYMBOL, minMs: COUNTDOWN_MIN_MS, maxMs: COUNTDOWN_MAX_MS, oneShot: true },
    // After the `t-` that this connector puts before it and takes off again.
    clientOrderIdPattern: '^[0-9A-Za-z_.-]{1,28}$',
    clientOrderIdUniqueness: ClientOrderIdUniqueness.NONE,
    requestExpiryMs,
    bookDepths: [kind.bookLevels],
    candleIntervals: CANDLE_INTERVALS,
    ...(kind.market === 'spot' ? SPOT : PERPETUAL),
  });
}

const PERPETUAL = {
  reduceOnly: true,
  closedLookup: ClosedLookup.WINDOW,
  closedLookupMs: TEXT_KEPT_MS,
  channels: [...COMMON_CHANNELS, Channel.MARK_PRICE, Channel.OPEN_INTEREST],
  methods: [...COMMON_METHODS, ...PERPETUAL_METHODS],
  positionModes: [PositionMode.ONE_WAY, PositionMode.HEDGE],
  marginModes: [MarginMode.CROSS, MarginMode.ISOLATED],
};

const NO_POSITIONS = 'a spot account holds balances, no positions';

const SPOT = {
  reduceOnly: false,
  closedLookup: ClosedLookup.NEVER,
  channels: COMMON_CHANNELS,
  methods: [...COMMON_METHODS],
  marketOrderSides: [Side.SELL],
  absences: [
    { name: 'ListPositions', reason: NO_POSITIONS },
    { name: 'ListFundingPayments', reason: 'spot has no funding' },
    { name: 'GetFundingRate', reason: 'spot has no funding' },
    { name: 'GetAccountSettings', reason: 'a spot account has no leverage, margin mode or position mode' },
    { name: 'SetLeverage', reason: 'a spot account has no leverage' },
    { name: 'SetMarginMode', reason: 'a spot account has no margin' },
    { name: 'SetPositionMode', reason: NO_POSITIONS },
    { name: 'CHANNEL_MARK_PRICE', reason: 'spot has no mark price' },
    { name: 'CHANNEL_OPEN_INTEREST', reason: 'spot has no open interest' },
    { name: 'reduce_only', reason: NO_POSITIONS },
    { name: 'ORDER_TYPE_MARKET/SIDE_BUY', reason: 'a spot market buy counts the amount in the quote currency' },
  ],
};
