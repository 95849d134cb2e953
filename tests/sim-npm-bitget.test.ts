/**
 * The npm client `bitget-api`, unmodified, against the sim: what it says and understands trades on the venue with the
 * same code. It is pointed at the sim by its own options.
 */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type { RestClientV2, WebsocketClientV2 } from 'bitget-api';
import { type ServedVenue, type Sim, startSim } from '../apps/sim/src/sim.ts';
import { systemClock } from '../proto/src/clock.ts';
import { decimal } from '../proto/src/decimal.ts';
import { KEY, refusal, rest, stream, subscribePrivate } from './support/bitget-npm.ts';

const account = {
  apiKey: KEY.apiKey,
  apiSecret: KEY.apiSecret,
  passphrase: KEY.apiPass,
  canWithdraw: false,
  balances: { USDT: decimal('100000'), BTC: decimal('2') },
};
const FUTURES = 'USDT-FUTURES';
const CONTRACT = { symbol: 'BTCUSDT', productType: FUTURES, marginCoin: 'USDT' } as const;

let sim: Sim;
const sockets: WebsocketClientV2[] = [];

beforeAll(async () => {
  sim = await startSim({
    clock: systemClock(),
    seed: 21,
    venues: ['bitget-usdt-futures', 'bitget-spot'],
    symbols: ['BTCUSDT', 'ETHUSDT'],
    accounts: [{ ...account, name: 'main' }],
  });
});

afterAll(async () => {
  for (const socket of sockets) socket.closeAll(true);
  await sim.close();
});

/** Closed at the end. */
function opened(front: ServedVenue, path: 'public' | 'private') {
  const made = stream(front, path);
  sockets.push(made.client);
  return made;
}

function bid(front: ServedVenue): number {
  return Number(front.core.bestQuote('BTCUSDT')?.bid[0]);
}

describe('USDT futures', () => {
  let front: ServedVenue;
  let client: RestClientV2;
  beforeAll(() => {
    front = sim.venue('bitget-usdt-futures');
    client = rest(front);
  });
  const order = (fields: object) => ({
    ...CONTRACT,
    marginMode: 'crossed' as const,
    side: 'buy' as const,
    orderType: 'limit' as const,
    force: 'gtc' as const,
    size: '0.01',
    price: (bid(front) * 0.97).toFixed(1),
    ...fields,
  });

  test('markets, book, trades, candles, tickers, funding and interest', async () => {
    expect(Number((await client.getServerTime()).data.serverTime)).toBeGreaterThan(1.6e12);
    const contracts = await client.getFuturesContractConfig({ productType: FUTURES });
    expect(contracts.data).toMatchObject([
      { symbol: 'BTCUSDT', pricePlace: '1', volumePlace: '4' },
      { symbol: 'ETHUSDT' },
    ]);
    const depth = await client.getFuturesMergeDepth({ symbol: 'BTCUSDT', productType: FUTURES, limit: '5' });
    expect(depth.data.bids).toHaveLength(5);
    const tickers = await client.getFuturesTicker({ symbol: 'BTCUSDT', productType: FUTURES });
    expect(Number(tickers.data[0]?.bidPr)).toBeGreaterThan(0);
    while ((await client.getFuturesRecentTrades({ symbol: 'BTCUSDT', productType: FUTURES })).data.length === 0) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    const candles = await client.getFuturesCandles({ symbol: 'BTCUSDT', productType: FUTURES, granularity: '1m' });
    expect(candles.data[0]).toHaveLength(7);
    const rate = await client.getFuturesCurrentFundingRate({ symbol: 'BTCUSDT', productType: FUTURES });
    expect(rate.data).toMatchObject([{ symbol: 'BTCUSDT' }]);
    const interest = await client.getFuturesOpenInterest({ symbol: 'BTCUSDT', productType: FUTURES });
    expect(interest.data).toMatchObject({ openInterestList: [{ symbol: 'BTCUSDT' }] });
  });

  test('an order lives: placed, listed, found, modified, canceled, in the history', async () => {
    const { data: placed } = await client.futuresSubmitOrder(order({ clientOid: 'npm-life' }));
    expect(placed.clientOid).toBe('npm-life');
    const open = await client.getFuturesOpenOrders({ productType: FUTURES });
    expect(open.data.entrustedList).toMatchObject([{ orderId: placed.orderId, status: 'live' }]);
    const found = await client.getFuturesOrder({ ...CONTRACT, clientOid: 'npm-life' });
    expect(found.data).toMatchObject({ orderId: placed.orderId, state: 'live', size: '0.01' });
    const newPrice = (bid(front) * 0.96).toFixed(1);
    const terms = { newClientOid: 'npm-life-2', newSize: '0.02', newPrice };
    await client.futuresModifyOrder({ ...CONTRACT, orderId: placed.orderId, ...terms });
    const modified = await client.getFuturesOrder({ ...CONTRACT, clientOid: 'npm-life-2' });
    expect(modified.data).toMatchObject({ size: '0.02', price: newPrice.replace(/\.0$/, ''), state: 'live' });
    expect(modified.data.orderId).not.toBe(placed.orderId);
    await client.futuresCancelOrder({ ...CONTRACT, orderId: modified.data.orderId });
    const history = await client.getFuturesHistoricOrders({ productType: FUTURES });
    expect(history.data.entrustedList).toMatchObject([
      { clientOid: 'npm-life-2', status: 'canceled' },
      { clientOid: 'npm-life', status: 'canceled' },
    ]);
  });

  test('batches have a verdict for each of their orders', async () => {
    const { symbol, productType, marginCoin } = CONTRACT;
    const row = (clientOid: string, size: string) => {
      const { side, orderType, force, price } = order({});
      return { side, orderType, force, price, size, clientOid };
    };
    const placed = await client.futuresBatchSubmitOrders({
      symbol,
      productType,
      marginCoin,
      marginMode: 'crossed',
      orderList: [row('npm-b1', '0.01'), row('npm-b2', '0.00001'), row('npm-b3', '0.01')],
    });
    expect(placed.data.successList.map(({ clientOid }) => clientOid)).toEqual(['npm-b1', 'npm-b3']);
    expect(placed.data.failureList).toMatchObject([{ clientOid: 'npm-b2', errorCode: '40808' }]);
    const orderIdList = [{ clientOid: 'npm-b1' }, { clientOid: 'nobody' }];
    const canceled = await client.futuresBatchCancelOrders({ symbol, productType, orderIdList });
    expect(canceled.data).toMatchObject({
      successList: [{ clientOid: 'npm-b1' }],
      failureList: [{ clientOid: 'nobody', errorCode: '40768' }],
    });
    await client.futuresCancelAllOrders({ productType });
    expect(await refusal(client.futuresCancelAllOrders({ productType }))).toMatchObject({ code: '22001' });
  });

  test('fills, position and balance agree with the ground truth', async () => {
    const { price: _, ...market } = order({ orderType: 'market', clientOid: 'npm-take' });
    const { data } = await client.futuresSubmitOrder(market);
    const truth = front.core.fills('main', 'BTCUSDT', { venueOrderId: data.orderId, limit: 10 });
    const fills = await client.getFuturesFills({ productType: FUTURES, orderId: data.orderId });
    expect(fills.data.fillList.map((fill) => [fill.tradeId, fill.price, fill.feeDetail[0]?.totalFee])).toEqual(
      truth.map((fill) => [fill.tradeId, fill.price, `-${fill.fee}`]).reverse(),
    );
    const { data: positions } = await client.getFuturesPositions({ productType: FUTURES, marginCoin: 'USDT' });
    expect(positions).toMatchObject([{ symbol: 'BTCUSDT', holdSide: 'long', total: '0.01' }]);
    const { data: accounts } = await client.getFuturesAccountAssets({ productType: FUTURES });
    const { accountEquity, unrealizedPL } = Object(accounts[0]);
    const wallet = front.core.account('main')?.assets[0]?.walletBalance;
    expect(Number(accountEquity) - Number(unrealizedPL)).toBeCloseTo(Number(wallet), 6);
    await client.futuresSubmitOrder({ ...market, side: 'sell', reduceOnly: 'YES', clientOid: 'npm-close' });
    expect((await client.getFuturesPositions({ productType: FUTURES, marginCoin: 'USDT' })).data).toEqual([]);
    const history = await client.getFuturesHistoricPositions({ productType: FUTURES });
    expect(history.data.list).toMatchObject([{ symbol: 'BTCUSDT', holdSide: 'long', closeTotalPos: '0.01' }]);
  });

  test('leverage and the rights of the key', async () => {
    const set = await client.setFuturesLeverage({ ...CONTRACT, leverage: '25' });
    expect(set.data).toMatchObject({ symbol: 'BTCUSDT', crossMarginLeverage: '25' });
    expect(front.core.leverage('main', 'BTCUSDT')).toBe(25);
    expect((await client.getSpotAccount()).data.authorities).not.toContain('wwow');
  });

  test('a wrong signature, an old timestamp, an unknown symbol and a duplicate client id get the real errors', async () => {
    const { productType } = CONTRACT;
    const forged = rest(front, { apiSecret: 'forged' });
    expect(await refusal(forged.getFuturesOpenOrders({ productType }))).toEqual({
      status: 400,
      code: '40009',
      msg: 'sign signature error',
    });
    const realNow = Date.now;
    Date.now = () => realNow() - 60_000;
    const late = refusal(client.getFuturesOpenOrders({ productType }));
    Date.now = realNow;
    expect(await late).toEqual({ status: 400, code: '40008', msg: 'Request timestamp expired' });
    expect(await refusal(client.futuresSubmitOrder(order({ symbol: 'NOPEUSDT' })))).toEqual({
      status: 400,
      code: '40034',
      msg: 'Parameter NOPEUSDT does not exist',
    });
    await client.futuresSubmitOrder(order({ clientOid: 'npm-twice' }));
    expect(await refusal(client.futuresSubmitOrder(order({ clientOid: 'npm-twice' })))).toEqual({
      status: 400,
      code: '40786',
      msg: 'Duplicate clientOid',
    });
    await client.futuresCancelAllOrders({ productType });
  });

  test('public streams: ticker, book, trades, candles', async () => {
    const { client: socket, data } = opened(front, 'public');
    const topics = ['ticker', 'books', 'books5', 'trade', 'candle1m'];
    const payload = { instType: FUTURES, instId: 'BTCUSDT' };
    await socket.subscribe(
      topics.map((topic) => ({ topic, payload })),
      'v2Public',
    );
    expect(Number((await data('ticker'))['bidPr'])).toBeGreaterThan(0);
    const first = await data('books', ({ pseq }) => pseq === 0);
    expect(await data('books', ({ pseq }) => pseq === first['seq'])).toBeDefined();
    expect((await data('books5'))['asks']).toHaveLength(5);
    expect(Number((await data('trade'))['price'])).toBeGreaterThan(0);
    expect(await data('candle1m')).toHaveLength(8);
  });

  test('private streams: orders, fills, account and positions', async () => {
    const { client: socket, data, subscribed } = opened(front, 'private');
    await subscribePrivate(socket, FUTURES, ['orders', 'fill', 'account', 'positions']);
    await Promise.all(['orders', 'fill', 'account', 'positions'].map(subscribed));
    const { price: _, ...market } = order({ orderType: 'market', clientOid: 'npm-told' });
    const { data: placed } = await client.futuresSubmitOrder(market);
    const ours = ({ orderId }: Record<string, unknown>) => orderId === placed.orderId;
    expect(await data('orders', (row) => ours(row) && row['status'] === 'live')).toMatchObject({
      clientOid: 'npm-told',
    });
    expect(await data('orders', (row) => ours(row) && row['status'] === 'filled')).toMatchObject({ tradeScope: 'T' });
    expect(await data('fill', ours)).toMatchObject({ symbol: 'BTCUSDT', tradeScope: 'taker' });
    expect(await data('account')).toMatchObject({ marginCoin: 'USDT' });
    expect(await data('positions')).toMatchObject({ instId: 'BTCUSDT', holdSide: 'long', total: '0.01' });
    await client.futuresSubmitOrder({ ...market, side: 'sell', reduceOnly: 'YES', clientOid: 'npm-told-out' });
  });
});

describe('spot', () => {
  const SYMBOL = 'BTCUSDT';
  let front: ServedVenue;
  let client: RestClientV2;
  beforeAll(() => {
    front = sim.venue('bitget-spot');
    client = rest(front);
  });
  const order = (fields: object) => ({
    symbol: SYMBOL,
    side: 'buy' as const,
    orderType: 'limit' as const,
    force: 'gtc' as const,
    size: '0.01',
    price: (bid(front) * 0.97).toFixed(2),
    ...fields,
  });

  test('markets, book, trades, candles and tickers', async () => {
    const symbols = await client.getSpotSymbolInfo();
    expect(symbols.data).toMatchObject([{ symbol: SYMBOL, pricePrecision: '2' }, { symbol: 'ETHUSDT' }]);
    expect((await client.getSpotOrderBookDepth({ symbol: SYMBOL, limit: '5' })).data.bids).toHaveLength(5);
    expect(Number((await client.getSpotTicker({ symbol: SYMBOL })).data[0]?.bidPr)).toBeGreaterThan(0);
    while ((await client.getSpotRecentTrades({ symbol: SYMBOL })).data.length === 0) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await client.getSpotCandles({ symbol: SYMBOL, granularity: '1min' })).data[0]).toHaveLength(8);
  });

  test('an order lives: placed, listed, found, replaced, canceled, in the history', async () => {
    const { data: placed } = await client.spotSubmitOrder(order({ clientOid: 'spot-life' }));
    const open = await client.getSpotOpenOrders({ symbol: SYMBOL });
    expect(open.data).toMatchObject([{ orderId: placed.orderId, clientOid: 'spot-life', status: 'live' }]);
    const found = await client.getSpotOrder({ clientOid: 'spot-life' });
    expect(found.data).toMatchObject([{ orderId: placed.orderId, status: 'live', size: '0.01' }]);
    const terms = { price: (bid(front) * 0.96).toFixed(2), size: '0.02', newClientOid: 'spot-life-2' };
    const replaced = await client.spotCancelandSubmitOrder({ symbol: SYMBOL, orderId: placed.orderId, ...terms });
    expect(replaced.data).toMatchObject({ clientOid: 'spot-life-2', success: 'success', msg: null });
    expect(replaced.data.orderId).not.toBe(placed.orderId);
    await client.spotCancelOrder({ symbol: SYMBOL, orderId: replaced.data.orderId });
    const history = await client.getSpotHistoricOrders({ symbol: SYMBOL });
    expect(history.data).toMatchObject([
      { clientOid: 'spot-life-2', status: 'cancelled' },
      { clientOid: 'spot-life', status: 'cancelled' },
    ]);
  });

  test('batches have a verdict for each of their orders', async () => {
    const placed = await client.spotBatchSubmitOrders({
      symbol: SYMBOL,
      orderList: [order({ clientOid: 'spot-b1' }), order({ clientOid: 'spot-b2', size: '0.0000001' })],
    });
    expect(placed.data.successList).toMatchObject([{ clientOid: 'spot-b1' }]);
    expect(placed.data.failureList).toMatchObject([{ clientOid: 'spot-b2', errorCode: '40808' }]);
    const orderList = [{ clientOid: 'spot-b1' }, { clientOid: 'nobody' }];
    const canceled = await client.spotBatchCancelOrders({ symbol: SYMBOL, orderList });
    expect(canceled.data).toMatchObject({
      successList: [{ clientOid: 'spot-b1' }],
      failureList: [{ clientOid: 'nobody', errorCode: '43001' }],
    });
    expect((await client.spotCancelSymbolOrder({ symbol: SYMBOL })).data).toMatchObject({ symbol: SYMBOL });
  });

  test('a market buy spends what it says, and balances and fills agree with the ground truth', async () => {
    const { price: _, ...market } = order({ orderType: 'market', size: '600', clientOid: 'spot-take' });
    const { data } = await client.spotSubmitOrder(market);
    const truth = front.core.fills('main', SYMBOL, { venueOrderId: data.orderId, limit: 10 });
    const fills = await client.getSpotFills({ symbol: SYMBOL, orderId: data.orderId });
    expect(
      fills.data.map((fill) => [fill.tradeId, fill.size, fill.feeDetail.feeCoin, fill.feeDetail.totalFee]),
    ).toEqual(truth.map((fill) => [fill.tradeId, fill.quantity, 'BTC', `-${fill.fee}`]).reverse());
    const spent = fills.data.reduce((total, fill) => total + Number(fill.amount), 0);
    expect(spent).toBeLessThanOrEqual(600);
    expect(spent).toBeGreaterThan(590);
    const { data: assets } = await client.getSpotAccountAssets();
    const balances = front.core.account('main')?.assets ?? [];
    expect(assets.map(({ coin, available }) => [coin, Number(available)])).toEqual(
      balances.map(({ asset, availableBalance }) => [asset, Number(availableBalance)]),
    );
  });

  test('a wrong signature, an unknown symbol and a duplicate client id get the real errors', async () => {
    const forged = rest(front, { apiSecret: 'forged' });
    expect(await refusal(forged.getSpotOpenOrders())).toMatchObject({ status: 400, code: '40009' });
    expect(await refusal(client.spotSubmitOrder(order({ symbol: 'NOPEUSDT' })))).toMatchObject({ code: '40034' });
    expect(await refusal(client.spotSubmitOrder(order({ size: '1000' })))).toEqual({
      status: 400,
      code: '43012',
      msg: 'Insufficient balance',
    });
    await client.spotSubmitOrder(order({ clientOid: 'spot-twice' }));
    expect(await refusal(client.spotSubmitOrder(order({ clientOid: 'spot-twice' })))).toEqual({
      status: 400,
      code: '43118',
      msg: 'clientOrderId duplicate',
    });
    await client.spotCancelSymbolOrder({ symbol: SYMBOL });
  });

  test('streams: ticker and book, then orders, fills and balances', async () => {
    const market = opened(front, 'public');
    const payload = { instType: 'SPOT', instId: SYMBOL };
    await market.client.subscribe(
      ['ticker', 'books', 'trade', 'candle1m'].map((topic) => ({ topic, payload })),
      'v2Public',
    );
    expect(Number((await market.data('ticker'))['bidPr'])).toBeGreaterThan(0);
    expect(await market.data('books', ({ pseq }) => pseq === 0)).toBeDefined();
    const user = opened(front, 'private');
    await subscribePrivate(user.client, 'SPOT', ['orders', 'fill', 'account']);
    await Promise.all(['orders', 'fill', 'account'].map(user.subscribed));
    const { price: _, ...buy } = order({ orderType: 'market', size: '600', clientOid: 'spot-told' });
    const { data: placed } = await client.spotSubmitOrder(buy);
    const ours = ({ orderId }: Record<string, unknown>) => orderId === placed.orderId;
    const filled = await user.data('orders', (row) => ours(row) && row['status'] === 'filled');
    expect(filled).toMatchObject({ clientOid: 'spot-told', newSize: '600', tradeScope: 'T', fillFeeCoin: 'BTC' });
    expect(await user.data('fill', ours)).toMatchObject({ symbol: SYMBOL, tradeScope: 'taker' });
    expect(await user.data('account', ({ coin }) => coin === 'BTC')).toMatchObject({ locked: '0' });
  });
});
