import { describe, expect, test } from 'bun:test';
import { decimal, price, quantity } from '@trunkline/proto/decimal';
import { accepted, codeOf, newOrder, place, RULES, SYMBOL, testVenue } from './test-support.ts';

const ALL = { limit: 1_000 };

describe('priority', () => {
  test('a taker meets the better price first, then the older order, at the makers prices', async () => {
    const { core } = await testVenue();
    place(core, { clientOrderId: 'second', accountId: 'b', side: 'sell', price: price('60001') });
    place(core, { clientOrderId: 'third', accountId: 'b', side: 'sell', price: price('60001') });
    place(core, { clientOrderId: 'first', accountId: 'b', side: 'sell', price: price('60000.5') });
    place(core, { clientOrderId: 'taker', price: price('60001'), quantity: quantity('2.5') });
    const fills = core.fills('b', SYMBOL, ALL).map((fill) => [fill.clientOrderId, fill.price, fill.quantity]);
    expect<unknown>(fills).toEqual([
      ['first', '60000.5', '1'],
      ['second', '60001', '1'],
      ['third', '60001', '0.5'],
    ]);
  });

  test('an amend loses priority by moving or growing and keeps it by shrinking', async () => {
    const { core } = await testVenue();
    for (const clientOrderId of ['grown', 'shrunk', 'moved', 'still'])
      place(core, { clientOrderId, accountId: 'b', side: 'sell' });
    const amend = (clientOrderId: string, at: string, amount: string) =>
      accepted(
        core.amend({
          accountId: 'b',
          symbol: SYMBOL,
          order: { by: 'client', clientOrderId },
          price: price(at),
          quantity: quantity(amount),
        }),
      );
    amend('grown', '60000', '1.5');
    amend('shrunk', '60000', '0.5');
    amend('moved', '60001', '1');
    amend('moved', '60000', '1');
    place(core, { clientOrderId: 'taker', quantity: quantity('4') });
    const order = core.fills('b', SYMBOL, ALL).map((fill) => fill.clientOrderId);
    expect(order).toEqual(['shrunk', 'still', 'grown', 'moved']);
  });

  test('both sides of a match carry one trade id and name each other', async () => {
    const { core } = await testVenue();
    const maker = place(core, { clientOrderId: 'maker', accountId: 'b', side: 'sell' });
    const taker = place(core, { clientOrderId: 'taker' });
    const [made] = core.fills('b', SYMBOL, ALL);
    const [took] = core.fills('a', SYMBOL, ALL);
    expect(made?.tradeId).toBe(took?.tradeId ?? 'none');
    expect(made?.cause).toEqual({ kind: 'order', venueOrderId: taker.venueOrderId });
    expect(took?.cause).toEqual({ kind: 'order', venueOrderId: maker.venueOrderId });
    expect([made?.maker, took?.maker]).toEqual([true, false]);
  });
});

describe('time in force', () => {
  test('gtc rests with what it could not take', async () => {
    const { core } = await testVenue();
    place(core, { clientOrderId: 'maker', accountId: 'b', side: 'sell', quantity: quantity('0.4') });
    const order = place(core, { clientOrderId: 'taker' });
    expect<unknown>([order.status, order.executedQuantity]).toEqual(['partially_filled', '0.4']);
    expect<unknown>(core.book(SYMBOL, 5)?.bids).toEqual([['60000', '0.6']]);
  });

  test('ioc takes what it can and expires with the rest', async () => {
    const { core } = await testVenue();
    place(core, { clientOrderId: 'maker', accountId: 'b', side: 'sell', quantity: quantity('0.4') });
    const order = place(core, { clientOrderId: 'taker', timeInForce: 'ioc' });
    expect<unknown>([order.status, order.executedQuantity, order.end?.reason]).toEqual([
      'expired',
      '0.4',
      'ioc_remainder',
    ]);
    expect(core.book(SYMBOL, 5)?.bids).toEqual([]);
  });

  test('fok takes all of it or nothing', async () => {
    const { core } = await testVenue();
    place(core, { clientOrderId: 'maker', accountId: 'b', side: 'sell', quantity: quantity('0.4') });
    place(core, { clientOrderId: 'maker2', accountId: 'b', side: 'sell', price: price('60001') });
    const nothing = place(core, { clientOrderId: 'fok', timeInForce: 'fok' });
    expect<unknown>([nothing.status, nothing.executedQuantity, nothing.end?.reason]).toEqual([
      'expired',
      '0',
      'fok_unfilled',
    ]);
    const all = place(core, { clientOrderId: 'fok2', timeInForce: 'fok', price: price('60001') });
    expect(all.status).toBe('filled');
  });

  test('a post-only order that would take is refused, or accepted and expired, as the venue is told to', async () => {
    const refusing = await testVenue();
    place(refusing.core, { clientOrderId: 'maker', accountId: 'b', side: 'sell' });
    expect(codeOf(refusing.core.place(newOrder({ clientOrderId: 'x', timeInForce: 'gtx' })))).toBe(
      'post_only_would_take',
    );
    expect(refusing.core.orders('a', SYMBOL, ALL)).toEqual([]);
    const below = place(refusing.core, { clientOrderId: 'y', timeInForce: 'gtx', price: price('59999.9') });
    expect(below.status).toBe('new');

    const expiring = await testVenue({ rules: { ...RULES, postOnlyCross: 'expire' } });
    place(expiring.core, { clientOrderId: 'maker', accountId: 'b', side: 'sell' });
    const expired = place(expiring.core, { clientOrderId: 'x', timeInForce: 'gtx' });
    expect([expired.status, expired.end?.reason]).toEqual(['expired', 'post_only_would_take']);
    const seen = expiring.events.flatMap((event) => (event.kind === 'order' ? [event.execution] : []));
    expect(seen).toEqual(['new', 'new', 'expired']);
  });

  test('a market order expires with what the book could not give, and is refused by an empty one', async () => {
    const { core } = await testVenue();
    expect(codeOf(core.place(newOrder({ clientOrderId: 'x', type: 'market' })))).toBe('no_liquidity');
    place(core, { clientOrderId: 'maker', accountId: 'b', side: 'sell', quantity: quantity('0.4') });
    const order = place(core, { clientOrderId: 'y', type: 'market' });
    expect<unknown>([order.status, order.executedQuantity, order.end?.reason]).toEqual([
      'expired',
      '0.4',
      'no_liquidity',
    ]);
  });
});

describe('refusals', () => {
  test('each rule has its code, and a refused order leaves only a request in the truth', async () => {
    const { core } = await testVenue();
    place(core, { clientOrderId: 'open', price: price('59000') });
    const cases = [
      [{ symbol: 'NOPE' }, 'unknown_symbol'],
      [{ accountId: 'nobody' }, 'unknown_account'],
      [{ price: price('60000.05') }, 'bad_tick'],
      [{ quantity: quantity('1.0005') }, 'bad_step'],
      [{ quantity: quantity('0') }, 'bad_quantity'],
      [{ quantity: quantity('0.0001') }, 'below_min_quantity'],
      [{ quantity: quantity('1001') }, 'above_max_quantity'],
      [{ price: price('1000'), quantity: quantity('0.001') }, 'below_min_notional'],
      [{ price: price('70000') }, 'price_out_of_band'],
      [{ price: price('0') }, 'bad_price'],
      [{ clientOrderId: 'open' }, 'duplicate_client_order_id'],
      [{ quantity: quantity('1000') }, 'insufficient_margin'],
      [{ reduceOnly: true }, 'reduce_only_rejected'],
    ] as const;
    for (const [fields, code] of cases)
      expect(codeOf(core.place(newOrder({ clientOrderId: 'x', ...fields })))).toBe(code);
    const verdicts = core.truth(0, 10_000).flatMap((entry) => (entry.kind === 'request' ? [entry.verdict] : []));
    expect(verdicts.slice(-cases.length)).toEqual(cases.map(([, code]) => ({ kind: 'refused', code })));
    expect(core.orders('a', SYMBOL, ALL).length).toBe(1);
  });

  test('cancel and amend tell an order that never was from one that is closed', async () => {
    const { core } = await testVenue();
    place(core, { clientOrderId: 'x' });
    const byClient = (clientOrderId: string) =>
      ({ accountId: 'a', symbol: SYMBOL, order: { by: 'client', clientOrderId } }) as const;
    expect(codeOf(core.cancel(byClient('nope')))).toBe('unknown_order');
    expect(accepted(core.cancel(byClient('x'))).end).toMatchObject({ by: 'owner', reason: 'requested' });
    expect(codeOf(core.cancel(byClient('x')))).toBe('order_not_open');
    const to = { price: price('60000'), quantity: quantity('2') };
    expect(codeOf(core.amend({ ...byClient('x'), ...to }))).toBe('order_not_open');
    place(core, { clientOrderId: 'z' });
    expect(codeOf(core.amend({ ...byClient('z'), price: price('60000'), quantity: quantity('1') }))).toBe(
      'nothing_to_amend',
    );
    expect(codeOf(core.amend({ ...byClient('z'), ...to, side: 'sell' }))).toBe('side_mismatch');
  });
});

describe('reduce-only', () => {
  test('it trades no more than the position and expires with the rest', async () => {
    const { core } = await testVenue();
    place(core, { clientOrderId: 's', accountId: 'b', side: 'sell' });
    place(core, { clientOrderId: 'long' });
    place(core, { clientOrderId: 'bid', accountId: 'b', quantity: quantity('5') });
    const order = place(core, { clientOrderId: 'reduce', side: 'sell', reduceOnly: true, quantity: quantity('3') });
    expect<unknown>([order.status, order.executedQuantity, order.end?.reason]).toEqual([
      'expired',
      '1',
      'reduce_only_excess',
    ]);
    expect<unknown>(core.account('a')?.positions[0]?.quantity).toBe('0');
  });

  test('resting ones shrink with the position and expire with its end', async () => {
    const { core } = await testVenue();
    place(core, { clientOrderId: 's', accountId: 'b', side: 'sell' });
    place(core, { clientOrderId: 'long' });
    place(core, { clientOrderId: 'r1', side: 'sell', reduceOnly: true, price: price('60010') });
    place(core, { clientOrderId: 'r2', side: 'sell', reduceOnly: true, price: price('60010') });
    place(core, { clientOrderId: 'b1', accountId: 'b', price: price('60010'), quantity: quantity('0.4') });
    expect<unknown>(core.book(SYMBOL, 5)?.asks).toEqual([['60010', '1.2']]);
    place(core, { clientOrderId: 'b2', accountId: 'b', price: price('60010'), quantity: quantity('2') });
    expect<unknown>(core.account('a')?.positions[0]?.quantity).toBe('0');
    expect(core.order('a', SYMBOL, { by: 'client', clientOrderId: 'r2' })?.end?.reason).toBe('reduce_only_excess');
    expect(core.openOrders('a')).toEqual([]);
  });
});

describe('money', () => {
  test('fees, realised PnL and wallet follow a round trip computed by hand', async () => {
    const { core } = await testVenue();
    place(core, { clientOrderId: '1', accountId: 'b', side: 'sell', price: price('60000'), quantity: quantity('0.3') });
    place(core, { clientOrderId: '2', price: price('60000'), quantity: quantity('0.3') });
    place(core, {
      clientOrderId: '3',
      accountId: 'b',
      side: 'sell',
      price: price('60100.1'),
      quantity: quantity('0.4'),
    });
    place(core, { clientOrderId: '4', price: price('60100.1'), quantity: quantity('0.4') });
    // Cost 18000 + 24040.04 = 42040.04 for 0.7; selling 0.1 takes out 6005.72 exactly.
    place(core, { clientOrderId: '5', accountId: 'b', price: price('60200'), quantity: quantity('0.1') });
    place(core, { clientOrderId: '6', side: 'sell', price: price('60200'), quantity: quantity('0.1') });
    const [, , sale] = core.fills('a', SYMBOL, ALL);
    expect<unknown>([sale?.realizedPnl, sale?.fee]).toEqual(['14.28', '3.01']);
    const account = core.account('a');
    // Taker fees 9 + 12.02002 + 3.01.
    expect<unknown>(account?.assets[0]?.walletBalance).toBe('999990.24998');
    expect<unknown>([account?.positions[0]?.cost, account?.positions[0]?.entryPrice]).toEqual(['36034.32', '60057.2']);
    const maker = core.fills('b', SYMBOL, ALL)[0];
    expect<unknown>(maker?.fee).toBe('3.6');
  });

  test('the initial margin counts the worse side of the open orders, and closing is always allowed', async () => {
    const { core } = await testVenue();
    core.createAccount({ accountId: 'c', deposits: [{ asset: 'USDT', amount: decimal('6100') }] });
    accepted(core.setLeverage('c', SYMBOL, 10));
    place(core, { clientOrderId: 'buy', accountId: 'c', price: price('60000') });
    expect<unknown>(core.account('c')?.assets[0]).toMatchObject({
      openOrderInitialMargin: '6000',
      availableBalance: '100',
    });
    place(core, { clientOrderId: 'sell', accountId: 'c', side: 'sell', price: price('60900') });
    expect<unknown>(core.account('c')?.assets[0]).toMatchObject({
      openOrderInitialMargin: '6090',
      availableBalance: '10',
    });
    expect(codeOf(core.place(newOrder({ clientOrderId: 'more', accountId: 'c', quantity: quantity('0.1') })))).toBe(
      'insufficient_margin',
    );
    place(core, { clientOrderId: 'hit', accountId: 'b', side: 'sell', price: price('60000') });
    expect<unknown>(core.account('c')?.positions[0]?.quantity).toBe('1');
    place(core, { clientOrderId: 'bid', accountId: 'b', price: price('59000') });
    core.cancelAll('c');
    expect(place(core, { clientOrderId: 'out', accountId: 'c', side: 'sell', price: price('59000') }).status).toBe(
      'filled',
    );
  });
});

describe('cancels', () => {
  test('a countdown cancels the orders of its symbol unless it is armed again or disarmed', async () => {
    const { core, clock } = await testVenue();
    place(core, { clientOrderId: 'x' });
    accepted(core.countdownCancelAll('a', SYMBOL, 5_000));
    clock.advance(4_000);
    accepted(core.countdownCancelAll('a', SYMBOL, 5_000));
    clock.advance(4_999);
    expect(core.openOrders('a').length).toBe(1);
    clock.advance(1);
    expect(core.openOrders('a')).toEqual([]);
    expect(core.orders('a', SYMBOL, ALL)[0]?.end).toMatchObject({ by: 'owner', reason: 'countdown' });
    place(core, { clientOrderId: 'y' });
    accepted(core.countdownCancelAll('a', SYMBOL, 5_000));
    accepted(core.countdownCancelAll('a', SYMBOL, 0));
    clock.advance(60_000);
    expect(core.openOrders('a').length).toBe(1);
  });

  test('cancel all leaves the orders of other accounts alone', async () => {
    const { core } = await testVenue();
    place(core, { clientOrderId: 'x' });
    place(core, { clientOrderId: 'y' });
    place(core, { clientOrderId: 'z', accountId: 'b' });
    expect(core.cancelAll('a', SYMBOL).map((order) => order.clientOrderId)).toEqual(['x', 'y']);
    expect(core.openOrders('b').length).toBe(1);
  });

  test('nothing is left on the clock after close', async () => {
    const { core, clock } = await testVenue();
    accepted(core.countdownCancelAll('a', SYMBOL, 5_000));
    await core.close();
    expect(clock.pending).toBe(0);
  });
});

describe('listing', () => {
  test('with a lower bound the first of the fills, without one the last', async () => {
    const { core } = await testVenue();
    place(core, { clientOrderId: 'maker', accountId: 'b', side: 'sell', quantity: quantity('10') });
    for (let count = 0; count < 5; count++) place(core, { clientOrderId: `t${count}` });
    const ids = core.fills('a', SYMBOL, ALL).map((fill) => fill.tradeId);
    const [, second = ''] = ids;
    expect(core.fills('a', SYMBOL, { limit: 2 }).map((fill) => fill.tradeId)).toEqual(ids.slice(-2));
    expect(core.fills('a', SYMBOL, { limit: 2, fromId: second }).map((fill) => fill.tradeId)).toEqual(ids.slice(1, 3));
    expect(core.fills('a', SYMBOL, { limit: 9, endUs: 0 })).toEqual([]);
  });
});

test('a dropped delta leaves exactly one hole in the sequence', async () => {
  const { core, events } = await testVenue({ populated: true });
  core.dropDelta(SYMBOL, 3);
  for (let count = 0; count < 8; count++) place(core, { clientOrderId: `x${count}`, price: price('59000') });
  const deltas = events.flatMap((event) => (event.kind === 'book_delta' ? [event.delta] : []));
  const holes = deltas.filter(
    (delta, index) => index > 0 && delta.previousUpdateId !== deltas[index - 1]?.lastUpdateId,
  );
  expect(deltas.length).toBe(7);
  expect(holes.length).toBe(1);
});

test('a silent market tells nobody until its time is over, and its orders go on', async () => {
  const { core, clock, events } = await testVenue({ populated: true });
  core.silence(SYMBOL, 1_000);
  const heard = () => events.filter(({ kind }) => kind === 'book_delta' || kind === 'best_quote').length;
  const before = heard();
  place(core, { clientOrderId: 'unheard', price: price('59000') });
  expect(heard()).toBe(before);
  expect(core.openOrders('a', SYMBOL)).toHaveLength(1);
  clock.advance(1_000);
  place(core, { clientOrderId: 'heard', price: price('59100') });
  expect(heard()).toBeGreaterThan(before);
});
