import { expect, test } from 'bun:test';
import {
  AmendOrder,
  Order,
  type OrderOutcome,
  OrderStatus,
  RejectReason,
  Side,
} from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { VirtualClock } from '@trunkline/proto/virtual-clock';
import type { CallResult } from '../caller.ts';
import { commandDesk } from '../command-desk.ts';
import { classify } from '../error-table.ts';
import { openOrderMemory } from '../open-order-memory.ts';
import { errorOf } from './rest.ts';
import { partsOf } from './spot-commands.ts';
import { SPOT_ERRORS } from './spot-errors.ts';
import { readSpotOrder } from './spot-order-mapper.ts';

const order = (clientOrderId: string, orderId: number, status: string) => ({
  ...{ symbol: 'BTCUSDT', orderId, clientOrderId, transactTime: 1, price: '100', origQty: '1', executedQty: '0' },
  ...{ cummulativeQuoteQty: '0', status, timeInForce: 'GTC', type: 'LIMIT', side: 'BUY' },
});
const CANCELLED = { ...order('cancel_1', 7, 'CANCELED'), origClientOrderId: 'old' };
const REFUSED = { code: -2010, msg: 'Order would immediately match and take.' };

/** Amends `old` into `new` where the venue answers like this. */
async function amend(status: number, body: unknown): Promise<{ outcome: OrderOutcome; ended: Order[] }> {
  const ended: Order[] = [];
  const stated = errorOf(body);
  const times = { postedAtUs: 1, answeredAtUs: 2 };
  const result: CallResult =
    status === 200
      ? { kind: 'answered', body, times }
      : {
          ...{ kind: 'failed', body, times, code: stated?.code ?? '', message: stated?.message ?? '' },
          verdict: classify(SPOT_ERRORS, status, stated?.code ?? '', stated?.message ?? ''),
        };
  const unused = () => ({ cost: {}, send: async () => undefined });
  const desk = commandDesk({
    clock: new VirtualClock(),
    caller: { call: async () => result, query: async () => undefined },
    sanitize: (text) => text,
    accepted: () => {},
    ended: (order) => ended.push(order),
    dialect: {
      ...{ place: unused, placeBatch: unused, amend: unused, cancel: unused, cancelBatch: unused },
      readOrder: (entry, _, { receivedAtUs }) => readSpotOrder(entry, { symbol: 'BTC/USDT', receivedAtUs }, 2),
      batchEntries: () => [],
      replacement: partsOf,
      errorOf,
      errors: SPOT_ERRORS,
    },
  });
  const request = AmendOrder.fromPartial({
    order: { symbol: 'BTC/USDT', clientOrderId: 'old', venueOrderId: '7' },
    ...{ newClientOrderId: 'new', side: Side.BUY, price: '100', quantity: '1' },
  });
  return { outcome: await desk.amend(request, () => undefined), ended };
}

test('a replacement that worked is the successor, and the end of its predecessor is an event', async () => {
  const { outcome, ended } = await amend(200, {
    ...{ cancelResult: 'SUCCESS', newOrderResult: 'SUCCESS', cancelResponse: CANCELLED },
    newOrderResponse: order('new', 8, 'NEW'),
  });
  expect(outcome.clientOrderId).toBe('new');
  expect(outcome.fate).toMatchObject({
    $case: 'accepted',
    value: { order: { clientOrderId: 'new', venueOrderId: '8' } },
  });
  expect(ended).toMatchObject([{ clientOrderId: 'old', venueOrderId: '7', status: OrderStatus.CANCELED }]);
});

test('cancelled and not replaced: the successor is refused for its own reason, and the predecessor\u2019s end is said', async () => {
  const data = {
    cancelResult: 'SUCCESS',
    newOrderResult: 'FAILURE',
    cancelResponse: CANCELLED,
    newOrderResponse: REFUSED,
  };
  const { outcome, ended } = await amend(409, { code: -2021, msg: 'Order cancel-replace partially failed.', data });
  expect(outcome.fate).toMatchObject({
    $case: 'rejected',
    value: { reason: RejectReason.POST_ONLY, venueCode: '-2010' },
  });
  expect(ended).toMatchObject([{ clientOrderId: 'old', status: OrderStatus.CANCELED }]);
});

test('cancelled, and the fate of the successor unknown to the venue itself: unknown, and the end is said', async () => {
  const newOrderResponse = { code: -1007, msg: 'Send status unknown; execution status unknown.' };
  const data = { cancelResult: 'SUCCESS', newOrderResult: 'FAILURE', cancelResponse: CANCELLED, newOrderResponse };
  const { outcome, ended } = await amend(409, { code: -2021, msg: 'Order cancel-replace partially failed.', data });
  expect(outcome.fate?.$case).toBe('unknown');
  expect(ended.length).toBe(1);
});

test('a cancel that failed refuses the successor, which was not attempted, and ends nothing', async () => {
  const cancelResponse = { code: -2011, msg: 'Unknown order sent.' };
  const data = { cancelResult: 'FAILURE', newOrderResult: 'NOT_ATTEMPTED', cancelResponse, newOrderResponse: null };
  const { outcome, ended } = await amend(400, { code: -2022, msg: 'Order cancel-replace failed.', data });
  expect(outcome.fate).toMatchObject({ $case: 'rejected', value: { reason: RejectReason.ORDER_NOT_OPEN } });
  expect(ended).toEqual([]);
});

test('a replacement refused before its first step is refused as a whole', async () => {
  const { outcome, ended } = await amend(400, { code: -1013, msg: 'Filter failure: PRICE_FILTER' });
  expect(outcome.fate).toMatchObject({ $case: 'rejected', value: { reason: RejectReason.INVALID_PRICE } });
  expect(ended).toEqual([]);
});

test('open orders are remembered by both ids until they end', () => {
  const memory = openOrderMemory();
  const open = Order.fromPartial({ clientOrderId: 'a', venueOrderId: '1', status: OrderStatus.OPEN, postOnly: true });
  memory.take(open);
  const find = (clientOrderId: string, venueOrderId: string) =>
    memory.find({ symbol: 'BTC/USDT', clientOrderId, venueOrderId });
  expect([find('a', ''), find('', '1')]).toEqual([open, open]);
  memory.take({ ...open, status: OrderStatus.FILLED });
  expect([find('a', ''), find('', '1')]).toEqual([undefined, undefined]);
});
