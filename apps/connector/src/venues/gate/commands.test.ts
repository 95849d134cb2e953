/** What Gate's answers prove of which order. */
import { expect, test } from 'bun:test';
import { PositionMode } from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import { OrderReference, PlaceOrder } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import type { Asked } from '../command-desk.ts';
import { reading, Unreadable } from '../fields.ts';
import { gateCommands } from './commands.ts';
import { FUTURES, type MarketKind, SPOT } from './market-kind.ts';
import { SYMBOL, scriptedAsking } from './testing/scripted-asking.ts';

const TIMES = { postedAtUs: 1, receivedAtUs: 2 };

function dialect(kind: MarketKind) {
  const asking = scriptedAsking(kind, () => Promise.reject(new Error('not asked here')));
  return gateCommands({ ...asking, held: { mode: PositionMode.ONE_WAY }, socket: undefined });
}

const placing = (clientOrderId: string): Asked => ({
  kind: 'place',
  order: PlaceOrder.fromPartial({ symbol: SYMBOL, clientOrderId }),
});
const cancelling = (clientOrderId: string, venueOrderId = ''): Asked => ({
  kind: 'cancel',
  order: OrderReference.fromPartial({ symbol: SYMBOL, clientOrderId, venueOrderId }),
});

for (const kind of [SPOT, FUTURES]) {
  const { readOrder, batchEntries } = dialect(kind);

  test(`an answer of ${kind.market} without an order accepts nothing`, () => {
    for (const asked of [placing('a'), cancelling('a')]) {
      expect(reading(() => readOrder({}, asked, TIMES))).toBeInstanceOf(Unreadable);
      expect(reading(() => readOrder({ message: 'ok' }, asked, TIMES))).toBeInstanceOf(Unreadable);
    }
    expect(reading(() => readOrder({ succeeded: true }, placing('a'), TIMES))).toBeInstanceOf(Unreadable);
    expect(readOrder({ id: '1', succeeded: true }, cancelling('a', '1'), TIMES)).toBeUndefined();
  });

  test(`an entry of a ${kind.market} batch is that of the order that it names, wherever it stands`, () => {
    const asked = [placing('a'), placing('b'), placing('c')];
    const [a, b] = [
      { text: 't-a', succeeded: true },
      { text: 't-b', succeeded: true },
    ];
    const c = { succeeded: false, label: 'INVALID_PARAM_VALUE' };
    expect(batchEntries([a, b, c], asked)).toEqual([a, b, c]);
    expect(batchEntries([b, a, c], asked)).toEqual([a, b, c]);
    // The place of `b` is taken by the entry of `a`, and its own is not told.
    expect(batchEntries([c, a, c], asked)).toEqual([a, undefined, c]);
    expect(reading(() => batchEntries([a, b], asked))).toBeInstanceOf(Unreadable);
  });

  test(`an entry of a ${kind.market} batch cancel is found by either id`, () => {
    const asked = [cancelling('a', '1'), cancelling('b')];
    const [a, b] = [
      { id: '1', succeeded: true },
      { id: '2', text: 't-b', succeeded: true },
    ];
    expect(batchEntries([b, a], asked)).toEqual([a, b]);
    expect(batchEntries([a, { id: '2', succeeded: true }], asked)).toEqual([a, { id: '2', succeeded: true }]);
  });
}
