/** The data of private channels, field for field as the venue pushes them. */
import { multiply, notional, ZERO } from '@trunkline/proto/decimal';
import { averagePrice } from '../../core/order.ts';
import type { Fill, Instrument, Order, SelfTradePrevention } from '../../core/types.ts';
import type { VenueContext } from './call.ts';
import { cancelReasonOf, directionOf, feeDetail, marginModeText, sizeOf } from './order-view.ts';
import { averageText, forceText, money, paid, statusText, wireTime } from './print.ts';

const STP_MODES = {
  none: 'none',
  expire_taker: 'cancel_taker',
  expire_maker: 'cancel_maker',
  expire_both: 'cancel_both',
} as const satisfies Record<SelfTradePrevention, string>;

/** A row of the futures' `orders` channel; with the fill that it tells of, if it tells of one. */
export function futuresOrderFrame(order: Order, fill: Fill | undefined, instrument: Instrument, context: VenueContext) {
  const { core, product, totals } = context;
  const { side, tradeSide, posSide, posMode, reduces } = directionOf(order);
  const { fee, realizedPnl } = totals.of(order);
  const mark = core.markPrice(order.symbol)?.markPrice ?? ZERO;
  return {
    instId: order.symbol,
    orderId: order.venueOrderId,
    clientOid: order.clientOrderId,
    price: order.price ?? '0',
    size: order.quantity,
    notionalUsd: money(multiply(order.price ?? mark, order.quantity)),
    orderType: order.type,
    force: forceText(order),
    side,
    posSide,
    posMode,
    tradeSide,
    marginMode: marginModeText(core.marginType(order.accountId, order.symbol)),
    marginCoin: instrument.quote,
    leverage: String(core.leverage(order.accountId, order.symbol)),
    reduceOnly: reduces ? 'yes' : 'no',
    enterPointSource: 'API',
    status: statusText(order.status, product),
    cancelReason: cancelReasonOf(order),
    accBaseVolume: order.executedQuantity,
    // "This field will not be pushed if the order is cancelled."
    ...(order.end === undefined ? { priceAvg: averageText(order, (places) => averagePrice(order, places)) } : {}),
    ...(fill === undefined ? {} : { ...fillFields(fill), fillNotionalUsd: money(order.executedQuote) }),
    pnl: fill === undefined ? '0' : money(fill.realizedPnl),
    totalProfits: money(realizedPnl),
    feeDetail: [{ feeCoin: instrument.quote, fee: paid(fee) }],
    stpMode: STP_MODES[order.selfTradePrevention ?? 'none'],
    presetStopSurplusPrice: '',
    presetStopLossPrice: '',
    cTime: wireTime(order.createdUs),
    uTime: wireTime(order.updatedUs),
  };
}

/** A row of the spot market's `orders` channel. */
export function spotOrderFrame(order: Order, fill: Fill | undefined, _instrument: Instrument, context: VenueContext) {
  const { product, totals } = context;
  const { fee, feeAsset } = totals.of(order);
  const worth = order.price === undefined ? sizeOf(order) : notional(order.price, order.quantity);
  return {
    instId: order.symbol,
    orderId: order.venueOrderId,
    clientOid: order.clientOrderId,
    ...(order.price === undefined ? {} : { price: order.price }),
    // "When side=buy, it represents the amount of quote coin": of limit orders too.
    size: order.side === 'buy' ? money(worth) : order.quantity,
    newSize: sizeOf(order),
    notional: money(worth),
    orderType: order.type,
    force: forceText(order),
    side: order.side,
    ...(fill === undefined ? {} : fillFields(fill)),
    accBaseVolume: order.executedQuantity,
    priceAvg: averageText(order, (places) => averagePrice(order, places)),
    status: statusText(order.status, product),
    enterPointSource: 'API',
    feeDetail: feeAsset === '' ? [] : [{ feeCoin: feeAsset, fee: paid(fee) }],
    stpMode: STP_MODES[order.selfTradePrevention ?? 'none'],
    cTime: wireTime(order.createdUs),
    uTime: wireTime(order.updatedUs),
  };
}

/** A row of the futures' `fill` channel: here `side` is the trade's own in both position modes. */
export function futuresFillFrame(fill: Fill, order: Order) {
  const { tradeSide, posMode } = directionOf(fill);
  return {
    orderId: fill.venueOrderId,
    clientOid: fill.clientOrderId,
    tradeId: fill.tradeId,
    symbol: fill.symbol,
    side: fill.side,
    orderType: order.type,
    posMode,
    price: fill.price,
    baseVolume: fill.quantity,
    quoteVolume: money(notional(fill.price, fill.quantity)),
    profit: money(fill.realizedPnl),
    tradeSide,
    tradeScope: fill.maker ? 'maker' : 'taker',
    feeDetail: [feeDetail(fill)],
    cTime: wireTime(fill.timeUs),
    uTime: wireTime(fill.timeUs),
  };
}

export function spotFillFrame(fill: Fill, order: Order) {
  return {
    orderId: fill.venueOrderId,
    clientOid: fill.clientOrderId,
    tradeId: fill.tradeId,
    symbol: fill.symbol,
    orderType: order.type,
    side: fill.side,
    priceAvg: fill.price,
    size: fill.quantity,
    amount: money(notional(fill.price, fill.quantity)),
    tradeScope: fill.maker ? 'maker' : 'taker',
    // Positive is paid here, unlike everywhere else: so it stands in recorded frames of this channel (ccxt's source).
    feeDetail: [{ ...feeDetail(fill), totalFee: money(fill.fee) }],
    cTime: wireTime(fill.timeUs),
    uTime: wireTime(fill.timeUs),
  };
}

function fillFields(fill: Fill) {
  return {
    fillPrice: fill.price,
    tradeId: fill.tradeId,
    baseVolume: fill.quantity,
    fillTime: wireTime(fill.timeUs),
    fillFee: paid(fill.fee),
    fillFeeCoin: fill.feeAsset,
    tradeScope: fill.maker ? 'M' : 'T',
  };
}
