import { describe, expect, test } from 'bun:test';
import { decimal, price, quantity } from '@trunkline/proto/decimal';
import { FundingPayment } from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import * as contract from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { VenueState } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { limitOrder, ScriptedAccount, SYMBOL } from './scripted-account.ts';

const { CANCELED, FILLED } = contract.OrderStatus;

async function running(): Promise<ScriptedAccount> {
  const account = new ScriptedAccount();
  await account.open();
  return account;
}

const statusOf = (account: ScriptedAccount, id: string) => account.manager.order(id)?.status;

describe('reconciling', () => {
  test('finds what happened while the session was away: a fill, an end, and a stranger', async () => {
    const account = await running();
    const [filled, canceled] = [await account.place(), await account.place({ side: 'sell', price: price('101') })];
    for (const id of [filled, canceled]) await account.deliver(account.result(id, account.accept(id)));
    account.trade(filled, 't1', '2');
    account.book(filled, { status: FILLED, filledQuantity: '2' });
    account.book(canceled, { status: CANCELED });
    account.book('manual_1', { venueOrderId: 'x1' });
    account.trade('manual_1', 't2', '1');
    account.establish({ resumed: false, newBoot: true });
    expect(await account.manager.place(limitOrder)).toMatchObject({ denial: { field: 'reconcile' } });
    await account.advance(0);
    expect(account.manager.ready).toBe(true);
    expect([statusOf(account, filled), statusOf(account, canceled)]).toEqual(['filled', 'canceled']);
    expect(account.manager.order('~x1')).toMatchObject({ origin: 'external', filled: '1' });
    expect(account.manager.snapshot().positions).toMatchObject([{ quantity: '3', venueQuantity: '3' }]);
    account.manager.cancelAll();
    expect(account.manager.cancel('~x1')).toEqual({ kind: 'refused', reason: 'not_ours' });
    expect(account.everSent.some(({ body }) => JSON.stringify(body).includes('manual_1'))).toBe(false);
    await account.check();
  });

  test.each([1, 2])('finds an old trade that a newer fill of ours has overtaken, %p symbols traded', async (count) => {
    const account = new ScriptedAccount();
    const [first] = account.limits.symbols.values();
    if (first === undefined) throw new Error('no symbol');
    const names = [SYMBOL, 'ETH/USDT:USDT'].slice(0, count);
    account.limits = { ...account.limits, symbols: new Map(names.map((name) => [name, first])) };
    await account.open({ run: false });
    account.establish({ resumed: false });
    while (!account.manager.ready) await account.advance(0);
    const id = await account.place();
    await account.deliver(account.result(id, account.accept(id)));
    account.queriesFail = true;
    account.book('manual_1', { venueOrderId: 'x1', status: FILLED, filledQuantity: '1' });
    account.trade('manual_1', 't1', '1');
    await account.advance(300_000);
    account.queriesFail = false;
    await account.deliver({ $case: 'fill', value: account.trade(id, 't2', '0.5') });
    account.establish({ resumed: false });
    await account.advance(20_000);
    expect(account.manager.snapshot().reconcileProblem).toBe('');
    expect(account.manager.snapshot().positions).toMatchObject([{ quantity: '1.5', venueQuantity: '1.5' }]);
    await account.check();
  });

  test('counts each funding payment once, told by the session, listed by the venue, or both', async () => {
    const account = await running();
    const nowUs = account.clock.wallUs();
    const payment = (paymentId: string, amount: string, venueTimeUs: number) =>
      FundingPayment.fromPartial({ paymentId, symbol: SYMBOL, asset: 'USDT', amount, venueTimeUs });
    account.funding = [payment('f1', '-0.25', nowUs + 1), payment('f2', '0.5', nowUs + 2)];
    await account.deliver({ $case: 'funding', value: payment('f2', '0.5', nowUs + 2) });
    account.establish({ resumed: false });
    await account.advance(0);
    expect(account.manager.ready).toBe(true);
    const { pnl, balances } = account.manager.snapshot();
    expect(pnl.funding).toBe(decimal('0.25'));
    expect(balances).toMatchObject([{ asset: 'USDT', total: '1000.25' }]);
    account.crash();
    await account.open();
    expect(account.manager.snapshot().pnl.funding).toBe(decimal('0.25'));
    await account.check();
  });

  test('leaves a payment from before the baseline out: it is in the baseline', async () => {
    const account = new ScriptedAccount();
    account.position = '3';
    account.queriesFail = true;
    await account.open({ run: false });
    account.establish({ resumed: false });
    const early = { paymentId: 'f1', symbol: SYMBOL, asset: 'USDT', amount: '-0.25' };
    const value = FundingPayment.fromPartial({ ...early, venueTimeUs: account.clock.wallUs() });
    await account.deliver({ $case: 'funding', value });
    await account.advance(1_000);
    account.queriesFail = false;
    await account.advance(3_000);
    expect(account.manager.ready).toBe(true);
    await account.deliver({ $case: 'funding', value });
    const { positions, balances } = account.manager.snapshot();
    expect(positions).toMatchObject([{ quantity: '3', venueQuantity: '3' }]);
    expect(balances).toMatchObject([{ asset: 'USDT', total: '1000' }]);
    await account.check();
  });

  test('keeps the account closed to new risk while positions differ, and books no difference', async () => {
    const account = await running();
    account.position = '7';
    account.establish({ resumed: false });
    await account.advance(3_000);
    expect(account.manager.ready).toBe(false);
    expect(account.manager.snapshot().reconcileProblem).toContain("ours 0, the venue's 7");
    expect(await account.manager.place(limitOrder)).toMatchObject({ denial: { field: 'reconcile' } });
    expect((await account.manager.place({ ...limitOrder, reduceOnly: true })).kind).toBe('sent');
    account.position = '0';
    await account.advance(1_000);
    expect(account.manager.ready).toBe(true);
    await account.check();
  });

  test('takes the position that the venue held before the first start as the baseline, once', async () => {
    const account = new ScriptedAccount();
    account.position = '3';
    await account.open();
    expect(account.manager.snapshot().positions).toMatchObject([{ quantity: '3', averageEntry: '100' }]);
    account.crash();
    await account.open();
    expect(account.manager.snapshot().positions).toMatchObject([{ quantity: '3' }]);
    await account.check();
  });

  test('runs once more when the private stream first stands: what happened just before was said by nobody', async () => {
    const account = await running();
    const id = await account.place();
    await account.deliver(account.result(id, account.accept(id)));
    const venueStatus = { state: VenueState.CONNECTING, message: '' };
    account.manager.handler.established({ bootId: 'b2', resumed: false, venueStatus, boots: 2, streams: 2 });
    await account.advance(0);
    expect(account.manager.ready).toBe(true);
    account.book(id, { status: FILLED, filledQuantity: '2' });
    account.trade(id, 't1', '2');
    const ready = { $case: 'venueStatus', value: { state: VenueState.READY, message: '' } } as const;
    account.manager.handler.event({ seq: 1, event: ready });
    account.manager.handler.batchEnd(1, 'b2');
    await account.advance(0);
    expect(statusOf(account, id)).toBe('filled');
    expect(account.manager.position(limitOrder.symbol)).toBe(quantity('2'));
  });

  test('waits for a venue that does not answer', async () => {
    const account = new ScriptedAccount();
    account.queriesFail = true;
    await account.open({ run: false });
    account.establish({ resumed: false });
    await account.advance(5_000);
    expect(account.manager.ready).toBe(false);
    account.queriesFail = false;
    await account.advance(1_000);
    expect(account.manager.ready).toBe(true);
  });

  test('notices without a gap that an order is gone, and that a position moved', async () => {
    const account = await running();
    const id = await account.place();
    await account.deliver(account.result(id, account.accept(id)));
    account.book(id, { status: CANCELED });
    await account.advance(10_000);
    expect(statusOf(account, id)).toBe('canceled');
    account.position = '1';
    await account.advance(60_000);
    expect(account.manager.ready).toBe(false);
    await account.check();
  });

  test('flags an order with our tag that the journal does not know', async () => {
    const account = await running();
    account.book('aa_1_zzzzz9', { venueOrderId: 'x9' });
    account.establish({ resumed: false });
    await account.advance(0);
    expect(account.manager.order('~x9')?.anomalies).toEqual(['ours_not_in_journal']);
    await account.check();
  });
});
