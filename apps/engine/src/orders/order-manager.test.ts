import { describe, expect, test } from 'bun:test';
import { price, quantity } from '@trunkline/proto/decimal';
import * as contract from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { ACCOUNT, limitOrder, ScriptedAccount } from './scripted-account.ts';

const { CANCELED, FILLED, PARTIALLY_FILLED } = contract.OrderStatus;
const unknown: contract.OrderOutcome['fate'] = {
  $case: 'unknown',
  value: { cause: contract.UnknownCause.TIMEOUT, venueCode: '', message: '' },
};
const notOpen: contract.OrderOutcome['fate'] = {
  $case: 'rejected',
  value: { reason: contract.RejectReason.ORDER_NOT_OPEN, venueCode: '-2011', message: '' },
};

async function running(): Promise<ScriptedAccount> {
  const account = new ScriptedAccount();
  await account.open();
  return account;
}

const statusOf = (account: ScriptedAccount, id: string) => account.manager.order(id)?.status;

describe('an order', () => {
  test('is durable before it is sent, and its answer before it is acknowledged', async () => {
    const account = await running();
    const decision = account.manager.place(limitOrder);
    expect(account.sent).toHaveLength(0);
    const { clientOrderId: id = '' } = await decision;
    expect(account.places.map(({ clientOrderId }) => clientOrderId)).toEqual([id]);
    expect((await account.journal.loadOrder(ACCOUNT, id))?.status).toBe('intent');

    await account.deliver(account.result(id, account.accept(id)));
    expect(account.acked).toEqual([1]);
    expect((await account.journal.loadOrder(ACCOUNT, id))?.status).toBe('open');

    const fill = account.trade(id, 't1', '2');
    const order = account.book(id, { status: FILLED, filledQuantity: '2' });
    await account.deliver({ $case: 'fill', value: fill }, { $case: 'order', value: order });
    expect(account.acked).toEqual([1, 3]);
    expect(await account.journal.loadOrder(ACCOUNT, id)).toMatchObject({ status: 'filled', terminal: true });
    const { counters, positions, balances } = account.manager.snapshot();
    expect(counters).toMatchObject({ intents: 1, accepted: 1, filled: 1, open: 0 });
    expect(positions).toMatchObject([{ quantity: '2', averageEntry: '100' }]);
    expect(balances).toMatchObject([{ asset: 'USDT', total: '999.98', venueTotal: '1000' }]);
    await account.check();
  });

  test('takes fills that come doubled, before the accept, and after its end, once each', async () => {
    const account = await running();
    const id = await account.place();
    const answer = account.result(id, account.accept(id));
    const [one, two] = [account.trade(id, 't1', '1'), account.trade(id, 't2', '0.5')];
    await account.deliver({ $case: 'fill', value: one }, { $case: 'fill', value: one }, answer);
    const ended = account.book(id, { status: CANCELED, filledQuantity: '1.5' });
    await account.deliver({ $case: 'order', value: ended });
    expect(account.manager.snapshot().orders).toMatchObject([{ status: 'canceled', missingFills: '0.5' }]);
    await account.deliver({ $case: 'fill', value: two });
    await account.deliver({ $case: 'fill', value: two });
    expect(account.manager.snapshot().positions).toMatchObject([{ quantity: '1.5' }]);
    expect(account.manager.snapshot().orders).toEqual([]);
    await account.check();
  });

  test('that ended before a restart is read back for a late fill, which counts once', async () => {
    const account = await running();
    const id = await account.place();
    const fill = account.trade(id, 't1', '2');
    await account.deliver(account.result(id, account.accept(id)), {
      $case: 'fill',
      value: { ...fill, venueOrderId: 'v1' },
    });
    account.fills = [{ ...fill, venueOrderId: 'v1' }];
    account.book(id, { status: FILLED, filledQuantity: '2' });
    account.crash();
    await account.open();
    expect(account.manager.order(id)?.status ?? 'not in memory').toBe('filled');
    await account.deliver({ $case: 'fill', value: { ...fill, venueOrderId: 'v1' } });
    expect(account.manager.snapshot().positions).toMatchObject([{ quantity: '2' }]);
    expect((await account.journal.listOrders({})).map(({ clientOrderId }) => clientOrderId)).toEqual([id]);
    await account.check();
  });

  test('whose fills do not come has them fetched from the trade list', async () => {
    const account = await running();
    const id = await account.place();
    await account.deliver(account.result(id, account.accept(id)));
    account.trade(id, 't1', '2');
    await account.deliver({ $case: 'order', value: account.book(id, { status: FILLED, filledQuantity: '2' }) });
    expect(account.manager.snapshot().orders).toMatchObject([{ status: 'filled', missingFills: '2' }]);
    await account.advance(2_000);
    expect(account.manager.snapshot().positions).toMatchObject([{ quantity: '2' }]);
    expect((await account.journal.listFills({}))[0]).toMatchObject({ recovered: true, clientOrderId: id });
    await account.check();
  });

  test('that the connector never got is denied, one whose session was lost is unknown', async () => {
    const account = await running();
    const [first, second] = [await account.place(), await account.place()];
    const [one, two] = account.sent;
    account.manager.handler.notDelivered([one?.seq ?? 0]);
    account.manager.handler.orphaned([two?.seq ?? 0]);
    await account.advance(0);
    expect([statusOf(account, first), statusOf(account, second)]).toEqual(['denied', 'unknown']);
    await account.check();
  });

  test('without any result becomes unknown once it can no longer be sent', async () => {
    const account = await running();
    const id = await account.place();
    await account.advance(5_900);
    expect(statusOf(account, id)).toBe('intent');
    await account.advance(2_200);
    expect(statusOf(account, id)).toBe('unknown');
  });

  test('is amended in place: both sizes are reserved until the venue answers', async () => {
    const account = await running();
    const id = await account.place();
    await account.deliver(account.result(id, account.accept(id)));
    expect((await account.manager.amend(id, price('99'), quantity('4'))).kind).toBe('sent');
    expect(account.sent.at(-1)?.body.$case).toBe('amend');
    await account.advance(20);
    const order = account.book(id, { price: '99', quantity: '4' });
    await account.deliver(account.result(id, { $case: 'accepted', value: { order } }));
    expect(account.manager.snapshot().orders).toMatchObject([{ price: '99', quantity: '4', anomalies: [] }]);
    await account.check();
  });
});

describe('an engine killed', () => {
  const cases = [
    { at: 'engine.beforeCommit', sent: 0, end: undefined },
    { at: 'engine.afterCommit', sent: 0, end: 'absent' },
    { at: 'engine.afterSend', sent: 1, end: 'open' },
  ] as const;
  for (const { at, sent, end } of cases) {
    test(`at ${at} posts no order twice, and ends ${end ?? 'without an intent'}`, async () => {
      const account = await running();
      account.failpoint = at;
      await expect(account.manager.place(limitOrder)).rejects.toThrow(at);
      expect(account.places).toHaveLength(sent);
      for (const { clientOrderId } of account.places) account.book(clientOrderId);

      await account.open();
      const [row] = await account.journal.listOrders({});
      const kinds = (await account.journal.listEvents({ fromSeq: 1, limit: 99 })).map(({ kind }) => kind);
      expect(kinds.includes('unknown')).toBe(end !== undefined);
      // Probes are answered as the venue would.
      await account.advance(12_000);
      const cancel = account.sent.find(({ body }) => body.$case === 'cancel');
      if (end === 'absent') {
        expect(cancel?.body).toMatchObject({ value: { order: { clientOrderId: row?.clientOrderId } } });
        await account.deliver(account.result(row?.clientOrderId ?? '', notOpen));
      }
      await account.advance(1_000);
      expect((await account.journal.listOrders({}))[0]?.status).toBe(end);
      expect(account.places).toHaveLength(sent);
      await account.check();
    });
  }

  test('before the answer is durable asks for the order, and takes the answer once', async () => {
    const account = await running();
    const id = await account.place();
    account.failpoint = 'engine.beforeAnswerCommit';
    await account.deliver(account.result(id, account.accept(id)), {
      $case: 'fill',
      value: account.trade(id, 't1', '1'),
    });
    expect(account.acked).toEqual([]);
    account.book(id, { status: PARTIALLY_FILLED, filledQuantity: '1' });
    await account.open();
    expect(account.manager.snapshot().orders).toMatchObject([{ status: 'partially_filled', filled: '1' }]);
    expect(account.manager.snapshot().positions).toMatchObject([{ quantity: '1' }]);
    expect(account.places).toHaveLength(1);
    await account.check();
  });
});

test('a replayed result of an earlier epoch ends no command of ours', async () => {
  const account = await running();
  const old = await account.place();
  const replayed = account.result(old, {
    $case: 'rejected',
    value: contract.Rejected.fromPartial({ venueCode: '-1' }),
  });
  account.crash();
  await account.open();
  const id = await account.place();
  expect(replayed.$case === 'result' && replayed.value.commandSeq).toBe(account.sent[0]?.seq ?? 0);
  await account.deliver(replayed);
  expect([statusOf(account, old), statusOf(account, id)]).toEqual(['unknown', 'intent']);
  await account.deliver(account.result(id, account.accept(id)));
  expect(statusOf(account, id)).toBe('open');
  await account.check();
});

describe('an unknown order', () => {
  async function inDoubt() {
    const account = await running();
    const id = await account.place();
    await account.deliver(account.result(id, unknown));
    expect(statusOf(account, id)).toBe('unknown');
    return { account, id };
  }

  test('that the venue holds is found by asking', async () => {
    const { account, id } = await inDoubt();
    account.book(id);
    await account.advance(2_999);
    expect(account.asked).toEqual([]);
    await account.advance(1);
    expect(statusOf(account, id)).toBe('open');
    await account.check();
  });

  test('is absent only after a full search once it cannot appear, and a last cancel', async () => {
    const { account, id } = await inDoubt();
    await account.advance(5_900);
    expect(account.asked.some(({ fullSearch }) => fullSearch)).toBe(false);
    await account.advance(400);
    expect(account.asked.at(-1)?.fullSearch).toBe(true);
    expect(account.sent.at(-1)?.body.$case).toBe('cancel');
    expect(statusOf(account, id)).toBe('unknown');
    await account.deliver(account.result(id, notOpen));
    expect(statusOf(account, id)).toBe('absent');
    expect(account.places).toHaveLength(1);
    await account.check();
  });

  test('without proof is lost, keeps its capacity, and is watched', async () => {
    const { account, id } = await inDoubt();
    account.absenceProved = false;
    await account.advance(18_000);
    await account.deliver(account.result(id, notOpen));
    expect(statusOf(account, id)).toBe('lost');
    expect(account.log.entries.some(({ level, message }) => level === 'error' && message === 'order is lost')).toBe(
      true,
    );
    const sent = account.everSent.length;
    account.book(id);
    await account.advance(60_000);
    expect(statusOf(account, id)).toBe('open');
    expect(account.everSent).toHaveLength(sent);
    await account.check();
  });

  test('is not given up while the venue does not answer', async () => {
    const { account, id } = await inDoubt();
    account.queriesFail = true;
    await account.advance(300_000);
    expect(statusOf(account, id)).toBe('unknown');
    account.queriesFail = false;
    account.book(id);
    await account.advance(16_000);
    expect(statusOf(account, id)).toBe('open');
  });

  test('can be settled by a person, who is named in the journal', async () => {
    const { account, id } = await inDoubt();
    expect(account.manager.settle(id, 'ops', 'not at the venue')).toBe(true);
    await account.advance(0);
    expect(statusOf(account, id)).toBe('absent');
    expect(account.manager.settle(id, 'ops', 'again')).toBe(false);
    await account.check();
  });
});

describe('nothing is sent', () => {
  test('beyond what concurrent decisions may reach together', async () => {
    const account = await running();
    const decisions = await Promise.all(
      [1, 2, 3].map(() => account.manager.place({ ...limitOrder, quantity: quantity('5') })),
    );
    expect(decisions.map(({ kind }) => kind)).toEqual(['sent', 'sent', 'denied']);
    expect(decisions[2]).toMatchObject({ denial: { field: 'max_position' } });
    expect(account.places).toHaveLength(2);
  });

  test('under a lost lease', async () => {
    const account = await running();
    const nowUs = account.clock.wallUs() + 3_600_000_000;
    await account.journal.acquireLease({ account: ACCOUNT, engineId: 'other', ttlMs: 1_000, nowUs });
    const decision = await account.manager.place(limitOrder);
    expect(decision).toMatchObject({ kind: 'denied', denial: { field: 'lease' } });
    expect(account.places).toEqual([]);
    expect(account.manager.snapshot().ended).toContain('lease lost');
  });

  test('while the journal cannot be written, and again once it can', async () => {
    const account = await running();
    const id = await account.place();
    account.journal.failAppends('disk_full');
    expect(await account.manager.place(limitOrder)).toMatchObject({ kind: 'denied', denial: { field: 'journal' } });
    await account.deliver(account.result(id, account.accept(id)));
    expect(account.acked).toEqual([]);
    expect(account.places).toHaveLength(1);
    account.journal.failAppends(undefined);
    await account.advance(500);
    expect(account.acked).toEqual([1]);
    expect((await account.journal.loadOrder(ACCOUNT, id))?.status).toBe('open');
    expect((await account.manager.place(limitOrder)).kind).toBe('sent');
    await account.check();
  });

  test('or acknowledged of what could not be written; it is written again, whole', async () => {
    const account = await running();
    const id = await account.place();
    account.journal.failAppends('io');
    await account.deliver(account.result(id, account.accept(id)));
    await account.deliver({ $case: 'fill', value: account.trade(id, 't1', '1') });
    await account.advance(1_400);
    expect(account.acked).toEqual([]);
    account.journal.failAppends(undefined);
    await account.advance(200);
    expect(account.acked).toEqual([2]);
    expect((await account.journal.loadOrder(ACCOUNT, id))?.status).toBe('partially_filled');
    expect(await account.journal.listFills({})).toHaveLength(1);
    await account.check();
  });

  test('that was canceled, or closed to, while its intent was being committed', async () => {
    const account = await running();
    const canceled = account.manager.place(limitOrder);
    account.manager.cancelAll();
    expect(await canceled).toMatchObject({ denial: { field: 'canceled' } });
    const closed = account.manager.place(limitOrder);
    const reducing = account.halts.set({ scope: ACCOUNT, state: 'reducing', reason: 'test', by: 'ops' });
    expect(await closed).toMatchObject({ denial: { field: 'reducing' } });
    await reducing;
    await account.advance(0);
    expect(account.places).toEqual([]);
    expect((await account.journal.listOrders({})).map(({ status }) => status)).toEqual(['denied', 'denied']);
    await account.check();
  });

  test('after a kill switch, though a burst was being committed; what is open is canceled until it is gone', async () => {
    const account = await running();
    const open = await account.place();
    await account.deliver(account.result(open, account.accept(open)));
    const burst = [1, 2, 3].map(() => account.manager.place({ ...limitOrder, quantity: quantity('1') }));
    const halt = account.halts.set({ scope: '*', state: 'halted', reason: 'test', by: 'ops' });
    const decisions = await Promise.all(burst);
    await halt;
    expect(decisions.map(({ kind }) => kind)).toEqual(['denied', 'denied', 'denied']);
    expect(account.places).toHaveLength(1);
    expect(account.sent.map(({ body }) => body.$case)).toEqual(['place', 'cancelAll']);
    await account.advance(2_000);
    expect(account.sent.at(-1)?.body.$case).toBe('cancel');
    await account.deliver(
      account.result(open, { $case: 'accepted', value: { order: account.book(open, { status: CANCELED }) } }),
    );
    expect(account.manager.openOrders()).toEqual([]);

    account.crash();
    await account.open();
    expect(await account.manager.place(limitOrder)).toMatchObject({ kind: 'denied', denial: { field: 'halted' } });
    await account.check();
  });
});

test('a cancel that the connector denied is sent again until the order ends', async () => {
  const account = await running();
  const id = await account.place();
  await account.deliver(account.result(id, account.accept(id)));
  expect(account.manager.cancel(id)).toEqual({ kind: 'sent' });
  await account.deliver(
    account.result(id, { $case: 'denied', value: contract.Denied.fromPartial({ message: 'rate' }) }),
  );
  await account.advance(2_000);
  expect(account.sent.filter(({ body }) => body.$case === 'cancel')).toHaveLength(2);
  await account.deliver(
    account.result(id, { $case: 'accepted', value: { order: account.book(id, { status: CANCELED }) } }),
  );
  await account.advance(10_000);
  expect(account.sent.filter(({ body }) => body.$case === 'cancel')).toHaveLength(2);
  expect(statusOf(account, id)).toBe('canceled');
});
