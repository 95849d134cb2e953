import { describe, expect, test } from 'bun:test';
import { price, quantity } from '@trunkline/proto/decimal';
import type { Core } from './core-api.ts';
import { codeOf, newOrder, place, RULES, SYMBOL, spending, testVenue } from './test-support.ts';
import type { SelfTradePrevention } from './types.ts';

/** An ask of `b` behind one of `a`; then `a` buys through both. */
async function crossed(mode: SelfTradePrevention, fields: Parameters<typeof newOrder>[0] = { clientOrderId: 'taker' }) {
  const venue = await testVenue({ rules: { ...RULES, selfTradePrevention: mode } });
  const { core } = venue;
  place(core, { clientOrderId: 'own', side: 'sell', price: price('60000') });
  place(core, { clientOrderId: 'other', accountId: 'b', side: 'sell', price: price('60001') });
  const taker = place(core, { price: price('60001'), quantity: quantity('2'), ...fields });
  return { ...venue, taker };
}

const ended = (core: Core, clientOrderId: string) => {
  const order = core.order('a', SYMBOL, { by: 'client', clientOrderId });
  return order?.end === undefined ? order?.status : `${order.status}: ${order.end.reason}`;
};

describe('an order that meets one of its own account', () => {
  test('trades with it where nothing prevents it', async () => {
    const { core, taker } = await crossed('none');
    expect([taker.status, ended(core, 'own')]).toEqual(['filled', 'filled']);
  });

  test('goes on without the maker', async () => {
    const { core, taker } = await crossed('expire_maker');
    expect<unknown>([taker.status, taker.executedQuantity]).toEqual(['partially_filled', '1']);
    expect(ended(core, 'own')).toBe('expired: self_trade');
    expect(core.fills('a', SYMBOL, { limit: 9 })).toHaveLength(1);
  });

  test('expires, and the maker stays', async () => {
    const { core, taker } = await crossed('expire_taker');
    expect([taker.status, taker.end?.reason, ended(core, 'own')]).toEqual(['expired', 'self_trade', 'new']);
    expect(core.fills('b', SYMBOL, { limit: 9 })).toEqual([]);
  });

  test('expires with the maker', async () => {
    const { core, taker } = await crossed('expire_both');
    expect([taker.end?.reason, ended(core, 'own')]).toEqual(['self_trade', 'expired: self_trade']);
    expect(core.openOrders('b')).toHaveLength(1);
  });

  test('does what it says itself before what the venue says', async () => {
    const { core } = await crossed('none', { clientOrderId: 'taker', selfTradePrevention: 'expire_maker' });
    expect(ended(core, 'own')).toBe('expired: self_trade');
  });
});

test('a fok order counts on nobody of its own account', async () => {
  const { core, taker } = await crossed('expire_maker', { clientOrderId: 'fok', timeInForce: 'fok' });
  expect([taker.status, taker.end?.reason, ended(core, 'own')]).toEqual(['expired', 'fok_unfilled', 'new']);
});

test('a fok order that cannot fill is refused where the venue does so', async () => {
  const { core } = await testVenue({ rules: { ...RULES, fokUnfilled: 'refuse' } });
  place(core, { clientOrderId: 'maker', accountId: 'b', side: 'sell', quantity: quantity('0.4') });
  expect(codeOf(core.place(newOrder({ clientOrderId: 'fok', timeInForce: 'fok' })))).toBe('fok_unfilled');
  expect(core.orders('a', SYMBOL, { limit: 9 })).toEqual([]);
});

test('a client id can be used again where the venue allows it, and finds the newest order', async () => {
  const { core } = await testVenue({ rules: { ...RULES, duplicateClientId: 'allow' } });
  place(core, { clientOrderId: 'same' });
  const second = place(core, { clientOrderId: 'same', price: price('59000') });
  expect(core.order('a', SYMBOL, { by: 'client', clientOrderId: 'same' })).toEqual(second);
  expect(core.openOrders('a')).toHaveLength(2);
});

test('fees are rounded to the places of the venue', async () => {
  const { core } = await testVenue({ rules: { ...RULES, feePlaces: 2 } });
  place(core, { clientOrderId: 'maker', accountId: 'b', side: 'sell', price: price('60000.1') });
  place(core, { clientOrderId: 'taker', price: price('60000.1') });
  expect<unknown>(core.fills('a', SYMBOL, { limit: 9 })[0]?.fee).toBe('30');
});

test('a contract has no quote quantity', async () => {
  const { core } = await crossed('none');
  place(core, { clientOrderId: 'ask', accountId: 'b', side: 'sell' });
  expect(codeOf(core.place(spending('6000', { clientOrderId: 'q' })))).toBe('wrong_market');
});

test('the countdown of an account cancels in all symbols, apart from those of its symbols', async () => {
  const { core, clock } = await testVenue();
  place(core, { clientOrderId: 'x' });
  core.countdownCancelAll('a', undefined, 5_000);
  core.countdownCancelAll('a', SYMBOL, 0);
  clock.advance(5_000);
  expect(core.openOrders('a')).toEqual([]);
  place(core, { clientOrderId: 'y' });
  clock.advance(60_000);
  expect(core.openOrders('a')).toHaveLength(1);
});
