/**
 * The real ccxt against the sim's Bitget, its official addresses redirected at the transport: what trades here trades
 * on the venue with the same code.
 */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { atVenue, installTransport, VENUE_URL_HEADER } from '../apps/connector/src/venues/transport.ts';
import { type ServedVenue, type Sim, startSim } from '../apps/sim/src/sim.ts';
import { systemClock } from '../proto/src/clock.ts';
import { decimal } from '../proto/src/decimal.ts';

const account = {
  name: 'main',
  apiKey: 'ccxt-key',
  apiSecret: 'ccxt-secret',
  passphrase: 'ccxt-passphrase',
  canWithdraw: false,
  balances: { USDT: decimal('100000'), BTC: decimal('2') },
};

let sim: Sim;
const exchanges: { close(): Promise<unknown> }[] = [];

async function connect(front: ServedVenue, type: 'spot' | 'swap') {
  // ccxt takes globalThis.WebSocket when it is loaded; the connector's own transport redirects it.
  installTransport();
  const { default: Bitget } = await import('ccxt/js/src/pro/bitget.js');
  const made = new Bitget({
    apiKey: account.apiKey,
    secret: account.apiSecret,
    password: account.passphrase,
    enableRateLimit: false,
    options: {
      ws: { options: { headers: { [VENUE_URL_HEADER]: front.url } } },
      defaultType: type,
      uta: false,
      fetchMarkets: { types: [type] },
      watchPositions: { fetchPositionsSnapshot: false, awaitPositionsSnapshot: false },
    },
  });
  made.fetchImplementation = (url: string, init: RequestInit) => fetch(atVenue(url, front.url), init);
  exchanges.push(made);
  await made.loadMarkets();
  return made;
}

beforeAll(async () => {
  sim = await startSim({
    clock: systemClock(),
    seed: 22,
    venues: ['bitget-usdt-futures', 'bitget-spot'],
    symbols: ['BTCUSDT', 'ETHUSDT'],
    accounts: [account],
  });
});

afterAll(async () => {
  for (const exchange of exchanges) await exchange.close();
  await sim.close();
});

/** A price that rests: `percent` below the best bid. */
function below(front: ServedVenue, percent: number, places: number): number {
  const bid = Number(front.core.bestQuote('BTCUSDT')?.bid[0]);
  return Number((bid * (1 - percent / 100)).toFixed(places));
}

describe('USDT futures', () => {
  const SYMBOL = 'BTC/USDT:USDT';
  let front: ServedVenue;
  let exchange: Awaited<ReturnType<typeof connect>>;
  beforeAll(async () => {
    front = sim.venue('bitget-usdt-futures');
    exchange = await connect(front, 'swap');
  });

  test('markets load with the venue precision, limits and fees', () => {
    expect(exchange.market(SYMBOL)).toMatchObject({
      id: 'BTCUSDT',
      linear: true,
      contractSize: 1,
      taker: 0.0006,
      precision: { price: 0.1, amount: 0.0001 },
      limits: { amount: { min: 0.0001 }, cost: { min: 5 }, leverage: { max: 150 } },
    });
  });

  test('public data: time, book, trades, candles, tickers, funding and interest', async () => {
    expect(Math.abs(Number(await exchange.fetchTime()) - Date.now())).toBeLessThan(5_000);
    expect((await exchange.fetchOrderBook(SYMBOL, 5)).bids).toHaveLength(5);
    while ((await exchange.fetchTrades(SYMBOL, undefined, 5)).length === 0) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await exchange.fetchOHLCV(SYMBOL, '1m')).length).toBeGreaterThan(0);
    expect((await exchange.fetchTicker(SYMBOL)).last).toBeGreaterThan(0);
    expect(Object.keys(await exchange.fetchTickers([SYMBOL]))).toEqual([SYMBOL]);
    expect((await exchange.fetchFundingRate(SYMBOL)).fundingRate).toBeDefined();
    expect((await exchange.fetchOpenInterest(SYMBOL)).openInterestAmount).toBeDefined();
  });

  test('an order lives: placed, seen, edited, found by client id, canceled', async () => {
    const price = below(front, 2, 1);
    const placed = await exchange.createOrder(SYMBOL, 'limit', 'buy', 0.01, price, { clientOrderId: 'life1' });
    const id = String(placed.id);
    expect(placed).toMatchObject({ clientOrderId: 'life1' });
    expect((await exchange.fetchOpenOrders(SYMBOL)).map((order) => order.id)).toEqual([id]);
    expect((await exchange.fetchOpenOrders()).map((order) => order.id)).toEqual([id]);
    expect(await exchange.fetchOrder(id, SYMBOL)).toMatchObject({ status: 'open', amount: 0.01, price });
    const lower = below(front, 3, 1);
    await exchange.editOrder(id, SYMBOL, 'limit', 'buy', 0.02, lower, { newClientOrderId: 'life2' });
    const found = await exchange.fetchOrder('', SYMBOL, { clientOrderId: 'life2' });
    expect(found).toMatchObject({ status: 'open', amount: 0.02, price: lower, clientOrderId: 'life2' });
    await exchange.cancelOrder('', SYMBOL, { clientOrderId: 'life2' });
    expect(await exchange.fetchOrder(String(found.id), SYMBOL)).toMatchObject({ status: 'canceled' });
    const closed = await exchange.fetchClosedOrders(SYMBOL);
    const canceled = await exchange.fetchCanceledOrders(SYMBOL);
    expect([...closed, ...canceled].map((order) => order.clientOrderId)).toContain('life2');
  });

  test('each time in force does what it says', async () => {
    const ask = Number(front.core.bestQuote('BTCUSDT')?.ask[0]);
    const buy = (price: number, params: object, amount = 0.01) =>
      exchange.createOrder(SYMBOL, 'limit', 'buy', amount, Number(price.toFixed(1)), params);
    const state = async (order: { readonly id: string | undefined }) =>
      (await exchange.fetchOrder(String(order.id), SYMBOL)).status;
    expect(await state(await buy(below(front, 2, 1), { postOnly: true }))).toBe('open');
    // Taken, and canceled by the venue at once.
    expect(await state(await buy(ask * 1.001, { postOnly: true }))).toBe('canceled');
    expect(await state(await buy(below(front, 2, 1), { timeInForce: 'IOC' }))).toBe('canceled');
    expect(await state(await buy(ask * 1.001, { timeInForce: 'FOK' }, 30))).toBe('canceled');
    await exchange.cancelAllOrders(SYMBOL);
    expect(await exchange.fetchOpenOrders(SYMBOL)).toEqual([]);
  });

  test('fills, position, balance and fee agree with the ground truth', async () => {
    const bought = await exchange.createOrder(SYMBOL, 'market', 'buy', 0.01);
    const trades = await exchange.fetchMyTrades(SYMBOL, undefined, undefined, { orderId: bought.id });
    const truth = front.core.fills('main', 'BTCUSDT', { venueOrderId: String(bought.id), limit: 100 });
    expect(trades.map((trade) => [trade.id, String(trade.price), String(trade.fee?.cost)])).toEqual(
      truth.map((fill) => [fill.tradeId, fill.price, fill.fee]),
    );
    const [position] = await exchange.fetchPositions([SYMBOL]);
    expect(position).toMatchObject({ side: 'long', contracts: 0.01, hedged: false, marginMode: 'cross' });
    const balance = await exchange.fetchBalance();
    expect(balance['USDT']?.total).toBeCloseTo(Number(front.core.account('main')?.assets[0]?.marginBalance), 3);
    await exchange.createOrder(SYMBOL, 'market', 'sell', 0.01, undefined, { reduceOnly: true });
    expect(await exchange.fetchPositions([SYMBOL])).toEqual([]);
    expect((await exchange.fetchPositionsHistory([SYMBOL])).length).toBeGreaterThan(0);
    expect((await exchange.fetchLedger('USDT')).length).toBeGreaterThan(1);
  });

  test('batches: placed together, canceled by list', async () => {
    const row = (id: string, percent: number) => ({
      symbol: SYMBOL,
      type: 'limit' as const,
      side: 'buy' as const,
      amount: 0.01,
      price: below(front, percent, 1),
      params: { clientOrderId: id },
    });
    const placed = await exchange.createOrders([row('b1', 2), row('b2', 3)]);
    expect(placed.map((order) => order.clientOrderId)).toEqual(['b1', 'b2']);
    await exchange.cancelOrders(
      placed.map((order) => String(order.id)),
      SYMBOL,
    );
    expect(await exchange.fetchOpenOrders(SYMBOL)).toEqual([]);
  });

  test('leverage, margin mode, position mode', async () => {
    await exchange.setLeverage(25, SYMBOL);
    expect(front.core.leverage('main', 'BTCUSDT')).toBe(25);
    expect(await exchange.fetchLeverage(SYMBOL)).toMatchObject({ longLeverage: 25, marginMode: 'cross' });
    expect(await exchange.setMarginMode('cross', SYMBOL, { leverage: 10 })).toBeDefined();
    expect(await exchange.setPositionMode(false, SYMBOL)).toBeDefined();
  });

  test('refusals reach ccxt as the errors of production', async () => {
    const { BadRequest, InsufficientFunds, InvalidOrder, OrderNotFound } = await import('ccxt/js/src/base/errors.js');
    const buy = (amount: number, params = {}) =>
      exchange.createOrder(SYMBOL, 'limit', 'buy', amount, below(front, 1, 1), params);
    await expect(buy(900)).rejects.toBeInstanceOf(InsufficientFunds);
    await expect(buy(0.0001, { size: '0.00001' })).rejects.toBeInstanceOf(InvalidOrder);
    await expect(buy(0.01, { force: 'never' })).rejects.toBeInstanceOf(BadRequest);
    await expect(exchange.cancelOrder('999999999', SYMBOL)).rejects.toBeInstanceOf(OrderNotFound);
    await expect(exchange.fetchOrder('999999999', SYMBOL)).rejects.toBeInstanceOf(OrderNotFound);
  });

  test('market streams: quotes, trades, candles, ticker and a book that follows the sim', async () => {
    expect((await exchange.watchBidsAsks([SYMBOL]))[SYMBOL]?.bid).toBeGreaterThan(0);
    expect((await exchange.watchTicker(SYMBOL)).last).toBeGreaterThan(0);
    expect((await exchange.watchTrades(SYMBOL)).length).toBeGreaterThan(0);
    expect((await exchange.watchOHLCV(SYMBOL, '1m')).length).toBeGreaterThan(0);
    for (let update = 0; update < 3; update++) await exchange.watchOrderBook(SYMBOL);
    const book = await exchange.watchOrderBook(SYMBOL);
    expect(book.bids[0]?.[0]).toBeLessThan(Number(book.asks[0]?.[0]));
  });

  test('private streams bring orders, fills, balance and position', async () => {
    const seen: string[] = [];
    const watching = (async () => {
      while (!seen.includes('told closed')) {
        for (const order of await exchange.watchOrders(SYMBOL)) seen.push(`${order.clientOrderId} ${order.status}`);
      }
    })();
    const trades = exchange.watchMyTrades(SYMBOL);
    const held = (async () => {
      // The first frame is what is held already: nothing.
      for (;;) {
        const positions = await exchange.watchPositions();
        if (positions.length > 0) return positions;
      }
    })();
    expect((await exchange.watchBalance())['USDT']?.total).toBeGreaterThan(0);
    await exchange.createOrder(SYMBOL, 'market', 'buy', 0.01, undefined, { clientOrderId: 'told' });
    await watching;
    expect((await trades)[0]).toMatchObject({ symbol: SYMBOL, side: 'buy', takerOrMaker: 'taker' });
    expect(await held).toMatchObject([{ symbol: SYMBOL, side: 'long', contracts: 0.01 }]);
    await exchange.createOrder(SYMBOL, 'market', 'sell', 0.01, undefined, { reduceOnly: true });
  });
});

describe('spot', () => {
  const SYMBOL = 'BTC/USDT';
  let front: ServedVenue;
  let exchange: Awaited<ReturnType<typeof connect>>;
  beforeAll(async () => {
    front = sim.venue('bitget-spot');
    exchange = await connect(front, 'spot');
  });

  test('markets load with the venue precision and fees', () => {
    expect(exchange.market(SYMBOL)).toMatchObject({
      id: 'BTCUSDT',
      spot: true,
      taker: 0.001,
      precision: { price: 0.01, amount: 0.000001 },
      limits: { cost: { min: 1 } },
    });
  });

  test('public data: book, trades, candles, tickers', async () => {
    expect((await exchange.fetchOrderBook(SYMBOL, 10)).bids).toHaveLength(10);
    while ((await exchange.fetchTrades(SYMBOL, undefined, 5)).length === 0) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await exchange.fetchOHLCV(SYMBOL, '1m')).length).toBeGreaterThan(0);
    expect((await exchange.fetchTicker(SYMBOL)).last).toBeGreaterThan(0);
    expect(Object.keys(await exchange.fetchTickers([SYMBOL]))).toEqual([SYMBOL]);
  });

  test('an order lives: placed, seen, edited, found by client id, canceled', async () => {
    const price = below(front, 2, 2);
    const placed = await exchange.createOrder(SYMBOL, 'limit', 'buy', 0.01, price, { clientOrderId: 'life1' });
    const id = String(placed.id);
    expect(await exchange.fetchOpenOrders(SYMBOL)).toMatchObject([{ id, clientOrderId: 'life1', price, amount: 0.01 }]);
    expect((await exchange.fetchOpenOrders()).map((order) => order.id)).toEqual([id]);
    expect(await exchange.fetchOrder('', SYMBOL, { clientOrderId: 'life1' })).toMatchObject({ id, status: 'open' });
    const edited = await exchange.editOrder(id, SYMBOL, 'limit', 'buy', 0.02, below(front, 3, 2));
    expect(edited.id).not.toBe(id);
    await exchange.cancelOrder(String(edited.id), SYMBOL);
    expect(await exchange.fetchOrder(String(edited.id), SYMBOL)).toMatchObject({ status: 'canceled', amount: 0.02 });
    const finished = await exchange.fetchCanceledOrders(SYMBOL);
    expect(finished.map((order) => order.id)).toEqual(expect.arrayContaining([id, String(edited.id)]));
    const { OrderNotFound } = await import('ccxt/js/src/base/errors.js');
    await expect(exchange.fetchOrder('999999999', SYMBOL)).rejects.toBeInstanceOf(OrderNotFound);
    await expect(exchange.cancelOrder('999999999', SYMBOL)).rejects.toBeInstanceOf(OrderNotFound);
  });

  test('batches and cancel by list and by symbol', async () => {
    const row = (id: string, percent: number) => ({
      symbol: SYMBOL,
      type: 'limit' as const,
      side: 'buy' as const,
      amount: 0.01,
      price: below(front, percent, 2),
      params: { clientOrderId: id },
    });
    const placed = await exchange.createOrders([row('b1', 2), row('b2', 3)]);
    expect(placed.map((order) => order.clientOrderId)).toEqual(['b1', 'b2']);
    await exchange.cancelOrders([String(placed[0]?.id)], SYMBOL);
    expect((await exchange.fetchOpenOrders(SYMBOL)).map((order) => order.clientOrderId)).toEqual(['b2']);
    await exchange.cancelAllOrders(SYMBOL);
    expect(await exchange.fetchOpenOrders(SYMBOL)).toEqual([]);
  });

  test('market orders by cost and by amount: fills, fees and balances agree with the ground truth', async () => {
    const bought = await exchange.createMarketBuyOrderWithCost(SYMBOL, 600);
    const trades = await exchange.fetchMyTrades(SYMBOL, undefined, undefined, { orderId: bought.id });
    const truth = front.core.fills('main', 'BTCUSDT', { venueOrderId: String(bought.id), limit: 100 });
    expect(
      trades.map((trade) => [trade.id, String(trade.amount), trade.fee?.currency, Number(trade.fee?.cost)]),
    ).toEqual(truth.map((fill) => [fill.tradeId, fill.quantity, 'BTC', Number(fill.fee)]));
    const sold = await exchange.createOrder(SYMBOL, 'market', 'sell', 0.005);
    expect(await exchange.fetchOrder(String(sold.id), SYMBOL)).toMatchObject({ status: 'closed', filled: 0.005 });
    const balance = await exchange.fetchBalance();
    for (const { asset, walletBalance } of front.core.account('main')?.assets ?? []) {
      expect(balance[asset]?.total).toBeCloseTo(Number(walletBalance), 6);
    }
  });

  test('streams: market data, then orders, trades and balance', async () => {
    expect((await exchange.watchBidsAsks([SYMBOL]))[SYMBOL]?.bid).toBeGreaterThan(0);
    expect((await exchange.watchTrades(SYMBOL)).length).toBeGreaterThan(0);
    expect((await exchange.watchOHLCV(SYMBOL, '1m')).length).toBeGreaterThan(0);
    const book = await exchange.watchOrderBook(SYMBOL);
    expect(book.bids[0]?.[0]).toBeLessThan(Number(book.asks[0]?.[0]));
    const seen: string[] = [];
    const watching = (async () => {
      while (!seen.includes('told closed')) {
        for (const order of await exchange.watchOrders(SYMBOL)) seen.push(`${order.clientOrderId} ${order.status}`);
      }
    })();
    const trades = exchange.watchMyTrades(SYMBOL);
    expect((await exchange.watchBalance())['USDT']?.free).toBeGreaterThan(0);
    await exchange.createOrder(SYMBOL, 'market', 'sell', 0.005, undefined, { clientOrderId: 'told' });
    await watching;
    expect((await trades)[0]).toMatchObject({ symbol: SYMBOL, side: 'sell', takerOrMaker: 'taker' });
  });
});
