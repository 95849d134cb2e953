/**
 * The npm client `gateio-api`, unmodified, against both emulated markets of Gate: channels and the WebSocket API.
 */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { FUTURES, hasRow, type NpmGate, PAIR, refusalOf, startNpmGate, UID } from './support/npm-gate.ts';

let gate: NpmGate;

beforeAll(async () => {
  gate = await startNpmGate(22);
});

afterAll(() => gate.close());

describe('channels', () => {
  test('the public channels of contracts speak', async () => {
    const channels = gate.channelsAt('gate-usdt-futures');
    for (const topic of ['futures.book_ticker', 'futures.trades', 'futures.tickers']) channels.subscribe(topic, [PAIR]);
    channels.subscribe('futures.candlesticks', ['1m', PAIR]);
    channels.subscribe('futures.order_book_update', [PAIR, '100ms', '100']);
    channels.subscribe('futures.order_book', [PAIR, '20', '0']);
    expect(await channels.take('futures.book_ticker', 'update')).toMatchObject({ s: PAIR });
    expect(await channels.take('futures.trades', 'update')).toMatchObject([{ contract: PAIR }]);
    expect(await channels.take('futures.tickers', 'update')).toMatchObject([{ contract: PAIR }]);
    expect(await channels.take('futures.candlesticks', 'update')).toMatchObject([{ n: `1m_${PAIR}` }]);
    expect(await channels.take('futures.order_book_update', 'update')).toMatchObject({ s: PAIR, l: '100' });
    expect(await channels.take('futures.order_book', 'all')).toMatchObject({ contract: PAIR, l: '20' });
  });

  test('the public channels of pairs speak', async () => {
    const channels = gate.channelsAt('gate-spot');
    for (const topic of ['spot.book_ticker', 'spot.trades', 'spot.tickers']) channels.subscribe(topic, [PAIR]);
    channels.subscribe('spot.candlesticks', ['1m', PAIR]);
    channels.subscribe('spot.order_book_update', [PAIR, '100ms']);
    channels.subscribe('spot.order_book', [PAIR, '5', '100ms']);
    expect(await channels.take('spot.book_ticker', 'update')).toMatchObject({ s: PAIR });
    expect(await channels.take('spot.trades', 'update')).toMatchObject({ currency_pair: PAIR });
    expect(await channels.take('spot.tickers', 'update')).toMatchObject({ currency_pair: PAIR });
    expect(await channels.take('spot.candlesticks', 'update')).toMatchObject({ n: `1m_${PAIR}` });
    expect(await channels.take('spot.order_book_update', 'update')).toMatchObject({ s: PAIR });
    expect(await channels.take('spot.order_book', 'update')).toMatchObject({ s: PAIR });
  });

  test('the private channels of contracts tell orders, trades, positions and balances', async () => {
    const channels = gate.channelsAt('gate-usdt-futures');
    const names = ['orders', 'usertrades', 'positions'].map((name) => `futures.${name}`);
    for (const topic of names) channels.subscribe(topic, [UID, '!all']);
    channels.subscribe('futures.balances', [UID]);
    for (const topic of [...names, 'futures.balances']) await channels.take(topic, 'subscribe');
    const client = gate.restAt('gate-usdt-futures');
    const order = { ...FUTURES, size: 3, price: '0', tif: 'ioc', text: 't-told' };
    const placed = await client.submitFuturesOrder(order);
    const finished = hasRow({ text: 't-told', status: 'finished', finish_as: 'filled', id: placed.id });
    expect(await channels.take('futures.orders', 'update', finished)).toBeDefined();
    const traded = hasRow({ text: 't-told', role: 'taker', order_id: String(placed.id) });
    expect(await channels.take('futures.usertrades', 'update', traded)).toBeDefined();
    expect(await channels.take('futures.positions', 'update', hasRow({ size: 3 }))).toBeDefined();
    const charged = hasRow({ type: 'fee', text: `${PAIR}:${placed.id}`, user: UID });
    expect(await channels.take('futures.balances', 'update', charged)).toBeDefined();
    await client.submitFuturesOrder({ ...FUTURES, size: -3, price: '0', tif: 'ioc', reduce_only: true });
    expect(await channels.take('futures.positions', 'update', hasRow({ size: 0 }))).toBeDefined();
  });

  test('the private channels of pairs tell orders, trades and balances', async () => {
    const channels = gate.channelsAt('gate-spot');
    for (const topic of ['spot.orders', 'spot.usertrades']) channels.subscribe(topic, [PAIR]);
    channels.subscribe('spot.balances');
    for (const topic of ['spot.orders', 'spot.usertrades', 'spot.balances']) await channels.take(topic, 'subscribe');
    const client = gate.restAt('gate-spot');
    const rest = { currency_pair: PAIR, side: 'buy', amount: '0.01', price: gate.below('gate-spot', 2) } as const;
    const placed = await client.submitSpotOrder({ ...rest, text: 't-told' });
    const put = hasRow({ id: placed.id, text: 't-told', event: 'put', finish_as: 'open' });
    expect(await channels.take('spot.orders', 'update', put)).toBeDefined();
    const frozen = hasRow({ currency: 'USDT', change_type: 'order-create' });
    expect(await channels.take('spot.balances', 'update', frozen)).toBeDefined();
    await client.cancelSpotOrder({ order_id: String(placed.id), currency_pair: PAIR });
    const ended = hasRow({ id: placed.id, event: 'finish', finish_as: 'cancelled' });
    expect(await channels.take('spot.orders', 'update', ended)).toBeDefined();
    const market = { currency_pair: PAIR, side: 'sell', amount: '0.01', type: 'market' } as const;
    const sold = await client.submitSpotOrder({ ...market, time_in_force: 'ioc' });
    const traded = hasRow({ order_id: sold.id, role: 'taker' });
    expect(await channels.take('spot.usertrades', 'update', traded)).toBeDefined();
    const matched = hasRow({ currency: 'BTC', change_type: 'order-match' });
    expect(await channels.take('spot.balances', 'update', matched)).toBeDefined();
  });
});

describe('the WebSocket API', () => {
  test('orders of contracts: placed, asked for, amended, listed, canceled', async () => {
    const client = gate.wsApiAt('gate-usdt-futures');
    const order = { contract: PAIR, size: 10, price: gate.below('gate-usdt-futures', 2), tif: 'gtc' } as const;
    // The client takes the acknowledgement of a placing for its answer.
    await client.submitNewFuturesOrder({ ...order, text: 't-ws1' });
    const found = await client.getFuturesOrderStatus({ order_id: 't-ws1' });
    expect(found.data.result).toMatchObject({ text: 't-ws1', size: 10, status: 'open' });
    const order_id = String(found.data.result.id);
    const amended = await client.updateFuturesOrder({ order_id, size: 12 });
    expect(amended.data.result).toMatchObject({ size: 12, left: 12 });
    const listed = await client.getFuturesOrders({ contract: PAIR, status: 'open' });
    expect(listed.data.result).toMatchObject([{ text: 't-ws1' }]);
    const canceled = await client.cancelFuturesOrder({ order_id });
    expect(canceled.data.result).toMatchObject({ finish_as: 'cancelled' });
    expect(await refusalOf(client.cancelFuturesOrder({ order_id }))).toMatchObject({
      header: { status: '400' },
      data: { errs: { label: 'ORDER_FINISHED' } },
    });
    await client.submitNewFuturesBatchOrder([{ ...order }, { ...order }]);
    const all = await client.cancelFuturesAllOpenOrders({ contract: PAIR });
    expect(all.data.result).toHaveLength(2);
  });

  test('orders of pairs: placed, asked for, amended, listed, canceled', async () => {
    const client = gate.wsApiAt('gate-spot');
    const order = { currency_pair: PAIR, side: 'buy', amount: '0.01', price: gate.below('gate-spot', 2) } as const;
    await client.submitNewSpotOrder({ ...order, text: 't-ws1' });
    const found = await client.getSpotOrderStatus({ order_id: 't-ws1', currency_pair: PAIR });
    expect(found.data.result).toMatchObject({ text: 't-ws1', amount: '0.01', status: 'open' });
    const ref = { order_id: found.data.result.id, currency_pair: PAIR };
    const amended = await client.updateSpotOrder({ ...ref, amount: '0.02' });
    expect(amended.data.result).toMatchObject({ amount: '0.02' });
    const listed = await client.getSpotOrders({ currency_pair: PAIR, status: 'open' });
    expect(listed.data.result).toMatchObject([{ text: 't-ws1' }]);
    expect((await client.cancelSpotOrder(ref)).data.result).toMatchObject({ finish_as: 'cancelled' });
    expect(await refusalOf(client.cancelSpotOrder(ref))).toMatchObject({
      data: { errs: { label: 'ORDER_CANCELLED' } },
    });
    await client.submitNewSpotOrder(order);
    const all = await client.cancelSpotOrderForSymbol({ currency_pair: PAIR });
    expect(all.data.result).toHaveLength(1);
  });
});
