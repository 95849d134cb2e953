/**
 * The contract's commands as Gate's requests.
 *
 * O1  What is sent is what was asked: nothing is rounded, and a quantity that is no whole number of contracts is refused.
 * O2  With both ids the venue's is used; a client id goes as `t-…`, which the venue takes wherever it takes an id. Amends
 *     keep the order's ids.
 * O3  Single orders and amends go over the WebSocket API while it is up; batches and cancels by REST (W3).
 * O4  In hedge mode the venue tells a side's opening from its closing by `reduce_only`: closing orders carry it, and an
 *     opening one that asks for it is refused here.
 */
import {
  type AmendOrder,
  type OrderReference,
  OrderType,
  type PlaceOrder,
  PositionSide,
  Side,
  Source,
} from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { type Asked, type CommandDialect, symbolOf } from '../command-desk.ts';
import { list, optionalText, record, Unreadable } from '../fields.ts';
import { checkPositionSide, type HeldMode } from '../position-mode.ts';
import { RefusedContent } from '../refused-content.ts';
import type { SocketCaller } from '../socket-call.ts';
import type { GateClient, Request } from './client.ts';
import { signedContracts } from './contracts.ts';
import { GATE_ERRORS } from './errors.ts';
import { readFuturesOrder } from './futures-orders.ts';
import type { HeardOrder } from './heard.ts';
import type { MarketKind } from './market-kind.ts';
import type { OrderSocket } from './order-socket.ts';
import { CANCEL, errorOf, placeCost } from './rest.ts';
import { readSpotOrder } from './spot-orders.ts';
import type { GateSymbols } from './symbols.ts';
import { textOf, timeInForceName } from './words.ts';

export interface CommandOptions {
  readonly client: Pick<GateClient, 'ask'>;
  readonly kind: MarketKind;
  readonly symbols: () => GateSymbols;
  readonly held: HeldMode;
  /** Where orders go while it is up; by REST otherwise. */
  readonly socket: { readonly caller: SocketCaller; readonly protocol: OrderSocket } | undefined;
}

/** How a market words what the desk asks for. */
interface Wording {
  readonly place: (order: PlaceOrder) => object;
  /** Without the order's id. */
  readonly amend: (amend: AmendOrder, order: OrderReference) => Pick<Request, 'method' | 'query'> & { body: object };
  readonly cancel: (order: OrderReference) => Request;
  readonly cancelBatch: (orders: readonly OrderReference[]) => object;
}

export function gateCommands(options: CommandOptions): CommandDialect {
  const { client, kind, symbols, held, socket } = options;
  const wording = kind.market === 'spot' ? spotWording(options) : futuresWording(options);
  const venueSymbol = (symbol: string) => symbols().toVenue(symbol) ?? '';
  const readOrder = kind.market === 'spot' ? readSpotOrder : readFuturesOrder;

  return {
    place: (order) => ({
      cost: placeCost(kind, venueSymbol(order.symbol), 1),
      send: async () => {
        const body = wording.place(order);
        if (socket?.caller.isUp === true) return socket.caller.call(socket.protocol.request('order_place', body));
        return client.ask({ method: 'POST', path: `${kind.root}/orders`, body, expires: true });
      },
    }),
    placeBatch: (orders) => ({
      cost: placeCost(kind, venueSymbol(orders[0]?.symbol ?? ''), orders.length),
      send: async () => {
        const body = orders.map(wording.place);
        return client.ask({ method: 'POST', path: `${kind.root}/batch_orders`, body, expires: true });
      },
    }),
    amend: (amend) => ({
      cost: placeCost(kind, venueSymbol(amend.order?.symbol ?? ''), 1),
      send: async () => {
        if (amend.order === undefined) throw new RefusedContent('order', 'is missing');
        const request = wording.amend(amend, amend.order);
        const id = idOf(amend.order);
        if (socket?.caller.isUp === true) {
          return socket.caller.call(socket.protocol.request('order_amend', { order_id: id, ...request.body }));
        }
        return client.ask({ ...request, path: `${kind.root}/orders/${id}`, expires: true });
      },
    }),
    cancel: (order) => ({ cost: CANCEL, send: async () => client.ask(wording.cancel(order)) }),
    cancelBatch: (_symbol, orders) => ({
      cost: CANCEL,
      send: async () => {
        const path = kind.market === 'spot' ? '/spot/cancel_batch_orders' : `${kind.root}/batch_cancel_orders`;
        return client.ask({ method: 'POST', path, body: wording.cancelBatch(orders) });
      },
    }),
    readOrder(body, asked, { receivedAtUs }) {
      // Batch cancels tell of each order only that it worked.
      if (asked.kind === 'cancel' && body['status'] === undefined && body['succeeded'] === true) return undefined;
      return readOrder(body, heard(symbolOf(asked), receivedAtUs));
    },
    batchEntries,
    errorOf,
    errors: GATE_ERRORS,
  };

  function heard(symbol: string, receivedAtUs: number): HeardOrder {
    const contractSize = symbols().contractSize(symbol);
    return { symbol, contractSize, receivedAtUs, source: Source.ANSWER, positionMode: held.mode };
  }
}

function futuresWording({ kind, symbols, held }: CommandOptions): Wording {
  const sizeOf = (symbol: string, quantity: string, side: Side) =>
    signedContracts(quantity, side, symbols().contractSize(symbol));
  return {
    place(order) {
      checkPositionSide(order.positionSide, held);
      const reduceOnly = reduces(order);
      const isLimit = order.type === OrderType.LIMIT;
      return {
        contract: symbols().toVenue(order.symbol),
        size: sizeOf(order.symbol, order.quantity, order.side),
        price: isLimit ? order.price : '0',
        tif: isLimit ? timeInForceName(order.timeInForce, order.postOnly) : 'ioc',
        text: textOf(order.clientOrderId),
        ...(reduceOnly ? { reduce_only: true } : {}),
      };
    },
    amend({ side, price, quantity }, order) {
      const body = { size: sizeOf(order.symbol, quantity, side), price };
      return { method: 'PUT', body };
    },
    cancel: (order) => ({ method: 'DELETE', path: `${kind.root}/orders/${idOf(order)}` }),
    cancelBatch: (orders) => orders.map(idOf),
  };
}

function spotWording({ kind, symbols, held }: CommandOptions): Wording {
  const where = (symbol: string) => ({ currency_pair: symbols().toVenue(symbol) ?? '', account: 'spot' });
  return {
    place(order) {
      checkPositionSide(order.positionSide, held);
      if (order.reduceOnly) throw new RefusedContent('reduce_only', 'means nothing where there are no positions');
      const isLimit = order.type === OrderType.LIMIT;
      if (!isLimit && order.side === Side.BUY) {
        throw new RefusedContent('side', 'must be SELL: the venue counts a market buy in the quote currency');
      }
      return {
        ...where(order.symbol),
        type: isLimit ? 'limit' : 'market',
        side: order.side === Side.BUY ? 'buy' : 'sell',
        amount: order.quantity,
        ...(isLimit ? { price: order.price } : {}),
        time_in_force: isLimit ? timeInForceName(order.timeInForce, order.postOnly) : 'ioc',
        text: textOf(order.clientOrderId),
      };
    },
    amend({ price, quantity }, order) {
      const query = where(order.symbol);
      return { method: 'PATCH', query, body: { ...query, amount: quantity, price } };
    },
    cancel: (order) => ({ method: 'DELETE', path: `${kind.root}/orders/${idOf(order)}`, query: where(order.symbol) }),
    cancelBatch: (orders) => orders.map((order) => ({ ...where(order.symbol), id: idOf(order) })),
  };
}

/**
 * The venue keeps the order of the request. An entry that names one of its orders is that order's all the same, wherever
 * it stands, and never another's.
 */
function batchEntries(body: unknown, asked: readonly Asked[]): readonly unknown[] {
  const entries = list(body, 'batch answer').map((entry) => record(entry, 'entry'));
  if (entries.length !== asked.length) throw new Unreadable('the answer does not have one entry for each order');
  const ids = asked.map(askedId);
  const names = entries.map((entry) => ids.find((id) => [entry['text'], optionalText(entry, 'id')].includes(id)));
  return ids.map((id, index) => {
    const named = entries[names.indexOf(id)];
    return named ?? (names[index] === undefined ? entries[index] : undefined);
  });
}

function askedId(asked: Asked): string {
  return asked.kind === 'place' ? textOf(asked.order.clientOrderId) : asked.kind === 'cancel' ? idOf(asked.order) : '';
}

/** O2. */
export function idOf({ venueOrderId, clientOrderId }: OrderReference): string {
  return venueOrderId === '' ? textOf(clientOrderId) : venueOrderId;
}

/** O4. */
function reduces(order: PlaceOrder): boolean {
  if (order.positionSide !== PositionSide.LONG && order.positionSide !== PositionSide.SHORT) return order.reduceOnly;
  const opens = (order.positionSide === PositionSide.LONG) === (order.side === Side.BUY);
  if (opens && order.reduceOnly) throw new RefusedContent('reduce_only', 'contradicts an order that opens its side');
  return !opens;
}
