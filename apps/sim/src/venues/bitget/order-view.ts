/**
 * Orders and fills of both markets as the venue's REST answers them. Sizes and prices are plain decimals, fees what
 * the customer pays below zero, times text of milliseconds.
 */
import { type Decimal, notional } from '@trunkline/proto/decimal';
import { averagePrice } from '../../core/order.ts';
import type { Fill, Instrument, MarginType, Order, PositionSide, Side } from '../../core/types.ts';
import type { VenueContext } from './call.ts';
import type { Totals } from './order-totals.ts';
import { averageText, forceText, money, paid, statusText, wireTime } from './print.ts';
import type { Product } from './product.ts';

/** How an order and its trades are told: by position in hedge mode, by trade in one-way mode. */
export interface Direction {
  /** Of an order. In hedge mode it is the position's: `buy` for all of a long's orders. */
  readonly side: Side;
  readonly tradeSide: string;
  readonly posSide: 'net' | 'long' | 'short';
  readonly posMode: 'one_way_mode' | 'hedge_mode';
  readonly reduces: boolean;
}

export function directionOf(trade: {
  readonly side: Side;
  readonly positionSide: PositionSide;
  readonly reduceOnly?: boolean;
}): Direction {
  const { side, positionSide, reduceOnly = false } = trade;
  if (positionSide === 'both')
    return { side, tradeSide: `${side}_single`, posSide: 'net', posMode: 'one_way_mode', reduces: reduceOnly };
  const opening = openingSide(positionSide);
  const opens = side === opening;
  return {
    side: opening,
    tradeSide: opens ? 'open' : 'close',
    posSide: positionSide,
    posMode: 'hedge_mode',
    reduces: !opens,
  };
}

/** What opens a position of hedge mode; the other side closes it. */
export function openingSide(positionSide: 'long' | 'short'): Side {
  return positionSide === 'long' ? 'buy' : 'sell';
}

export function marginModeText(marginType: MarginType): 'crossed' | 'isolated' {
  return marginType === 'cross' ? 'crossed' : 'isolated';
}

/** One order of the futures market; `detail` names its status `state`, lists name it `status`. */
export function futuresOrder(order: Order, instrument: Instrument, { core, product, totals }: VenueContext) {
  const { side, tradeSide, posSide, posMode, reduces } = directionOf(order);
  const { fee, feeAsset, realizedPnl } = totals.of(order);
  const isUntouched = feeAsset === '';
  return {
    symbol: order.symbol,
    size: order.quantity,
    orderId: order.venueOrderId,
    clientOid: order.clientOrderId,
    baseVolume: order.executedQuantity,
    fee: isUntouched ? '' : paid(fee),
    price: order.price ?? '',
    priceAvg: isUntouched ? '' : averageText(order, (places) => averagePrice(order, places)),
    status: statusText(order.status, product),
    side,
    force: forceText(order),
    totalProfits: isUntouched ? '' : money(realizedPnl),
    posSide,
    marginCoin: instrument.quote,
    quoteVolume: money(order.executedQuote),
    leverage: String(core.leverage(order.accountId, order.symbol)),
    marginMode: marginModeText(core.marginType(order.accountId, order.symbol)),
    reduceOnly: reduces ? 'YES' : 'NO',
    enterPointSource: 'API',
    tradeSide,
    posMode,
    orderType: order.type,
    orderSource: sourceOf(order),
    cancelReason: cancelReasonOf(order),
    cTime: wireTime(order.createdUs),
    uTime: wireTime(order.updatedUs),
    presetStopSurplusPrice: '',
    presetStopSurplusType: '',
    presetStopSurplusExecutePrice: '',
    presetStopLossPrice: '',
    presetStopLossType: '',
    presetStopLossExecutePrice: '',
  };
}

export function futuresOrderDetail(order: Order, instrument: Instrument, context: VenueContext) {
  const { status, ...detail } = futuresOrder(order, instrument, context);
  return { ...detail, state: status };
}

export function futuresFill(fill: Fill) {
  const { side, tradeSide, posMode } = directionOf(fill);
  return {
    tradeId: fill.tradeId,
    symbol: fill.symbol,
    orderId: fill.venueOrderId,
    price: fill.price,
    baseVolume: fill.quantity,
    feeDetail: [feeDetail(fill)],
    side,
    quoteVolume: money(notional(fill.price, fill.quantity)),
    profit: money(fill.realizedPnl),
    enterPointSource: 'api',
    tradeSide,
    posMode,
    tradeScope: fill.maker ? 'maker' : 'taker',
    cTime: wireTime(fill.timeUs),
    uTime: wireTime(fill.timeUs),
  };
}

/** A finished or single order of the spot market. */
export function spotOrder(order: Order, uid: string, { product, totals }: VenueContext) {
  return {
    ...spotCommon(order, uid, product),
    price: order.price ?? '0',
    priceAvg: averageText(order, (places) => averagePrice(order, places)),
    feeDetail: spotFees(totals.of(order)),
    cancelReason: cancelReasonOf(order),
  };
}

/** An open order of the spot market: here `priceAvg` is the order's price and `basePrice` the average of its fills. */
export function spotOpenOrder(order: Order, uid: string, { product }: VenueContext) {
  return {
    ...spotCommon(order, uid, product),
    priceAvg: order.price ?? '0',
    basePrice: averageText(order, (places) => averagePrice(order, places)),
    triggerPrice: null,
    tpslType: 'normal',
    presetTakeProfitPrice: '',
    executeTakeProfitPrice: '',
    presetStopLossPrice: '',
    executeStopLossPrice: '',
  };
}

export function spotFill(fill: Fill, order: Order | undefined, uid: string) {
  return {
    userId: uid,
    symbol: fill.symbol,
    orderId: fill.venueOrderId,
    tradeId: fill.tradeId,
    orderType: order?.type ?? 'limit',
    side: fill.side,
    priceAvg: fill.price,
    size: fill.quantity,
    amount: money(notional(fill.price, fill.quantity)),
    feeDetail: feeDetail(fill),
    tradeScope: fill.maker ? 'maker' : 'taker',
    cTime: wireTime(fill.timeUs),
    uTime: wireTime(fill.timeUs),
  };
}

export function feeDetail(fill: Fill) {
  return { deduction: 'no', feeCoin: fill.feeAsset, totalDeductionFee: '0', totalFee: paid(fill.fee) };
}

/** Base asset, but what a spot market buy was to spend. */
export function sizeOf(order: Order): Decimal {
  return order.quoteQuantity ?? order.quantity;
}

export function cancelReasonOf({ end }: Order): string {
  if (end === undefined) return '';
  return end.reason === 'self_trade' ? 'stp_cancel' : 'normal_cancel';
}

function spotCommon(order: Order, uid: string, product: Product) {
  return {
    userId: uid,
    symbol: order.symbol,
    orderId: order.venueOrderId,
    clientOid: order.clientOrderId,
    size: sizeOf(order),
    orderType: order.type,
    side: order.side,
    status: statusText(order.status, product),
    baseVolume: order.executedQuantity,
    quoteVolume: money(order.executedQuote),
    enterPointSource: 'API',
    orderSource: sourceOf(order),
    cTime: wireTime(order.createdUs),
    uTime: wireTime(order.updatedUs),
  };
}

/** JSON inside the JSON, by fee coin, and `newFees` with the total. */
function spotFees({ fee, feeAsset }: Totals): string {
  if (feeAsset === '') return '';
  const total = Number(paid(fee));
  return JSON.stringify({
    newFees: { c: 0, d: 0, deduction: false, r: total, t: total, totalDeductionFee: 0 },
    [feeAsset]: { deduction: false, feeCoinCode: feeAsset, totalDeductionFee: 0, totalFee: total },
  });
}

function sourceOf({ type }: Order): string {
  return type === 'market' ? 'market' : 'normal';
}
