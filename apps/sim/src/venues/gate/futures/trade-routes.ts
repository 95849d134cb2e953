/**
 * Orders and fills of contracts.
 *
 * L1  Lists are newest first, at most `limit` after `offset`, or older than `last_id`.
 */
import { isOpen } from '../../../core/order.ts';
import type { Instrument, Order } from '../../../core/types.ts';
import type { VenueAccount } from '../../venue-front.ts';
import { type Answer, answer, type Fields, type PrivateRoute, type Request, type VenueContext } from '../call.ts';
import type { Dialect } from '../dialect.ts';
import { isRefused, type Refused, refuse } from '../errors.ts';
import { FUTURES } from '../market.ts';
import type { OrderDesk } from '../order-desk.ts';
import { optionalInteger, optionalText, optionalWord, pageLimit, readInstrument, timeBounds } from '../params.ts';
import { timerangeTradeView, tradeView } from './order-view.ts';

const LIST = { usual: 100, most: 1_000 } as const;
const ALL = { limit: 200_000 } as const;

export function futuresTradeRoutes({ core }: VenueContext, desk: OrderDesk, dialect: Dialect): PrivateRoute[] {
  const scope = (fields: Fields): readonly Instrument[] | Refused => {
    if (optionalText(fields, 'contract') === undefined) return core.instruments();
    const instrument = readInstrument(fields, core, FUTURES);
    return isRefused(instrument) ? instrument : [instrument];
  };

  const list = ({ fields }: Request, account: VenueAccount): Answer => {
    const status = optionalWord(fields, 'status', ['open', 'finished']);
    if (isRefused(status)) return status;
    if (status === undefined) return refuse('MISSING_REQUIRED_PARAM', 'status');
    const instruments = scope(fields);
    if (isRefused(instruments)) return instruments;
    const wantsOpen = status === 'open';
    const orders: readonly Order[] = instruments.flatMap(({ symbol }) =>
      wantsOpen
        ? core.openOrders(account.name, symbol)
        : core.orders(account.name, symbol, ALL).filter((order) => !isOpen(order)),
    );
    const page = paged(orders, ({ venueOrderId }) => venueOrderId, fields);
    return isRefused(page) ? page : answer(page.map((order) => dialect.orderView(order, account)));
  };

  const trades = (
    fields: Fields,
    account: VenueAccount,
    view: typeof tradeView | typeof timerangeTradeView,
  ): Answer => {
    const instruments = scope(fields);
    if (isRefused(instruments)) return instruments;
    const bounds = timeBounds(fields);
    if (isRefused(bounds)) return bounds;
    const order = optionalText(fields, 'order');
    if (isRefused(order)) return order;
    const filter = { ...ALL, ...bounds, ...(order === undefined ? {} : { venueOrderId: order }) };
    const fills = instruments.flatMap(({ symbol }) => core.fills(account.name, symbol, filter));
    const page = paged(fills, ({ tradeId }) => tradeId, fields);
    if (isRefused(page)) return page;
    return answer(
      page.flatMap((fill) => {
        const instrument = core.instrument(fill.symbol);
        return instrument === undefined ? [] : [view(fill, instrument)];
      }),
    );
  };

  const route = (
    method: PrivateRoute['method'],
    path: string,
    budget: PrivateRoute['budget'],
    handle: PrivateRoute['handle'],
  ): PrivateRoute => ({
    method,
    path: `${FUTURES.root}${path}`,
    access: 'private',
    budget,
    expires: budget !== 'private',
    handle,
  });
  const id = ({ path }: Request) => path['order_id'] ?? '';
  return [
    route('POST', '/orders', 'place', ({ fields }, account) => desk.place(fields, account)),
    route('GET', '/orders', 'private', list),
    route('DELETE', '/orders', 'cancel', ({ fields }, account) =>
      // The venue asks for the contract here, though a single order is found without.
      fields['contract'] === undefined ? refuse('MISSING_REQUIRED_PARAM', 'contract') : desk.cancelAll(fields, account),
    ),
    route('POST', '/batch_orders', 'place', ({ rows }, account) => desk.placeAll(rows, account)),
    route('POST', '/batch_amend_orders', 'place', ({ rows }, account) => desk.amendAll(rows, account)),
    route('POST', '/batch_cancel_orders', 'cancel', ({ rows }, account) => desk.cancelListed(rows, account)),
    route('POST', '/countdown_cancel_all', 'private', ({ fields }, account) => desk.countdown(fields, account)),
    route('GET', '/orders/{order_id}', 'private', (request, account) =>
      desk.find(id(request), request.fields, account),
    ),
    route('PUT', '/orders/{order_id}', 'place', (request, account) => desk.amend(id(request), request.fields, account)),
    route('DELETE', '/orders/{order_id}', 'cancel', (request, account) =>
      desk.cancel(id(request), request.fields, account),
    ),
    route('GET', '/my_trades', 'private', ({ fields }, account) => trades(fields, account, tradeView)),
    route('GET', '/my_trades_timerange', 'private', ({ fields }, account) =>
      trades(fields, account, timerangeTradeView),
    ),
  ];
}

/** L1. */
function paged<T>(rows: readonly T[], idOf: (row: T) => string, fields: Fields): readonly T[] | Refused {
  const limit = pageLimit(fields, LIST.usual, LIST.most);
  if (isRefused(limit)) return limit;
  const offset = optionalInteger(fields, 'offset');
  if (isRefused(offset)) return offset;
  const lastId = optionalInteger(fields, 'last_id');
  if (isRefused(lastId)) return lastId;
  const newestFirst = [...rows].sort((a, b) => Number(idOf(b)) - Number(idOf(a)));
  const after = lastId === undefined ? newestFirst : newestFirst.filter((row) => Number(idOf(row)) < lastId);
  return after.slice(offset ?? 0, (offset ?? 0) + limit);
}
