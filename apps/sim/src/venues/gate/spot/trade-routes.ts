/**
 * Orders, fills and balances of pairs.
 *
 * L1  Lists are newest first, `limit` rows a `page` (the first is 1).
 */
import { subtract } from '@trunkline/proto/decimal';
import { isOpen } from '../../../core/order.ts';
import type { Instrument, Order } from '../../../core/types.ts';
import type { VenueAccount } from '../../venue-front.ts';
import { type Answer, answer, type Fields, type PrivateRoute, type Request, type VenueContext } from '../call.ts';
import type { Dialect } from '../dialect.ts';
import { isRefused, type Refused, refuse } from '../errors.ts';
import { SPOT } from '../market.ts';
import type { OrderDesk } from '../order-desk.ts';
import { optionalInteger, optionalText, optionalWord, pageLimit, readInstrument, timeBounds } from '../params.ts';
import { seconds } from '../print.ts';
import { tradeView } from './order-view.ts';

const LIST = { usual: 100, most: 1_000 } as const;
const ALL = { limit: 200_000 } as const;

export function spotTradeRoutes({ core }: VenueContext, desk: OrderDesk, dialect: Dialect): PrivateRoute[] {
  const scope = (fields: Fields): readonly Instrument[] | Refused => {
    if (optionalText(fields, 'currency_pair') === undefined) return core.instruments();
    const instrument = readInstrument(fields, core, SPOT);
    return isRefused(instrument) ? instrument : [instrument];
  };

  const list = ({ fields }: Request, account: VenueAccount): Answer => {
    const status = optionalWord(fields, 'status', ['open', 'finished']);
    if (isRefused(status)) return status;
    if (status === undefined) return refuse('MISSING_REQUIRED_PARAM', 'status');
    const side = optionalWord(fields, 'side', ['buy', 'sell']);
    if (isRefused(side)) return side;
    const instruments = scope(fields);
    if (isRefused(instruments)) return instruments;
    const bounds = timeBounds(fields);
    if (isRefused(bounds)) return bounds;
    const orders: readonly Order[] = instruments.flatMap(({ symbol }) =>
      status === 'open'
        ? core.openOrders(account.name, symbol)
        : core.orders(account.name, symbol, { ...ALL, ...bounds }).filter((order) => !isOpen(order)),
    );
    const wanted = orders.filter((order) => side === undefined || order.side === side);
    const page = paged(wanted, ({ venueOrderId }) => venueOrderId, fields);
    return isRefused(page) ? page : answer(page.map((order) => dialect.orderView(order, account)));
  };

  /** Every pair with open orders, and the orders of the page in it. */
  const openOrders = ({ fields }: Request, account: VenueAccount): Answer => {
    const groups: object[] = [];
    for (const { symbol } of core.instruments()) {
      const orders = core.openOrders(account.name, symbol);
      const page = paged(orders, ({ venueOrderId }) => venueOrderId, fields);
      if (isRefused(page)) return page;
      const views = page.map((order) => dialect.orderView(order, account));
      if (orders.length > 0) groups.push({ currency_pair: symbol, total: orders.length, orders: views });
    }
    return answer(groups);
  };

  const trades = ({ fields }: Request, account: VenueAccount): Answer => {
    const instruments = scope(fields);
    if (isRefused(instruments)) return instruments;
    const bounds = timeBounds(fields);
    if (isRefused(bounds)) return bounds;
    const order = optionalText(fields, 'order_id');
    if (isRefused(order)) return order;
    const filter = { ...ALL, ...bounds, ...(order === undefined ? {} : { venueOrderId: order }) };
    const fills = instruments.flatMap(({ symbol }) => core.fills(account.name, symbol, filter));
    const page = paged(fills, ({ tradeId }) => tradeId, fields);
    return isRefused(page) ? page : answer(page.map(tradeView));
  };

  const balances = ({ fields }: Request, account: VenueAccount): Answer => {
    const currency = optionalText(fields, 'currency');
    if (isRefused(currency)) return currency;
    const assets = core.account(account.name)?.assets ?? [];
    return answer(
      assets.flatMap(({ asset, walletBalance, locked, updatedUs }) =>
        currency !== undefined && currency !== asset
          ? []
          : [
              {
                currency: asset,
                available: subtract(walletBalance, locked),
                locked,
                update_id: 1,
                refresh_time: seconds(updatedUs),
              },
            ],
      ),
    );
  };

  const route = (
    method: PrivateRoute['method'],
    path: string,
    budget: PrivateRoute['budget'],
    handle: PrivateRoute['handle'],
  ): PrivateRoute => ({
    method,
    path: `${SPOT.root}${path}`,
    access: 'private',
    budget,
    expires: budget !== 'private',
    handle,
  });
  const id = ({ path }: Request) => path['order_id'] ?? '';
  return [
    route('GET', '/accounts', 'private', balances),
    route('POST', '/orders', 'place', ({ fields }, account) => desk.place(fields, account)),
    route('GET', '/orders', 'private', list),
    route('DELETE', '/orders', 'cancel', ({ fields }, account) => desk.cancelAll(fields, account)),
    route('GET', '/open_orders', 'private', openOrders),
    route('POST', '/batch_orders', 'place', ({ rows }, account) => desk.placeAll(rows, account)),
    route('POST', '/amend_batch_orders', 'place', ({ rows }, account) => desk.amendAll(rows, account)),
    route('POST', '/cancel_batch_orders', 'cancel', ({ rows }, account) => desk.cancelListed(rows, account)),
    route('POST', '/countdown_cancel_all', 'private', ({ fields }, account) => desk.countdown(fields, account)),
    route('GET', '/orders/{order_id}', 'private', (request, account) =>
      desk.find(id(request), request.fields, account),
    ),
    route('PATCH', '/orders/{order_id}', 'place', (request, account) =>
      desk.amend(id(request), request.fields, account),
    ),
    route('DELETE', '/orders/{order_id}', 'cancel', (request, account) =>
      desk.cancel(id(request), request.fields, account),
    ),
    route('GET', '/my_trades', 'private', trades),
  ];
}

/** L1. */
function paged<T>(rows: readonly T[], idOf: (row: T) => string, fields: Fields): readonly T[] | Refused {
  const limit = pageLimit(fields, LIST.usual, LIST.most);
  if (isRefused(limit)) return limit;
  const page = optionalInteger(fields, 'page');
  if (isRefused(page)) return page;
  const from = (Math.max(1, page ?? 1) - 1) * limit;
  return [...rows].sort((a, b) => Number(idOf(b)) - Number(idOf(a))).slice(from, from + limit);
}
