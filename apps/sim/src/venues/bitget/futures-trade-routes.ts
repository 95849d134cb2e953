/**
 * Orders of the futures market: `/api/v2/mix/order/*`.
 *
 * R1  `modify-order` cancels the order and places another under `newClientOid`: it has its own `orderId`, which the
 *     answer does not tell ("the orderId of the new order cannot be returned synchronously"). Only an order that
 *     nothing was filled of can be modified (40922). When the new order is then refused, the answer still is success
 *     and there is no order, as it is placed after the answer on the venue.
 * R2  `batch-cancel-orders` without a list cancels all orders of the symbol, or of the product.
 */
import type { Rng } from '@trunkline/proto/rng';
import type { Order } from '../../core/types.ts';
import type { VenueAccount } from '../venue-front.ts';
import { type Answer, answer, type Route, signedRoute, type VenueContext } from './call.ts';
import { isRefused, type Refused, refuse } from './errors.ts';
import { readClientOid, readFuturesOrder, readPrice, readSize } from './order-input.ts';
import {
  answerBatch,
  answerCanceled,
  answerIds,
  cancelOrder,
  clientOidMinter,
  idsOf,
  isAskedFor,
  isOpen,
  listFills,
  listOrders,
  placeOrder,
  withParent,
} from './order-requests.ts';
import { futuresFill, futuresOrder, futuresOrderDetail } from './order-view.ts';
import { readPage } from './page.ts';
import { oneOf, optional, type Params, type Sent } from './params.ts';
import { readContract, readOptionalInstrument, readOrderRef, readProduct } from './subject.ts';

const OPEN_STATUSES = { live: 'new', partially_filled: 'partially_filled' } as const;

export function futuresTradeRoutes(context: VenueContext, rng: Rng): readonly Route[] {
  const { core, product } = context;
  const mintClientOid = clientOidMinter(rng);

  const place = (params: Params, account: VenueAccount) =>
    placeOrder(readFuturesOrder(params, account.name, context, mintClientOid), context);

  const cancel = (params: Params, account: VenueAccount): Order | Refused => {
    const instrument = readContract(params, core, product);
    if (isRefused(instrument)) return instrument;
    const ref = readOrderRef(params);
    return isRefused(ref) ? ref : cancelOrder(account.name, instrument.symbol, ref, context);
  };

  const cancelAll = (params: Params, account: VenueAccount): Answer => {
    const type = readProduct(params, product);
    if (isRefused(type)) return type;
    const instrument = readOptionalInstrument(params, core);
    if (isRefused(instrument)) return instrument;
    const canceled = type.ours ? core.cancelAll(account.name, instrument?.symbol) : [];
    return canceled.length === 0 ? refuse('NO_ORDER_TO_CANCEL') : answerCanceled(canceled);
  };

  /** R1. */
  const modify = (params: Params, account: VenueAccount): Answer => {
    const instrument = readContract(params, core, product);
    if (isRefused(instrument)) return instrument;
    const ref = readOrderRef(params);
    if (isRefused(ref)) return ref;
    if (optional(params, 'newSize') === undefined || optional(params, 'newPrice') === undefined)
      return refuse('PRICE_AND_SIZE');
    const newClientOid = readClientOid(params, 'newClientOid');
    if (isRefused(newClientOid)) return newClientOid;
    if (newClientOid === undefined) return refuse('NO_NEW_CLIENT_OID');
    const quantity = readSize(params, 'newSize', instrument);
    if (isRefused(quantity)) return quantity;
    const price = readPrice(params, 'newPrice', instrument);
    if (isRefused(price)) return price;
    const order = core.order(account.name, instrument.symbol, ref);
    if (order === undefined) return refuse('NO_ORDER_TO_CHANGE');
    if (order.status !== 'new')
      return refuse(order.status === 'partially_filled' ? 'NEW_ORDERS_ONLY' : 'NO_ORDER_TO_CHANGE');
    if (order.clientOrderId === newClientOid) return refuse('DUPLICATE_CLIENT_OID');
    if (price === order.price && quantity === order.quantity) return refuse('NOTHING_TO_CHANGE');
    const canceled = cancelOrder(account.name, instrument.symbol, ref, context);
    if (isRefused(canceled)) return canceled;
    const { accountId, symbol, side, type, timeInForce, reduceOnly, positionSide } = order;
    const terms = { accountId, symbol, side, type, timeInForce, reduceOnly, positionSide, price, quantity };
    core.place({ ...terms, clientOrderId: newClientOid });
    return answer({ ...idsOf(order), clientOid: newClientOid });
  };

  const detail = ({ params }: Sent, account: VenueAccount): Answer => {
    const instrument = readContract(params, core, product);
    if (isRefused(instrument)) return instrument;
    const ref = readOrderRef(params);
    if (isRefused(ref)) return ref;
    const order = core.order(account.name, instrument.symbol, ref);
    return order === undefined ? refuse('NO_SUCH_ORDER') : answer(futuresOrderDetail(order, instrument, context));
  };

  const orders = ({ params }: Sent, account: VenueAccount, admit: (order: Order) => boolean): Answer => {
    const type = readProduct(params, product);
    if (isRefused(type)) return type;
    const all = listOrders(params, account, context);
    if (isRefused(all)) return all;
    const wanted = type.ours ? all.filter((order) => admit(order) && isAskedFor(params, order)) : [];
    const page = readPage(params, wanted, (order) => order.venueOrderId);
    if (isRefused(page)) return page;
    return answer({ entrustedList: page.rows.length === 0 ? null : page.rows.flatMap(view), endId: page.endId });
  };

  const view = (order: Order) => {
    const instrument = core.instrument(order.symbol);
    return instrument === undefined ? [] : [futuresOrder(order, instrument, context)];
  };

  const pending = (sent: Sent, account: VenueAccount): Answer => {
    const status = oneOf(sent.params, 'status', ['live', 'partially_filled'] as const);
    if (isRefused(status)) return status;
    const wanted = status === undefined ? undefined : OPEN_STATUSES[status];
    return orders(sent, account, (order) => isOpen(order) && (wanted === undefined || order.status === wanted));
  };

  const fills = ({ params }: Sent, account: VenueAccount): Answer => {
    const type = readProduct(params, product);
    if (isRefused(type)) return type;
    const all = listFills(params, account, context);
    if (isRefused(all)) return all;
    const page = readPage(params, type.ours ? all : [], (fill) => fill.tradeId);
    return isRefused(page) ? page : answer({ fillList: page.rows.map(futuresFill), endId: page.endId });
  };

  const batchPlace = (sent: Sent, account: VenueAccount): Answer =>
    answerBatch(sent.lists.get('orderList'), 'orderList', (row) => place(withParent(sent.params, row), account));

  const batchCancel = (sent: Sent, account: VenueAccount): Answer => {
    const rows = sent.lists.get('orderIdList');
    if (rows === undefined || rows.length === 0) return cancelAll(sent.params, account);
    return answerBatch(rows, 'orderIdList', (row) => cancel(withParent(sent.params, row), account));
  };

  const order = '/api/v2/mix/order';
  return [
    signedRoute('POST', `${order}/place-order`, 10, ({ params }, account) => answerIds(place(params, account))),
    signedRoute('POST', `${order}/batch-place-order`, 5, batchPlace),
    signedRoute('POST', `${order}/modify-order`, 10, ({ params }, account) => modify(params, account)),
    signedRoute('POST', `${order}/cancel-order`, 10, ({ params }, account) => answerIds(cancel(params, account))),
    signedRoute('POST', `${order}/batch-cancel-orders`, 10, batchCancel),
    signedRoute('POST', `${order}/cancel-all-orders`, 10, ({ params }, account) => cancelAll(params, account)),
    signedRoute('GET', `${order}/detail`, 10, detail),
    signedRoute('GET', `${order}/orders-pending`, 10, pending),
    signedRoute('GET', `${order}/orders-history`, 10, (sent, account) => orders(sent, account, (o) => !isOpen(o))),
    signedRoute('GET', `${order}/fills`, 10, fills),
    signedRoute('GET', `${order}/fill-history`, 10, fills),
  ];
}
