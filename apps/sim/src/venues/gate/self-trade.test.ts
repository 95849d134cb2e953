import { afterEach, expect, test } from 'bun:test';
import type { VenueFrontOptions } from '../venue-front.ts';
import { createGateFutures } from './front.ts';
import { FUTURES_ORDER, startVenue, type TestVenue } from './test-client.ts';

let venue: TestVenue;

afterEach(() => venue.close());

const inGroup = (options: VenueFrontOptions) => createGateFutures({ ...options, stpGroup: 100 });
/** A market with nobody else in it, so that the account meets itself. */
const ALONE = { actionsPerSecond: 0.000001 };

async function sweep() {
  const all = { contract: 'BTC_USDT', price: '0', tif: 'ioc' };
  for (const size of [100_000, -100_000]) await venue.call('POST', '/futures/usdt/orders', { ...all, size });
}

async function place(size: number, fields: object = {}) {
  return (await venue.call('POST', '/futures/usdt/orders', { ...FUTURES_ORDER, size, ...fields })).body;
}

const state = async (text: string) => (await venue.call('GET', `/futures/usdt/orders/${text}`)).body;

test('outside of a group orders of one account trade with each other, and stp_act is refused', async () => {
  venue = await startVenue('gate-usdt-futures', ALONE);
  expect(await place(1, { stp_act: 'cn' })).toMatchObject({ label: 'INVALID_PARAM_VALUE' });
  await place(5, { price: '59999', text: 't-maker' });
  expect(await place(-5, { price: '59990', text: 't-taker' })).toMatchObject({ stp_id: 0, stp_act: '-' });
});

test('in a group the choice of the taker decides who ends, cn where it made none', async () => {
  venue = await startVenue('gate-usdt-futures', { ...ALONE, create: { 'gate-usdt-futures': inGroup } });
  await sweep();
  for (const [act, maker, taker] of [
    ['cn', { status: 'open' }, { finish_as: 'stp' }],
    ['co', { finish_as: 'stp' }, { status: 'open' }],
    ['cb', { finish_as: 'stp' }, { finish_as: 'stp' }],
    [undefined, { status: 'open' }, { finish_as: 'stp' }],
  ] as const) {
    const texts = [`t-maker-${act}`, `t-taker-${act}`] as const;
    await place(5, { price: '60000', text: texts[0] });
    await place(-5, { price: '60000', text: texts[1], ...(act === undefined ? {} : { stp_act: act }) });
    expect(await state(texts[0])).toMatchObject({ ...maker, stp_id: 100 });
    expect(await state(texts[1])).toMatchObject({ ...taker, stp_act: act ?? 'cn' });
    await venue.call('DELETE', '/futures/usdt/orders', { contract: 'BTC_USDT' });
  }
});
