/** What an account does with what still comes in when it stops, is handed over, or is cancelled from under a decision. */
import { expect, test } from 'bun:test';
import { price, quantity } from '@trunkline/proto/decimal';
import { OrderStatus } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { ACCOUNT, ScriptedAccount } from './scripted-account.ts';

async function running(): Promise<ScriptedAccount> {
  const account = new ScriptedAccount();
  await account.open();
  return account;
}

test('the next session is opened behind the last event that is durable', async () => {
  const account = await running();
  expect(account.manager.lastSeen).toBeUndefined();
  const id = await account.place();
  await account.deliver(account.result(id, account.accept(id)));
  expect(account.manager.lastSeen).toEqual({ bootId: 'b1', seq: 1 });
  account.journal.failAppends('io');
  await account.deliver({ $case: 'fill', value: account.trade(id, 't1', '1') });
  expect(account.manager.lastSeen).toEqual({ bootId: 'b1', seq: 1 });
});

test('an amend is not sent for an order whose cancel was asked for while it was being committed', async () => {
  const account = await running();
  const id = await account.place();
  await account.deliver(account.result(id, account.accept(id)));
  const amending = account.manager.amend(id, price('99'), quantity('1'));
  account.manager.cancel(id);
  expect(await amending).toMatchObject({ kind: 'denied', denial: { field: 'canceled' } });
  expect(account.sent.map(({ body }) => body.$case)).toEqual(['place', 'cancel']);
  await account.advance(0);
  await account.check();
});

test('nor for one that ended meanwhile', async () => {
  const account = await running();
  const id = await account.place();
  await account.deliver(account.result(id, account.accept(id)));
  const amending = account.manager.amend(id, price('99'), quantity('1'));
  const { manager } = account;
  manager.handler.event({
    seq: 2,
    event: { $case: 'order', value: account.book(id, { status: OrderStatus.CANCELED }) },
  });
  manager.handler.batchEnd(2, 'b1');
  expect(await amending).toMatchObject({ kind: 'denied', denial: { field: 'order' } });
  expect(account.sent.map(({ body }) => body.$case)).toEqual(['place']);
});

test('an account whose lease was lost asks nothing more, whatever still comes, and leaves no timer', async () => {
  const account = await running();
  const id = await account.place();
  await account.deliver(account.result(id, account.accept(id)));
  const nowUs = account.clock.wallUs() + 3_600_000_000;
  await account.journal.acquireLease({ account: ACCOUNT, engineId: 'other', ttlMs: 1_000, nowUs });
  await account.deliver({ $case: 'order', value: account.book(id, { filledQuantity: '1' }) });
  expect(account.manager.snapshot().ended).toContain('lease lost');
  await account.deliver({ $case: 'order', value: account.book(id, { filledQuantity: '2' }) });
  const asked = account.asked.length;
  await account.manager.close();
  expect(account.clock.pending).toBe(0);
  await account.advance(60_000);
  expect(account.asked.length).toBe(asked);
});
