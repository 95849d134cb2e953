/**
 * The contract's commands as Bitget's requests (bitget.com/api-doc: "Place Order", "Batch Place Order", "Modify Order",
 * "Cancel an Existing Order and Send a New Order", "Cancel Order", "Batch Cancel").
 *
 * O1  What is sent is what was asked: prices and quantities go out as the text that they are.
 * O2  With both ids the venue's is used.
 * O3  An amend replaces the order, in both markets, under the new client order id. The venue cancels the old order by
 *     itself and tells of that on the stream.
 * O4  The contract's quantity is the total. Futures replace only orders without a fill ("It is only allowed to modify the
 *     new status limit order"); spot replaces any, and its `size` is the successor's own: what the predecessor had filled
 *     is taken off. What fills while the request travels is not: the venue knows no condition for it.
 */
import { isRecord } from '@trunkline/kit/record';
import { compare, type Decimal, decimal, subtract } from '@trunkline/proto/decimal';
import { PositionMode } from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import {
  type AmendOrder,
  type OrderReference,
  OrderType,
  type PlaceOrder,
  PositionSide,
  Side,
} from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import type { Asked, CommandDialect } from '../command-desk.ts';
import { type Json, list, optionalText, record, Unreadable } from '../fields.ts';
import { checkPositionSide } from '../position-mode.ts';
import { RefusedContent } from '../refused-content.ts';
import type { VenueClock } from '../venue-clock.ts';
import { dataOf, type Endpoints, type Parameters } from './endpoints.ts';
import { BITGET_ERRORS, FAILED_WITHOUT_CODE } from './errors.ts';
import type { Modes } from './modes.ts';
import { orderAsAsked } from './order-mapper.ts';
import type { Product } from './product.ts';
import { costOf, errorOf } from './rest.ts';
import { forceWord, marginModeWord, orderSideWords } from './words.ts';

export interface CommandOptions {
  readonly endpoints: Endpoints;
  readonly product: Product;
  readonly modes: Modes;
  readonly venueClock: VenueClock;
  readonly venueSymbol: (symbol: string) => string;
  /** What a spot order may take to reach the venue. */
  readonly receiveWindowMs: number;
  /** What an order has filled as it stands. Rejects when the venue cannot be asked. */
  readonly filledOf: (order: OrderReference) => Promise<Decimal>;
}

export function bitgetCommands(options: CommandOptions): CommandDialect {
  const { endpoints, product, modes, venueClock, venueSymbol, receiveWindowMs, filledOf } = options;
  const spot = product.market === 'spot';
  const marginOf = (symbol: string): Parameters =>
    spot ? {} : { marginMode: marginModeWord(modes.marginMode(symbol)) };

  /** Of the successors whose size is not the amend's quantity. */
  const sizes = new WeakMap<AmendOrder, Decimal>();
  const rest = async (amend: AmendOrder, order: OrderReference): Promise<Decimal> => {
    const filled = await filledOf(order);
    const size = subtract(decimal(amend.quantity), filled);
    if (compare(size, decimal('0')) <= 0)
      throw new RefusedContent('quantity', `is not above the ${filled} already filled`);
    sizes.set(amend, size);
    return size;
  };

  return {
    place: (order) => ({
      cost: costOf('place_order'),
      send: async () =>
        endpoints.placeOrder({
          symbol: venueSymbol(order.symbol),
          ...marginOf(order.symbol),
          ...requestOf(order, product, modes),
          ...(spot ? expiryOf(venueClock, receiveWindowMs) : {}),
        }),
    }),
    placeBatch: (orders) => ({
      cost: costOf('place_batch'),
      send: async () => {
        const symbols = [...new Set(orders.map((order) => order.symbol))];
        const [symbol] = symbols;
        if (symbol === undefined || symbols.length > 1) throw new RefusedContent('orders', 'must be of one symbol');
        const orderList = orders.map((order) => requestOf(order, product, modes));
        return endpoints.placeBatch({ symbol: venueSymbol(symbol), ...marginOf(symbol), orderList });
      },
    }),
    amend: (amend) => ({
      cost: costOf('amend_order'),
      send: async () => {
        const { order, newClientOrderId, price, quantity } = amend;
        if (order === undefined) throw new RefusedContent('order', 'must be named');
        const symbol = venueSymbol(order.symbol);
        const terms = spot ? { price, size: await rest(amend, order) } : { newPrice: price, newSize: quantity };
        return endpoints.amendOrder({ symbol, ...idOf(order), newClientOid: newClientOrderId, ...terms });
      },
    }),
    cancel: (order) => ({
      cost: costOf('cancel_order'),
      send: async () => endpoints.cancelOrder({ symbol: venueSymbol(order.symbol), ...idOf(order) }),
    }),
    cancelBatch: (symbol, orders) => ({
      cost: costOf('cancel_batch'),
      send: async () => endpoints.cancelBatch({ symbol: venueSymbol(symbol), orderList: orders.map(idOf) }),
    }),
    readOrder(entry, asked, { postedAtUs, receivedAtUs }) {
      const answer = isRecord(entry['data']) ? entry['data'] : entry;
      checkNamed(answer, asked);
      const venueTimeUs = Math.round(postedAtUs + venueClock.offsetUs());
      const size = asked.kind === 'amend' ? sizes.get(asked.amend) : undefined;
      const order = orderAsAsked(answer, asked, { venueTimeUs, receivedAtUs });
      return order === undefined || size === undefined ? order : { ...order, quantity: size };
    },
    batchEntries,
    errorOf: (entry) => errorOf(entry) ?? replacementFailure(entry),
    errors: BITGET_ERRORS,
  };
}

/** What `place-order` and an entry of a batch share. */
function requestOf(order: PlaceOrder, { market }: Product, modes: Modes): Parameters {
  const { clientOrderId: clientOid, quantity: size, price } = order;
  const limit = order.type === OrderType.LIMIT;
  const terms = {
    orderType: limit ? 'limit' : 'market',
    ...(limit ? { price, force: forceWord(order.timeInForce, order.postOnly) } : {}),
    size,
    clientOid,
  };
  if (market === 'spot') {
    if (!limit && order.side === Side.BUY)
      throw new RefusedContent('side', 'must be SELL: the venue counts a market buy in the quote currency');
    return { ...orderSideWords(order.side, PositionSide.BOTH), ...terms };
  }
  checkPositionSide(order.positionSide, modes);
  const sides = orderSideWords(order.side, order.positionSide);
  if (modes.mode !== PositionMode.HEDGE)
    return { ...sides, ...terms, ...(order.reduceOnly ? { reduceOnly: 'YES' } : {}) };
  // `reduceOnly` is for one-way mode alone: in hedge mode an order opens or closes by its sides.
  if (order.reduceOnly && sides.tradeSide === 'open')
    throw new RefusedContent('reduce_only', 'cannot be: these sides open a position');
  return { ...sides, ...terms };
}

/** Of a single spot order: the venue refuses it when it arrives later than this. */
function expiryOf(venueClock: VenueClock, receiveWindowMs: number): Parameters {
  const requestTime = String(Math.floor(venueClock.nowUs() / 1_000));
  return { requestTime, receiveWindow: String(receiveWindowMs) };
}

function idOf(order: OrderReference): Parameters {
  return order.venueOrderId === '' ? { clientOid: order.clientOrderId } : { orderId: order.venueOrderId };
}

/** `{"successList":[{"orderId","clientOid"}],"failureList":[{"orderId","clientOid","errorMsg","errorCode"}]}`. */
function batchEntries(body: unknown, asked: readonly Asked[]): readonly unknown[] {
  const data = record(dataOf(body), 'batch answer');
  const entries = [
    ...list(data['successList'] ?? [], 'successList'),
    ...list(data['failureList'] ?? [], 'failureList'),
  ].map((entry) => record(entry, 'entry'));
  return asked.map((each) =>
    // Of an order that is in neither list nothing is known; the others' fates are.
    entries.find((candidate) => isOf(candidate, each)),
  );
}

function isOf(entry: Json, asked: Asked): boolean {
  if (asked.kind === 'amend') return false;
  const byVenue = asked.kind === 'cancel' && asked.order.venueOrderId !== '';
  return byVenue
    ? optionalText(entry, 'orderId') === asked.order.venueOrderId
    : optionalText(entry, 'clientOid') === asked.order.clientOrderId;
}

/**
 * A confirmation is one by the order's ids alone, of which the venue may leave out either (`""` or null). Throws
 * `Unreadable` where it has none, or another order's.
 */
function checkNamed(answer: Json, asked: Asked): void {
  const orderId = optionalText(answer, 'orderId') ?? '';
  const clientOid = optionalText(answer, 'clientOid') ?? '';
  if (orderId === '' && clientOid === '') throw new Unreadable('the answer names no order');
  const isOther =
    asked.kind === 'place'
      ? clientOid !== '' && clientOid !== asked.order.clientOrderId
      : asked.kind === 'cancel' &&
        (asked.order.venueOrderId === ''
          ? clientOid !== '' && clientOid !== asked.order.clientOrderId
          : orderId !== '' && orderId !== asked.order.venueOrderId);
  if (isOther) throw new Unreadable('the answer is about another order');
}

/** `{"orderId":"..","clientOid":null,"success":"failure","msg":".."}`: a replacement that was not made. */
function replacementFailure(entry: unknown): { code: string; message: string } | undefined {
  const data = isRecord(entry) && isRecord(entry['data']) ? entry['data'] : {};
  if (data['success'] !== 'failure') return undefined;
  return { code: FAILED_WITHOUT_CODE, message: optionalText(data, 'msg') ?? '' };
}
