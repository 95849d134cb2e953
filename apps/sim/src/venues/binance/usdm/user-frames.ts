/**
 * User data stream messages, field for field as the live USD-M service sends them.
 *
 * The order of one request's messages is the core's: orders and fills first, then one ACCOUNT_UPDATE.
 */
import { type Decimal, isZero, multiply, subtract, sum, ZERO } from '@trunkline/proto/decimal';
import type { Core } from '../../../core/core-api.ts';
import type { CoreEvent, OrderExecution } from '../../../core/events.ts';
import type { Fill, Instrument, Order, Position, Side } from '../../../core/types.ts';
import { fixed, milliseconds } from '../../decimal-text.ts';
import {
  averagePrice,
  money,
  POSITION_SIDES,
  precisionOf,
  quoteAmount,
  SELF_TRADE_MODES,
  SIDES,
  statusOf,
  TYPES,
  timeInForceOf,
  wireId,
} from '../print.ts';
import { entryPrice } from './account-view.ts';
import { averageOf } from './order-view.ts';

type EventOf<K extends CoreEvent['kind']> = Extract<CoreEvent, { readonly kind: K }>;

const EXECUTIONS = {
  new: 'NEW',
  amended: 'AMENDMENT',
  canceled: 'CANCELED',
  expired: 'EXPIRED',
  rejected: 'REJECTED',
} as const satisfies Record<OrderExecution, string>;

const REASONS = {
  deposit: 'DEPOSIT',
  order: 'ORDER',
  funding: 'FUNDING_FEE',
} as const satisfies Record<EventOf<'account'>['reason'], string>;

export function orderTradeUpdate(event: EventOf<'order'> | EventOf<'fill'>, core: Core, nowMs: number) {
  const instrument = core.instrument(event.order.symbol);
  if (instrument === undefined) return undefined;
  const execution = event.kind === 'fill' ? 'TRADE' : EXECUTIONS[event.execution];
  const fill = event.kind === 'fill' ? event.fill : undefined;
  const timeMs = milliseconds(event.timeUs);
  return {
    e: 'ORDER_TRADE_UPDATE',
    T: timeMs,
    E: nowMs,
    o: {
      ...orderFields(event.order, instrument, execution),
      ...fillFields(fill, instrument),
      T: timeMs,
      b: openNotional(core, event.order, 'buy', instrument),
      a: openNotional(core, event.order, 'sell', instrument),
    },
  };
}

/**
 * `cr` is realised before fees; `bc` is any change but by orders, so what funding paid or took. Funding of cross
 * positions is told by its balance alone.
 */
export function accountUpdate(event: EventOf<'account'>, core: Core, nowMs: number, funding: Decimal) {
  const isolated = ({ symbol }: Position) => core.marginType(event.accountId, symbol) === 'isolated';
  const positions = event.reason === 'funding' ? event.positions.filter(isolated) : event.positions;
  return {
    e: 'ACCOUNT_UPDATE',
    T: milliseconds(event.timeUs),
    E: nowMs,
    a: {
      B: event.balances.map((balance) => ({
        a: balance.asset,
        wb: money(balance.walletBalance),
        cw: money(balance.walletBalance),
        bc: isZero(funding) ? '0' : money(funding),
      })),
      P: positions.flatMap((position) => positionFields(event.accountId, position, core)),
      m: REASONS[event.reason],
    },
  };
}

export function accountConfigUpdate(event: EventOf<'leverage'>, nowMs: number) {
  return {
    e: 'ACCOUNT_CONFIG_UPDATE',
    T: milliseconds(event.timeUs),
    E: nowMs,
    ac: { s: event.symbol, l: event.leverage },
  };
}

/** The short form of a fill, which the venue sends before the full report. */
export function tradeLite({ order, fill, timeUs }: EventOf<'fill'>, core: Core, nowMs: number) {
  const instrument = core.instrument(order.symbol);
  if (instrument === undefined) return undefined;
  const precision = precisionOf(instrument);
  return {
    e: 'TRADE_LITE',
    E: nowMs,
    T: milliseconds(timeUs),
    s: order.symbol,
    q: fixed(order.quantity, precision.quantity),
    p: fixed(order.price ?? ZERO, precision.price),
    m: fill.maker,
    c: order.clientOrderId,
    S: SIDES[order.side],
    L: fixed(fill.price, precision.price),
    l: fixed(fill.quantity, precision.quantity),
    t: wireId(fill.tradeId),
    i: wireId(order.venueOrderId),
  };
}

export function listenKeyExpired(listenKey: string, nowMs: number) {
  return { e: 'listenKeyExpired', E: nowMs, listenKey };
}

function orderFields(order: Order, instrument: Instrument, execution: string) {
  const precision = precisionOf(instrument);
  return {
    s: order.symbol,
    c: order.clientOrderId,
    S: SIDES[order.side],
    o: TYPES[order.type],
    f: timeInForceOf(order),
    q: fixed(order.quantity, precision.quantity),
    p: fixed(order.price ?? ZERO, precision.price),
    ap: averagePrice(averageOf(order), precision),
    sp: fixed(ZERO, precision.price),
    x: execution,
    X: statusOf(order),
    i: wireId(order.venueOrderId),
    z: fixed(order.executedQuantity, precision.quantity),
    R: order.reduceOnly,
    wt: 'CONTRACT_PRICE',
    ot: TYPES[order.type],
    ps: POSITION_SIDES[order.positionSide],
    cp: false,
    pP: false,
    si: 0,
    ss: 0,
    V: SELF_TRADE_MODES[order.selfTradePrevention ?? 'none'],
    pm: 'NONE',
    gtd: 0,
    er: '0',
  };
}

/** Commission is left out where nothing was executed, as the venue does. */
function fillFields(fill: Fill | undefined, instrument: Instrument) {
  const precision = precisionOf(instrument);
  if (fill === undefined) {
    return { l: fixed(ZERO, precision.quantity), L: fixed(ZERO, precision.price), t: 0, m: false, rp: '0' };
  }
  return {
    l: fixed(fill.quantity, precision.quantity),
    L: fixed(fill.price, precision.price),
    N: fill.feeAsset,
    n: money(fill.fee),
    t: wireId(fill.tradeId),
    m: fill.maker,
    rp: money(fill.realizedPnl),
  };
}

function positionFields(accountId: string, position: Position, core: Core) {
  const instrument = core.instrument(position.symbol);
  if (instrument === undefined) return [];
  const mark = core.markPrice(position.symbol)?.markPrice;
  const marginType = core.marginType(accountId, position.symbol);
  const unrealized = mark === undefined ? ZERO : subtract(multiply(position.quantity, mark), position.cost);
  return [
    {
      s: position.symbol,
      pa: fixed(position.quantity, precisionOf(instrument).quantity),
      ep: entryPrice(position, instrument),
      bep: entryPrice(position, instrument),
      cr: money(position.realizedPnl),
      up: isZero(position.quantity) ? '0' : money(unrealized),
      mt: marginType,
      iw: marginType === 'isolated' ? isolatedWallet(accountId, position, core) : '0',
      ps: POSITION_SIDES[position.positionSide],
      ma: instrument.quote,
    },
  ];
}

function isolatedWallet(accountId: string, { symbol, positionSide }: Position, core: Core): string {
  const held = core
    .account(accountId)
    ?.positions.find((candidate) => candidate.symbol === symbol && candidate.positionSide === positionSide);
  return money(held?.isolatedMargin ?? ZERO);
}

/** What the account's open orders of one side in the order's symbol would cost at their prices. */
function openNotional(core: Core, { accountId, symbol }: Order, side: Side, instrument: Instrument): string {
  const parts: Decimal[] = [];
  for (const order of core.openOrders(accountId, symbol)) {
    if (order.side !== side || order.price === undefined) continue;
    parts.push(multiply(order.price, subtract(order.quantity, order.executedQuantity)));
  }
  return parts.length === 0 ? '0' : quoteAmount(sum(parts), precisionOf(instrument));
}
