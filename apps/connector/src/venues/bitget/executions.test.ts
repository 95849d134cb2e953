import { expect, test } from 'bun:test';
import { Fill, Order } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { VirtualClock } from '@trunkline/proto/virtual-clock';
import { executions, PATIENCE_MS } from './executions.ts';

function rig() {
  const clock = new VirtualClock();
  const said: string[] = [];
  const pairing = executions({
    clock,
    emitOrder: ({ filledQuantity }) => said.push(`order ${filledQuantity}`),
    emitFill: ({ tradeId, clientOrderId }) => said.push(`fill ${tradeId} of ${clientOrderId}`),
  });
  const order = (filledQuantity: string, venueOrderId = '1') =>
    pairing.order(Order.fromPartial({ venueOrderId, clientOrderId: 'mine', filledQuantity }));
  const fill = (tradeId: string, quantity: string, venueOrderId = '1') =>
    pairing.fill(Fill.fromPartial({ tradeId, venueOrderId, quantity }));
  return { clock, said, pairing, order, fill };
}

test('a fill that overtakes its order waits for it, and gets its client order id', () => {
  const { said, order, fill } = rig();
  fill('a', '0.1');
  expect(said).toEqual([]);
  order('0.1');
  expect(said).toEqual(['order 0.1', 'fill a of mine']);
});

test('one push of the order may cover several fills, and a fill may not pass one that waits', () => {
  const { said, order, fill } = rig();
  order('0');
  fill('a', '0.1');
  fill('b', '0.2');
  order('0.1');
  order('0.3');
  fill('c', '0.05');
  order('0.35');
  expect(said).toEqual([
    'order 0',
    'order 0.1',
    'fill a of mine',
    'order 0.3',
    'fill b of mine',
    'order 0.35',
    'fill c of mine',
  ]);
});

test('a fill whose order stays silent is said all the same', () => {
  const { clock, said, fill, order } = rig();
  fill('a', '0.1', '7');
  clock.advance(PATIENCE_MS - 1);
  expect(said).toEqual([]);
  clock.advance(1);
  expect(said).toEqual(['fill a of ']);
  order('0.1', '7');
  expect(said).toEqual(['fill a of ', 'order 0.1']);
});

test('an order that was partly filled before it was heard of lets its next fill pass', () => {
  const { said, order, fill } = rig();
  order('0.5');
  fill('f', '0.1');
  expect(said).toEqual(['order 0.5', 'fill f of mine']);
});

test('what waits when the stream goes is said, once', () => {
  const { clock, said, pairing, fill } = rig();
  fill('a', '0.1');
  pairing.flush();
  clock.advance(PATIENCE_MS * 2);
  expect(said).toEqual(['fill a of ']);
});
