/**
 * Orders of the spot market: `/api/v2/spot/trade/*`.
 *
 * R1  `cancel-replace-order` cancels the order and places another at once; the answer tells of the new one, and is
 *     `failure` with the reason inside a success where either does not work. A new order that is refused leaves the old
 *     one canceled, as the documents warn.
 * R2  An order that is not there is no error of `orderInfo`: the list is empty.
 */
import type { Rng } from '@trunkline/proto/rng';
import type { Order, OrderRef } from '../../core/types.ts';
import type { VenueAccount } from '../venue-front.ts';
import { type Answer, answer, type Route, signedRoute, type VenueContext } from './call.ts';
import { isRefused, type Refused, refuse } from './errors.ts';
import { readClientOid, readPrice, readSize, readSpotOrder } from './order-input.ts';
import {
  answerBatch,
  answerIds,
  cancelOrder,
  clientOidMinter,
  isAskedFor,
  isOpen,
  listFills,
  listOrders,
  placeOrder,
  withParent,
} from './order-requests.ts';
import { spotFill, spotOpenOrder, spotOrder } from './order-view.ts';
import { readPage } from './page.ts';
import { optional, type Params, type Sent } from './params.ts';
import { readInstrument, readOrderRef } from './subject.ts';

const MOST_REPLACED = 50;

export function spotTradeRoutes(context: VenueContext, rng: Rng): readonly Route[] {
  const { core } = context;
  const mintClientOid = clientOidMinter(rng);

  const place = (params: Params, account: VenueAccount) =>
    placeOrder(readSpotOrder(params, account.name, context, mintClientOid), context);

  const cancel = (params: Params, account: VenueAccount): Order | Refused => {
    const instrument = readInstrument(params, core);
    if (isRefused(instrument)) return instrument;
    const ref = readOrderRef(params);
    return isRefused(ref) ? ref : cancelOrder(account.name, instrument.symbol, ref, context);
  };

  /** Without `batchMode` `multiple` the symbol of the request is that of all its rows. */
  const rowsOf = ({ params, lists }: Sent): readonly Params[] | undefined => {
    const isMultiple = optional(params, 'batchMode') === 'multiple';
    const symbol = optional(params, 'symbol');
    return lists
      .get('orderList')
      ?.map((row) => (isMultiple || symbol === undefined ? row : withParent(row, new Map([['symbol', symbol]]))));
  };

  const cancelSymbol = ({ params }: Sent, account: VenueAccount): Answer => {
    const instrument = readInstrument(params, core);
    if (isRefused(instrument)) return instrument;
    core.cancelAll(account.name, instrument.symbol);
    return answer({ symbol: instrument.symbol });
  };

  /** R1. */
  const replace = (params: Params, account: VenueAccount) => {
    const result = replaced(params, account);
    return isRefused(result)
      ? {
          orderId: optional(params, 'orderId') ?? '',
          clientOid: optional(params, 'clientOid') ?? null,
          success: 'failure',
          msg: result.msg,
        }
      : { orderId: result.venueOrderId, clientOid: result.clientOrderId, success: 'success', msg: null };
  };

  const replaced = (params: Params, account: VenueAccount): Order | Refused => {
    const instrument = readInstrument(params, core);
    if (isRefused(instrument)) return instrument;
    const ref = readOrderRef(params);
    if (isRefused(ref)) return ref;
    const quantity = readSize(params, 'size', instrument);
    if (isRefused(quantity)) return quantity;
    const price = readPrice(params, 'price', instrument);
    if (isRefused(price)) return price;
    const newClientOid = readClientOid(params, 'newClientOid');
    if (isRefused(newClientOid)) return newClientOid;
    const canceled = cancelOrder(account.name, instrument.symbol, ref, context);
    if (isRefused(canceled)) return canceled;
    const { accountId, symbol, side, type, timeInForce, reduceOnly, positionSide } = canceled;
    const terms = { accountId, symbol, side, type, timeInForce, reduceOnly, positionSide, price, quantity };
    return placeOrder({ instrument, order: { ...terms, clientOrderId: newClientOid ?? mintClientOid() } }, context);
  };

  const replaceBatch = ({ lists }: Sent, account: VenueAccount): Answer => {
    const rows = lists.get('orderList') ?? [];
    if (rows.length === 0) return refuse('EMPTY_PARAMETER', 'orderList');
    if (rows.length > MOST_REPLACED) return refuse('TOO_MANY_CANCELS');
    return answer(rows.map((row) => replace(row, account)));
  };

  const find = (account: VenueAccount, ref: OrderRef): Order[] =>
    core.instruments().flatMap(({ symbol }) => core.order(account.name, symbol, ref) ?? []);

  const info = ({ params }: Sent, account: VenueAccount): Answer => {
    const ref = readOrderRef(params);
    if (isRefused(ref)) return ref;
    return answer(find(account, ref).map((order) => spotOrder(order, account.uid, context)));
  };

  const orders = (
    { params }: Sent,
    account: VenueAccount,
    admit: (order: Order) => boolean,
    view: (order: Order) => unknown,
  ): Answer => {
    const all = listOrders(params, account, context);
    if (isRefused(all)) return all;
    // Trigger orders are a type of their own, which this venue does not have.
    const isNormal = (optional(params, 'tpslType') ?? 'normal') === 'normal';
    const wanted = all.filter((order) => isNormal && admit(order) && isAskedFor(params, order));
    const page = readPage(params, wanted, (order) => order.venueOrderId);
    return isRefused(page) ? page : answer(page.rows.map(view));
  };

  const unfilled = (sent: Sent, account: VenueAccount): Answer =>
    orders(sent, account, isOpen, (order) => spotOpenOrder(order, account.uid, context));

  const history = (sent: Sent, account: VenueAccount): Answer =>
    orders(
      sent,
      account,
      (order) => !isOpen(order),
      (order) => spotOrder(order, account.uid, context),
    );

  const fills = ({ params }: Sent, account: VenueAccount): Answer => {
    const all = listFills(params, account, context);
    if (isRefused(all)) return all;
    const page = readPage(params, all, (fill) => fill.tradeId);
    if (isRefused(page)) return page;
    const orderOf = (symbol: string, venueOrderId: string) =>
      core.order(account.name, symbol, { by: 'venue', venueOrderId });
    return answer(page.rows.map((fill) => spotFill(fill, orderOf(fill.symbol, fill.venueOrderId), account.uid)));
  };

  const trade = '/api/v2/spot/trade';
  return [
    signedRoute('POST', `${trade}/place-order`, 10, ({ params }, account) => answerIds(place(params, account))),
    signedRoute('POST', `${trade}/batch-orders`, 5, (sent, account) =>
      answerBatch(rowsOf(sent), 'orderList', (row) => place(row, account)),
    ),
    signedRoute('POST', `${trade}/cancel-order`, 10, ({ params }, account) => answerIds(cancel(params, account))),
    signedRoute('POST', `${trade}/batch-cancel-order`, 10, (sent, account) =>
      answerBatch(rowsOf(sent), 'orderList', (row) => cancel(row, account)),
    ),
    signedRoute('POST', `${trade}/cancel-symbol-order`, 5, cancelSymbol),
    signedRoute('POST', `${trade}/cancel-replace-order`, 5, ({ params }, account) => answer(replace(params, account))),
    signedRoute('POST', `${trade}/batch-cancel-replace-order`, 5, replaceBatch),
    signedRoute('GET', `${trade}/orderInfo`, 20, info),
    signedRoute('GET', `${trade}/unfilled-orders`, 20, unfilled),
    signedRoute('GET', `${trade}/history-orders`, 20, history),
    signedRoute('GET', `${trade}/fills`, 10, fills),
  ];
}
