/**
 * Orders, whichever way the request came: place, amend, cancel, their lists, cancel-all and its countdown, and queries.
 *
 * R1  A list is many single requests in order: each element has its own verdict, and none undoes another.
 * R2  Where an id is asked for, the order's `text` serves as well, for as long as the market says (`foundByTextMs`).
 * R3  An order that ended without a fill is not found any more after `zeroFilledKeptMs`.
 */
import { isZero } from '@trunkline/proto/decimal';
import { isOpen } from '../../core/order.ts';
import type { Instrument, Order, OrderRef, Side } from '../../core/types.ts';
import { milliseconds } from '../decimal-text.ts';
import type { VenueAccount } from '../venue-front.ts';
import { type Answer, answer, type Fields, type VenueContext } from './call.ts';
import { alreadyEnded, refusedByCore } from './core-refusal.ts';
import type { Dialect } from './dialect.ts';
import { badValue, isRefused, type Refused, refusalBody, refuse } from './errors.ts';
import { asFields, optionalText, optionalWord, readInstrument, requiredInteger } from './params.ts';
import { readSelfTrade } from './self-trade.ts';
import { isText } from './text.ts';

const LEAST_COUNTDOWN_S = 5;

export interface OrderDesk {
  place(fields: Fields, account: VenueAccount): Answer;
  placeAll(rows: readonly unknown[] | undefined, account: VenueAccount): Answer;
  amendAll(rows: readonly unknown[] | undefined, account: VenueAccount): Answer;
  amend(id: string, fields: Fields, account: VenueAccount): Answer;
  cancel(id: string, fields: Fields, account: VenueAccount): Answer;
  cancelListed(rows: readonly unknown[] | undefined, account: VenueAccount): Answer;
  cancelAll(fields: Fields, account: VenueAccount): Answer;
  find(id: string, fields: Fields, account: VenueAccount): Answer;
  countdown(fields: Fields, account: VenueAccount): Answer;
}

export function createOrderDesk({ core, clock, stpGroup }: VenueContext, dialect: Dialect): OrderDesk {
  const { market } = dialect;

  /** Places the order; what comes back is the order as it was left, or why there is none. */
  const placed = (fields: Fields, account: VenueAccount): Order | Refused => {
    const instrument = readInstrument(fields, core, market);
    if (isRefused(instrument)) return instrument;
    const order = dialect.readOrder(fields, instrument, account);
    if (isRefused(order)) return order;
    const selfTrade = readSelfTrade(fields, stpGroup);
    if (isRefused(selfTrade)) return selfTrade;
    const verdict = core.place({ ...order, ...selfTrade });
    return verdict.ok ? verdict.value : refusedByCore(verdict.refusal, market);
  };

  const view = (order: Order | Refused, account: VenueAccount, status = 200): Answer =>
    isRefused(order) ? order : answer(dialect.orderView(order, account), status);

  /** R2, R3. */
  const located = (id: string, fields: Fields, account: VenueAccount): Order | Refused => {
    const instruments = scope(fields);
    if (isRefused(instruments)) return instruments;
    const ref: OrderRef = isText(id) ? { by: 'client', clientOrderId: id } : { by: 'venue', venueOrderId: id };
    if (ref.by === 'venue' && !/^\d{1,20}$/.test(id)) return badValue('order_id', id);
    for (const { symbol } of instruments) {
      const order = core.order(account.name, symbol, ref);
      if (order !== undefined && isKept(order, ref)) return order;
    }
    return ref.by === 'client' && market.kind === 'spot'
      ? refuse('CLIENT_ID_NOT_FOUND', id)
      : refuse('ORDER_NOT_FOUND');
  };

  const isKept = (order: Order, ref: OrderRef): boolean => {
    if (isOpen(order)) return true;
    const endedMs = (clock.wallUs() - order.updatedUs) / 1_000;
    if (ref.by === 'client' && endedMs >= market.foundByTextMs) return false;
    return !isZero(order.executedQuantity) || endedMs <= market.zeroFilledKeptMs;
  };

  /** Spot requests must name the pair, futures requests need not. */
  const scope = (fields: Fields): readonly Instrument[] | Refused => {
    const symbol = optionalText(fields, market.symbolField);
    if (symbol === undefined && market.kind === 'futures') return core.instruments();
    const instrument = readInstrument(fields, core, market);
    return isRefused(instrument) ? instrument : [instrument];
  };

  const canceled = (id: string, fields: Fields, account: VenueAccount): Order | Refused => {
    const order = located(id, fields, account);
    if (isRefused(order)) return order;
    if (!isOpen(order)) return alreadyEnded(order, market);
    const { symbol, venueOrderId } = order;
    const verdict = core.cancel({ accountId: account.name, symbol, order: { by: 'venue', venueOrderId } });
    return verdict.ok ? verdict.value : refusedByCore(verdict.refusal, market);
  };

  const amended = (id: string, fields: Fields, account: VenueAccount): Order | Refused => {
    const order = located(id, fields, account);
    if (isRefused(order)) return order;
    if (!isOpen(order)) return alreadyEnded(order, market);
    const instrument = core.instrument(order.symbol);
    if (instrument === undefined) return refuse(market.unknownSymbol, order.symbol);
    const terms = dialect.readAmend(fields, order, instrument);
    if (isRefused(terms)) return terms;
    const { symbol, venueOrderId } = order;
    const verdict = core.amend({ ...terms, accountId: account.name, symbol, order: { by: 'venue', venueOrderId } });
    return verdict.ok ? verdict.value : refusedByCore(verdict.refusal, market);
  };

  const amendRow = (row: unknown, account: VenueAccount): object => {
    const fields = asFields(row);
    if (isRefused(fields)) return resultRow(fields, fields, account);
    // Futures rows may name the order by its text.
    const id = optionalText(fields, 'order_id') ?? optionalText(fields, 'text');
    const order = typeof id === 'string' ? amended(id, fields, account) : refuse('MISSING_REQUIRED_PARAM', 'order_id');
    return resultRow(fields, order, account);
  };

  const placeRow = (row: unknown, account: VenueAccount): object => {
    const fields = asFields(row);
    return resultRow(fields, isRefused(fields) ? fields : placed(fields, account), account);
  };

  const resultRow = (fields: Fields | Refused, order: Order | Refused, account: VenueAccount): object => {
    if (!isRefused(order)) return { succeeded: true, ...dialect.orderView(order, account) };
    const text = isRefused(fields) ? undefined : optionalText(fields, 'text');
    return { ...(typeof text === 'string' ? { text } : {}), succeeded: false, ...refusalBody(order) };
  };

  const cancelRow = (row: unknown, account: VenueAccount): object => {
    // Futures lists are of ids, spot lists of ids with their pair.
    const fields = typeof row === 'string' || typeof row === 'number' ? { id: row } : asFields(row);
    if (isRefused(fields)) return dialect.cancelView('', fields, row, account);
    const id = optionalText(fields, 'id');
    if (typeof id !== 'string') return dialect.cancelView('', refuse('MISSING_REQUIRED_PARAM', 'id'), row, account);
    const order = canceled(id, fields, account);
    return dialect.cancelView(id, isRefused(order) ? order : undefined, row, account);
  };

  const cancelSide = (accountId: string, symbol: string, side: Side): readonly Order[] =>
    core.openOrders(accountId, symbol).flatMap((order) => {
      if (order.side !== side) return [];
      const ref = { by: 'venue', venueOrderId: order.venueOrderId } as const;
      const verdict = core.cancel({ accountId, symbol, order: ref });
      return verdict.ok ? [verdict.value] : [];
    });

  return {
    place: (fields, account) => view(placed(fields, account), account, 201),
    placeAll(rows, account) {
      if (rows === undefined) return refuse('INVALID_REQUEST_BODY');
      return dialect.checkBatch(rows) ?? answer(rows.map((row) => placeRow(row, account)));
    },
    amendAll(rows, account) {
      if (rows === undefined) return refuse('INVALID_REQUEST_BODY');
      if (rows.length === 0 || rows.length > market.mostAmended) return badValue('orders', `${rows.length} orders`);
      return answer(rows.map((row) => amendRow(row, account)));
    },
    amend: (id, fields, account) => view(amended(id, fields, account), account),
    cancel: (id, fields, account) => view(canceled(id, fields, account), account),
    cancelListed(rows, account) {
      if (rows === undefined) return refuse('INVALID_REQUEST_BODY');
      if (rows.length === 0 || rows.length > market.mostCanceled) return badValue('id', `${rows.length} ids`);
      return answer(rows.map((row) => cancelRow(row, account)));
    },
    cancelAll(fields, account) {
      const { buy, sell } = market.sides;
      const side = optionalWord(fields, 'side', [buy, sell]);
      if (isRefused(side)) return side;
      const instruments = scope(fields);
      if (isRefused(instruments)) return instruments;
      const orders = instruments.flatMap(({ symbol }) =>
        side === undefined
          ? core.cancelAll(account.name, symbol)
          : cancelSide(account.name, symbol, side === buy ? 'buy' : 'sell'),
      );
      return answer(orders.map((order) => dialect.orderView(order, account)));
    },
    find: (id, fields, account) => view(located(id, fields, account), account),
    countdown(fields, account) {
      const timeoutS = requiredInteger(fields, 'timeout');
      if (isRefused(timeoutS)) return timeoutS;
      if (timeoutS !== 0 && timeoutS < LEAST_COUNTDOWN_S) return badValue('timeout', String(timeoutS));
      const symbol = optionalText(fields, market.symbolField);
      const one = symbol === undefined ? undefined : readInstrument(fields, core, market);
      if (isRefused(one)) return one;
      // Without a market the countdown is of them all.
      core.countdownCancelAll(account.name, one?.symbol, timeoutS * 1_000);
      const triggerMs = timeoutS === 0 ? 0 : milliseconds(clock.wallUs()) + timeoutS * 1_000;
      return answer({ triggerTime: String(triggerMs) });
    },
  };
}
