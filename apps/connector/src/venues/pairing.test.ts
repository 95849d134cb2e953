/** Orders and executions of two channels, in whatever order the venue tells them. */
import { beforeEach, expect, test } from 'bun:test';
import { Fill, Order, PositionSide } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { VirtualClock } from '@trunkline/proto/virtual-clock';
import { createPairing, type Pairing } from './pairing.ts';

let clock: VirtualClock;
let said: string[];
let fills: Fill[];
let pairing: Pairing;

beforeEach(() => {
  clock = new VirtualClock();
  said = [];
  fills = [];
  pairing = createPairing({
    clock,
    order: (order) => said.push(`order ${order.filledQuantity}`),
    fill(fill) {
      said.push(`fill ${fill.tradeId}`);
      fills.push(fill);
    },
  });
});

const order = (filledQuantity: string, fields: Partial<Order> = {}) =>
  pairing.order(Order.fromPartial({ venueOrderId: '7', filledQuantity, ...fields }));
const fill = (tradeId: string, quantity: string, fields: Partial<Fill> = {}) =>
  pairing.fill(Fill.fromPartial({ tradeId, quantity, venueOrderId: '7', ...fields }));

test('executions that come before their order wait for it', () => {
  fill('1', '0.1');
  fill('2', '0.2');
  expect(said).toEqual([]);
  order('0.1');
  order('0.3');
  expect(said).toEqual(['order 0.1', 'fill 1', 'order 0.3', 'fill 2']);
});

test('an execution that comes after its order does not wait', () => {
  order('0.1');
  fill('1', '0.1');
  expect(said).toEqual(['order 0.1', 'fill 1']);
});

test('an execution whose order is never heard of comes out all the same', () => {
  fill('1', '0.1');
  clock.advance(1_000);
  expect(said).toEqual(['fill 1']);
});

test('an execution heard twice comes out once', () => {
  order('0.2');
  fill('1', '0.1');
  fill('1', '0.1');
  expect(said).toEqual(['order 0.2', 'fill 1']);
});

test('what is held when the stream goes comes out before anything of the next', () => {
  fill('1', '0.1');
  pairing.flush();
  expect(said).toEqual(['fill 1']);
  clock.advance(1_000);
  expect(said).toEqual(['fill 1']);
});

test('what an execution does not tell is its order\u2019s', () => {
  order('0.2', { clientOrderId: 'grid_1', positionSide: PositionSide.SHORT });
  fill('1', '0.1');
  fill('2', '0.1', { clientOrderId: 'own', positionSide: PositionSide.LONG });
  expect(fills.map(({ clientOrderId, positionSide }) => [clientOrderId, positionSide])).toEqual([
    ['grid_1', PositionSide.SHORT],
    ['own', PositionSide.LONG],
  ]);
});
