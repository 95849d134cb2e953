/**
 * Orders: place, amend, cancel, their batches, cancel-all and its countdown, and queries of orders and fills.
 *
 * R1  A batch is many single requests in order: each element has its own verdict, and none undoes another.
 * R2  Placing costs no request weight but counts against the account's order limits, amending too; canceling does not.
 */
import type { Rng } from '@trunkline/proto/rng';
import type { Order } from '../../../core/types.ts';
import type { VenueAccount } from '../../venue-front.ts';
import { type Answer, answer, type OrderCost, type Params, type Route, type VenueContext } from '../call.ts';
import { isRefused, refusalBody, refuse } from '../errors.ts';
import { optional, optionalInteger, pageLimit, requiredInteger, timeBounds } from '../params.ts';
import { mintClientId } from '../print.ts';
import { readBatch, readIdList } from './batch-input.ts';
import { refusedByCore } from './core-refusal.ts';
import {
  ACCESS_PARAMETERS,
  NEW_ORDER_PARAMETERS,
  readAmend,
  readInstrument,
  readNewOrder,
  readOrderRef,
} from './order-input.ts';
import { orderAck, orderResult, orderState } from './order-view.ts';

const PLACE_BATCH = 5;
const CANCEL_BATCH = 10;
const LIST = { usual: 500, most: 1_000 } as const;
const ONE_ORDER: OrderCost = { short: 1, long: 1 };
const ONE_BATCH: OrderCost = { short: 5, long: 1 };

const AMEND_PARAMETERS: ReadonlySet<string> = new Set([
  ...ACCESS_PARAMETERS,
  'symbol',
  'orderId',
  'origClientOrderId',
  'side',
  'quantity',
  'price',
  'priceMatch',
]);
const CANCEL_PARAMETERS: ReadonlySet<string> = new Set([
  ...ACCESS_PARAMETERS,
  'symbol',
  'orderId',
  'origClientOrderId',
]);

export function tradeRoutes(context: VenueContext, rng: Rng): readonly Route[] {
  const { core } = context;
  const mintClientOrderId = () => mintClientId(rng);

  const place = (params: Params, account: VenueAccount): Answer => {
    const input = readNewOrder(params, account.name, core, mintClientOrderId);
    if (isRefused(input)) return input;
    const { instrument, order } = input;
    const verdict = core.place(order);
    if (!verdict.ok) return refusedByCore(verdict.refusal, 'place', { core, instrument, side: order.side });
    return answer(
      input.respondWith === 'ack' ? orderAck(verdict.value, instrument) : orderResult(verdict.value, instrument),
    );
  };

  const amend = (params: Params, account: VenueAccount): Answer => {
    const input = readAmend(params, account.name, core);
    if (isRefused(input)) return input;
    const { instrument } = input;
    const verdict = core.amend(input.amend);
    if (verdict.ok) return answer(orderResult(verdict.value, instrument));
    return refusedByCore(verdict.refusal, 'amend', {
      core,
      instrument,
      ...(input.amend.side === undefined ? {} : { side: input.amend.side }),
    });
  };

  const cancel = (params: Params, account: VenueAccount): Answer => {
    const instrument = readInstrument(params, core);
    if (isRefused(instrument)) return instrument;
    const order = readOrderRef(params);
    if (isRefused(order)) return order;
    const verdict = core.cancel({ accountId: account.name, symbol: instrument.symbol, order });
    if (!verdict.ok) return refusedByCore(verdict.refusal, 'cancel', { core, instrument });
    return answer(orderResult(verdict.value, instrument));
  };

  const query = (params: Params, account: VenueAccount, admit: (order: Order) => boolean): Answer => {
    const instrument = readInstrument(params, core);
    if (isRefused(instrument)) return instrument;
    const ref = readOrderRef(params);
    if (isRefused(ref)) return ref;
    const order = core.order(account.name, instrument.symbol, ref);
    return order !== undefined && admit(order) ? answer(orderState(order, instrument)) : refuse('NO_SUCH_ORDER');
  };

  const batch = (params: Params, each: (params: Params) => Answer): Answer => {
    const rows = readBatch(params, 'batchOrders', PLACE_BATCH);
    return isRefused(rows) ? rows : answer(rows.map((row) => element(each(row))));
  };

  const cancelBatch = (params: Params, account: VenueAccount): Answer => {
    const instrument = readInstrument(params, core);
    if (isRefused(instrument)) return instrument;
    const rows = readIdList(params, instrument.symbol, CANCEL_BATCH);
    return isRefused(rows) ? rows : answer(rows.map((row) => element(cancel(row, account))));
  };

  const cancelAll = (params: Params, account: VenueAccount): Answer => {
    const instrument = readInstrument(params, core);
    if (isRefused(instrument)) return instrument;
    core.cancelAll(account.name, instrument.symbol);
    return answer({ code: 200, msg: 'The operation of cancel all open order is done.' });
  };

  const countdown = (params: Params, account: VenueAccount): Answer => {
    const instrument = readInstrument(params, core);
    if (isRefused(instrument)) return instrument;
    const countdownMs = requiredInteger(params, 'countdownTime');
    if (isRefused(countdownMs)) return countdownMs;
    const verdict = core.countdownCancelAll(account.name, instrument.symbol, countdownMs);
    if (!verdict.ok) return refusedByCore(verdict.refusal, 'cancel', { core, instrument });
    return answer({ symbol: instrument.symbol, countdownTime: String(countdownMs) });
  };

  const openOrders = (params: Params, account: VenueAccount): Answer => {
    if (optional(params, 'symbol') === undefined) return answer(views(core.openOrders(account.name)));
    const instrument = readInstrument(params, core);
    return isRefused(instrument) ? instrument : answer(views(core.openOrders(account.name, instrument.symbol)));
  };

  const allOrders = (params: Params, account: VenueAccount): Answer => {
    const instrument = readInstrument(params, core);
    if (isRefused(instrument)) return instrument;
    const limit = pageLimit(params, LIST.usual, LIST.most);
    if (isRefused(limit)) return limit;
    const bounds = timeBounds(params);
    if (isRefused(bounds)) return bounds;
    const fromId = optionalInteger(params, 'orderId');
    if (isRefused(fromId)) return fromId;
    const filter = { ...bounds, limit, ...(fromId === undefined ? {} : { fromId: String(fromId) }) };
    return answer(views(core.orders(account.name, instrument.symbol, filter)));
  };

  const views = (orders: readonly Order[]) =>
    orders.flatMap((order) => {
      const instrument = core.instrument(order.symbol);
      return instrument === undefined ? [] : [orderState(order, instrument)];
    });

  const signed = { security: 'signed' } as const;
  const order = { ...signed, path: '/fapi/v1/order' } as const;
  const batchOrders = { ...signed, path: '/fapi/v1/batchOrders', weight: 5 } as const;
  return [
    { ...order, method: 'POST', weight: 0, orders: ONE_ORDER, accepts: NEW_ORDER_PARAMETERS, handle: place },
    { ...order, method: 'PUT', weight: 1, orders: ONE_ORDER, accepts: AMEND_PARAMETERS, handle: amend },
    { ...order, method: 'DELETE', weight: 1, accepts: CANCEL_PARAMETERS, handle: cancel },
    { ...order, method: 'GET', weight: 1, handle: (params, account) => query(params, account, () => true) },
    {
      ...batchOrders,
      method: 'POST',
      orders: ONE_BATCH,
      handle: (params, account) => batch(params, (row) => place(row, account)),
    },
    {
      ...batchOrders,
      method: 'PUT',
      orders: ONE_BATCH,
      handle: (params, account) => batch(params, (row) => amend(row, account)),
    },
    { ...batchOrders, method: 'DELETE', weight: 1, handle: cancelBatch },
    {
      ...signed,
      method: 'GET',
      path: '/fapi/v1/openOrder',
      weight: 1,
      handle: (params, account) => query(params, account, isOpen),
    },
    {
      ...signed,
      method: 'GET',
      path: '/fapi/v1/openOrders',
      weight: (params) => (params.has('symbol') ? 1 : 40),
      handle: openOrders,
    },
    { ...signed, method: 'GET', path: '/fapi/v1/allOrders', weight: 5, handle: allOrders },
    { ...signed, method: 'DELETE', path: '/fapi/v1/allOpenOrders', weight: 1, handle: cancelAll },
    { ...signed, method: 'POST', path: '/fapi/v1/countdownCancelAll', weight: 10, handle: countdown },
  ];
}

function isOpen(order: Order): boolean {
  return order.status === 'new' || order.status === 'partially_filled';
}

/** R1: within a batch a refusal is an element, not the answer. */
function element(result: Answer): unknown {
  return result.refused ? refusalBody(result) : result.body;
}
