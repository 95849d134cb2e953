/** Answers that tell little: what an outcome says, and what the private stream is held to. */
import { expect, test } from 'bun:test';
import {
  AmendOrder,
  Order,
  OrderReference,
  PlaceOrder,
  UnknownCause,
} from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { VirtualClock } from '@trunkline/proto/virtual-clock';
import type { Caller } from './caller.ts';
import { type AnswerTimes, type Asked, type CommandDialect, commandDesk } from './command-desk.ts';
import { record, text } from './fields.ts';

const sending = () => ({ cost: {}, send: async () => undefined });
const POSTED = 77;

/** A desk whose venue answers with `body`, and what it was asked to read. */
function desk(body: unknown, readOrder: CommandDialect['readOrder']) {
  const read: [Asked, AnswerTimes][] = [];
  const expected: string[] = [];
  const times = { postedAtUs: POSTED, answeredAtUs: 99 };
  const caller: Caller = {
    call: async () => ({ kind: 'answered', body, times }),
    query: async () => body,
  };
  const built = commandDesk({
    clock: new VirtualClock(),
    caller,
    dialect: {
      place: sending,
      placeBatch: sending,
      amend: sending,
      cancel: sending,
      cancelBatch: sending,
      readOrder: (entry, asked, answerTimes) => {
        read.push([asked, answerTimes]);
        return readOrder(entry, asked, answerTimes);
      },
      batchEntries: (answer, asked) => asked.map(() => answer),
      errorOf: () => undefined,
      errors: { codes: new Map() },
    },
    sanitize: (words) => words,
    accepted: (venueOrderId) => expected.push(venueOrderId),
    ended: () => {},
  });
  return { built, read, expected };
}

const admit = () => undefined;

test('a cancel that is confirmed without an order is accepted without one, and the stream must tell of it', async () => {
  const { built, expected } = desk({}, () => undefined);
  const order = OrderReference.fromPartial({ symbol: 'A/B', clientOrderId: 'c', venueOrderId: '9' });
  const outcome = await built.cancel(order, admit);
  expect(outcome.fate).toEqual({ $case: 'accepted', value: { order: undefined } });
  expect(expected).toEqual(['9']);
});

test('nothing is expected of the stream for an order whose venue id nobody knows', async () => {
  const { built, expected } = desk({}, () => undefined);
  await built.place(PlaceOrder.fromPartial({ symbol: 'A/B', clientOrderId: 'c' }), admit);
  expect(expected).toEqual([]);
});

test('an answer is read with what was asked and when it was posted', async () => {
  const { built, read, expected } = desk({ id: '5' }, (entry) =>
    Order.fromPartial({ venueOrderId: text(record(entry, 'entry'), 'id'), clientOrderId: 'c' }),
  );
  const order = PlaceOrder.fromPartial({ symbol: 'A/B', clientOrderId: 'c', quantity: '1' });
  const [outcome] = await built.placeBatch([order], admit);
  expect(outcome?.fate).toMatchObject({ $case: 'accepted', value: { order: { venueOrderId: '5' } } });
  expect(read).toMatchObject([[{ kind: 'place', order }, { postedAtUs: POSTED }]]);
  expect(expected).toEqual(['5']);
});

const unreadable = { $case: 'unknown', value: { cause: UnknownCause.UNREADABLE } };

test('an answer about another order proves nothing of the one that was asked for', async () => {
  const { built, expected } = desk({}, () => Order.fromPartial({ venueOrderId: '5', clientOrderId: 'other' }));
  const placed = await built.place(PlaceOrder.fromPartial({ symbol: 'A/B', clientOrderId: 'c' }), admit);
  expect(placed.fate).toMatchObject(unreadable);
  const order = OrderReference.fromPartial({ symbol: 'A/B', clientOrderId: 'c', venueOrderId: '9' });
  expect((await built.cancel(order, admit)).fate).toMatchObject(unreadable);
  const amend = AmendOrder.fromPartial({ order, newClientOrderId: 'd', price: '1', quantity: '1' });
  expect((await built.amend(amend, admit)).fate).toMatchObject(unreadable);
  expect(expected).toEqual([]);
});

test('an amend is answered by the order that it named, or by its successor', async () => {
  const order = OrderReference.fromPartial({ symbol: 'A/B', clientOrderId: 'c', venueOrderId: '9' });
  const amend = AmendOrder.fromPartial({ order, newClientOrderId: 'd', price: '1', quantity: '1' });
  for (const told of [
    { venueOrderId: '9', clientOrderId: 'c' },
    { venueOrderId: '10', clientOrderId: 'd' },
  ]) {
    const { built } = desk({}, () => Order.fromPartial(told));
    expect((await built.amend(amend, admit)).fate).toMatchObject({ $case: 'accepted', value: { order: told } });
  }
});
