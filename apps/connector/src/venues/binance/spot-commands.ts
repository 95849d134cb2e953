/**
 * The contract's commands at Binance spot, as ccxt calls (O1 to O3 of `commands.ts`). There are no batches.
 *
 * R1  An amend is a cancel and a new order in one request, and the new one is not tried when the cancel failed
 *     (`cancelReplaceMode=STOP_ON_FAILURE`). It keeps what the contract's amend does not name: post-only.
 * R2  The contract's quantity is the total, the venue's is the successor's own: what the predecessor had filled is taken
 *     off. An order that had nothing filled is replaced only while that holds (`cancelRestrictions=ONLY_NEW`), so that no
 *     fill in between is bought twice. For a partly filled one the venue has no such guard: what fills in that instant is
 *     in excess of the total.
 */
import { isRecord } from '@trunkline/kit/record';
import { compare, decimal, subtract } from '@trunkline/proto/decimal';
import {
  type AmendOrder,
  type Order,
  type OrderReference,
  Side,
  Source,
} from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { type CommandDialect, type Replacement, symbolOf } from '../command-desk.ts';
import { list } from '../fields.ts';
import { RefusedContent } from '../refused-content.ts';
import { type CommandOptions, orderTools } from './commands.ts';
import { errorOf, SPOT_COSTS } from './rest.ts';
import { SPOT_ERRORS } from './spot-errors.ts';
import { readSpotOrder } from './spot-order-mapper.ts';

export interface SpotCommandOptions extends CommandOptions {
  /** The order as it stands; undefined when the venue knows no such order. Rejects when it cannot be asked. */
  readonly predecessor: (order: OrderReference) => Promise<Order | undefined>;
}

export function spotCommands(options: SpotCommandOptions): CommandDialect {
  const { client, symbols, predecessor } = options;
  const { entry, either, unified, quantityOf, priceOf } = orderTools(options);

  const replacement = async ({ order, newClientOrderId, side, price, quantity }: AmendOrder) => {
    if (order === undefined) throw new RefusedContent('order', 'must be named');
    // Of an order that cannot be found the venue is to say so itself; should it be there after all, nothing is taken.
    const { filledQuantity, postOnly } = (await predecessor(order)) ?? { filledQuantity: '0', postOnly: true };
    const filled = decimal(filledQuantity);
    const rest = subtract(decimal(quantity), filled);
    if (compare(rest, decimal('0')) <= 0)
      throw new RefusedContent('quantity', `is not above the ${filled} already filled`);
    return {
      symbol: symbols().toVenue(order.symbol),
      side: side === Side.BUY ? 'BUY' : 'SELL',
      ...(postOnly ? { type: 'LIMIT_MAKER' } : { type: 'LIMIT', timeInForce: 'GTC' }),
      cancelReplaceMode: 'STOP_ON_FAILURE',
      ...(filled === '0' ? { cancelRestrictions: 'ONLY_NEW' } : {}),
      ...(order.venueOrderId === ''
        ? { cancelOrigClientOrderId: order.clientOrderId }
        : { cancelOrderId: order.venueOrderId }),
      newClientOrderId,
      newOrderRespType: 'FULL',
      quantity: quantityOf(order.symbol, rest),
      price: priceOf(order.symbol, price),
    };
  };

  const noBatch = () => ({
    cost: SPOT_COSTS.place,
    send: () => Promise.reject(new RefusedContent('orders', 'the venue takes no batches')),
  });

  return {
    place: (order) => ({
      cost: SPOT_COSTS.place,
      send: async () => {
        const { symbol, type, side, amount, price, params } = unified(order);
        return either(
          'order.place',
          () => entry.createOrderRequest(symbol, type, side, amount, price, params),
          () => entry.createOrder(symbol, type, side, amount, price, params),
        );
      },
    }),
    placeBatch: noBatch,
    amend: (amend) => ({
      cost: SPOT_COSTS.place,
      send: async () => {
        const params = await replacement(amend);
        return either(
          'order.cancelReplace',
          () => params,
          () => client.privatePostOrderCancelReplace(params),
        );
      },
    }),
    cancel: (order) => ({
      cost: SPOT_COSTS.cancel,
      send: async () =>
        either(
          'order.cancel',
          () => ({
            symbol: symbols().toVenue(order.symbol),
            ...(order.venueOrderId === ''
              ? { origClientOrderId: order.clientOrderId }
              : { orderId: order.venueOrderId }),
          }),
          () =>
            order.venueOrderId === ''
              ? entry.cancelOrder(undefined, order.symbol, { clientOrderId: order.clientOrderId })
              : entry.cancelOrder(order.venueOrderId, order.symbol),
        ),
    }),
    cancelBatch: noBatch,
    readOrder: (body, asked, { receivedAtUs }) =>
      readSpotOrder(body, { symbol: symbolOf(asked), receivedAtUs }, Source.ANSWER),
    batchEntries: (body) => list(body, 'batch answer'),
    replacement: partsOf,
    errorOf,
    errors: SPOT_ERRORS,
  };
}

/**
 * `{"cancelResult":"SUCCESS","newOrderResult":"FAILURE","cancelResponse":{..},"newOrderResponse":{"code":-2010,"msg":".."}}`, whole
 * when both worked, in `data` of the error -2021 or -2022 when not. A step that was not attempted has no response.
 */
export function partsOf(body: unknown): Replacement | undefined {
  const parts = isRecord(body) && isRecord(body['data']) ? body['data'] : body;
  if (!isRecord(parts) || typeof parts['cancelResult'] !== 'string') return undefined;
  const cancelled = parts['cancelResult'] === 'SUCCESS';
  return {
    entry: cancelled ? parts['newOrderResponse'] : parts['cancelResponse'],
    cancelled: cancelled ? parts['cancelResponse'] : undefined,
  };
}
