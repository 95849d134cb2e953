/**
 * The real ccxt against the sim, its official addresses redirected at the transport: what trades here trades on the
 * venue with the same code. Both of ccxt's ways are used, REST and WebSocket.
 */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { atVenue, installTransport, VENUE_URL_HEADER } from '../apps/connector/src/venues/transport.ts';
import { type Sim, startSim } from '../apps/sim/src/sim.ts';
import { systemClock } from '../proto/src/clock.ts';
import { decimal } from '../proto/src/decimal.ts';

const SYMBOL = 'BTC/USDT:USDT';
const account = {
  apiKey: 'ccxt-key',
  apiSecret: 'ccxt-secret',
  canWithdraw: false,
  balances: { USDT: decimal('100000') },
};

let sim: Sim;
let exchange: Awaited<ReturnType<typeof connect>>;

async function connect() {
  const venueUrl = sim.venue('binance-usdm').url;
  // ccxt takes globalThis.WebSocket when it is loaded; the connector's own transport redirects it.
  installTransport();
  const { default: BinanceUsdm } = await import('ccxt/js/src/pro/binanceusdm.js');
  const made = new BinanceUsdm({
    apiKey: account.apiKey,
    secret: account.apiSecret,
    enableRateLimit: false,
    options: {
      ws: { options: { headers: { [VENUE_URL_HEADER]: venueUrl } } },
      fetchCurrencies: false,
      fetchOpenOrders: { warnWithoutSymbol: false },
      watchPositions: { fetchPositionsSnapshot: false, awaitPositionsSnapshot: false },
    },
  });
  made.fetchImplementation = (url: string, init: RequestInit) => fetch(atVenue(url, venueUrl), init);
  await made.loadMarkets();
  return made;
}

beforeAll(async () => {
  sim = await startSim({
    clock: systemClock(),
    seed: 11,
    symbols: ['BTCUSDT', 'ETHUSDT'],
    accounts: [
      { ...account, name: 'main' },
      { ...account, name: 'other', apiKey: 'other-key' },
    ],
  });
  exchange = await connect();
});

afterAll(async () => {
  await exchange.close();
  await sim.close();
});

/** A price that rests: `percent` below the best bid. */
function below(percent: number): number {
  const bid = Number(sim.core.bestQuote('BTCUSDT')?.bid[0]);
  return Math.round(bid * (1 - percent / 100) * 10) / 10;
}

test('markets load with the venue precision, limits and fees', () => {
  expect(exchange.market(SYMBOL)).toMatchObject({
    id: 'BTCUSDT',
    linear: true,
    contractSize: 1,
    precision: { price: 0.1, amount: 0.001 },
    limits: { amount: { min: 0.001 }, cost: { min: 100 } },
  });
});

test('public data: time, book, trades, candles, tickers and mark price', async () => {
  expect(Math.abs(Number(await exchange.fetchTime()) - Date.now())).toBeLessThan(5_000);
  const book = await exchange.fetchOrderBook(SYMBOL, 5);
  expect(book.bids).toHaveLength(5);
  expect(book.nonce).toBeGreaterThan(0);
  // The market trades by itself, but perhaps not yet.
  while ((await exchange.fetchTrades(SYMBOL, undefined, 5)).length === 0) await Bun.sleep(10);
  expect((await exchange.fetchOHLCV(SYMBOL, '1m')).length).toBeGreaterThan(0);
  expect((await exchange.fetchTicker(SYMBOL)).last).toBeGreaterThan(0);
  expect(Object.keys(await exchange.fetchBidsAsks([SYMBOL]))).toEqual([SYMBOL]);
  expect((await exchange.fetchFundingRate(SYMBOL)).markPrice).toBeGreaterThan(0);
});

test('an order lives over REST: placed, seen, amended, found by client id, canceled', async () => {
  const placed = await exchange.createOrder(SYMBOL, 'limit', 'buy', 0.01, below(2), { newClientOrderId: 'life1' });
  const id = String(placed.id);
  expect(placed).toMatchObject({ clientOrderId: 'life1', status: 'open', amount: 0.01, filled: 0 });
  expect((await exchange.fetchOpenOrders(SYMBOL)).map((order) => order.id)).toContain(placed.id);
  expect((await exchange.fetchOpenOrders()).map((order) => order.id)).toContain(placed.id);
  const price = below(3);
  const amended = await exchange.editOrder(id, SYMBOL, 'limit', 'buy', 0.02, price);
  expect(amended).toMatchObject({ id: placed.id, amount: 0.02, price });
  const found = await exchange.fetchOrder('', SYMBOL, { origClientOrderId: 'life1' });
  expect(found).toMatchObject({ id: placed.id, amount: 0.02 });
  expect(await exchange.cancelOrder(id, SYMBOL)).toMatchObject({ status: 'canceled' });
  expect(await exchange.fetchOrder(id, SYMBOL)).toMatchObject({ status: 'canceled' });
});

test('fills, position, balance and fee agree with the ground truth', async () => {
  const bought = await exchange.createOrder(SYMBOL, 'market', 'buy', 0.01);
  expect(bought).toMatchObject({ status: 'closed', filled: 0.01 });
  const trades = await exchange.fetchMyTrades(SYMBOL, undefined, undefined, { orderId: bought.id });
  const truth = sim.core.fills('main', 'BTCUSDT', { venueOrderId: String(bought.id), limit: 100 });
  expect(trades.map((trade) => [trade.id, String(trade.price), String(trade.fee?.cost)])).toEqual(
    truth.map((fill) => [fill.tradeId, fill.price, fill.fee]),
  );
  const [position] = await exchange.fetchPositions([SYMBOL]);
  expect(position).toMatchObject({ side: 'long', contracts: 0.01 });
  const balance = await exchange.fetchBalance();
  expect(Number(balance.info.totalWalletBalance)).toBe(Number(sim.core.account('main')?.assets[0]?.walletBalance));
  expect(balance['USDT']?.free).toBeGreaterThan(0);
  const reduced = await exchange.createOrder(SYMBOL, 'market', 'sell', 0.01, undefined, { reduceOnly: true });
  expect(reduced).toMatchObject({ status: 'closed' });
  expect(await exchange.fetchPositions([SYMBOL])).toEqual([]);
});

test('batches, cancel by list, cancel all and the countdown', async () => {
  const row = (id: string, percent: number) => ({
    symbol: SYMBOL,
    type: 'limit' as const,
    side: 'buy' as const,
    amount: 0.01,
    price: below(percent),
    params: { newClientOrderId: id },
  });
  const placed = await exchange.createOrders([row('b1', 2), row('b2', 3), row('b3', 4)]);
  expect(placed.map((order) => order.clientOrderId)).toEqual(['b1', 'b2', 'b3']);
  const canceled = await exchange.cancelOrders([String(placed[0]?.id)], SYMBOL);
  expect(canceled).toMatchObject([{ id: placed[0]?.id, status: 'canceled' }]);
  await exchange.cancelAllOrders(SYMBOL);
  expect(await exchange.fetchOpenOrders(SYMBOL)).toEqual([]);
  const armed = await exchange.fapiPrivatePostCountdownCancelAll({ symbol: 'BTCUSDT', countdownTime: 60_000 });
  expect(armed).toMatchObject({ symbol: 'BTCUSDT', countdownTime: '60000' });
  await exchange.fapiPrivatePostCountdownCancelAll({ symbol: 'BTCUSDT', countdownTime: 0 });
});

test('leverage, margin mode, position mode and the rights of the key', async () => {
  expect(await exchange.setLeverage(25, SYMBOL)).toMatchObject({ leverage: 25, symbol: 'BTCUSDT' });
  expect(sim.core.leverage('main', 'BTCUSDT')).toBe(25);
  // Accounts are in cross margin from the start: the venue says that there is no need to change.
  await expect(exchange.setMarginMode('cross', SYMBOL)).rejects.toThrow('-4046');
  expect(await exchange.fetchPositionMode(SYMBOL)).toMatchObject({ hedged: false });
  expect(await exchange.sapiGetAccountApiRestrictions()).toMatchObject({ enableWithdrawals: false });
});

test('refusals reach ccxt as the errors of production', async () => {
  const { InsufficientFunds, InvalidOrder, OrderNotFillable, OrderNotFound } = await import(
    'ccxt/js/src/base/errors.js'
  );
  const ask = Number(sim.core.bestQuote('BTCUSDT')?.ask[0]);
  const buy = (amount: number, price: number, params = {}) =>
    exchange.createOrder(SYMBOL, 'limit', 'buy', amount, price, params);
  await expect(buy(900, below(1))).rejects.toBeInstanceOf(InsufficientFunds);
  await expect(buy(0.001, below(1))).rejects.toBeInstanceOf(InvalidOrder);
  await expect(buy(0.01, Math.round(ask * 1.01), { timeInForce: 'GTX' })).rejects.toBeInstanceOf(OrderNotFillable);
  await buy(0.01, below(2), { newClientOrderId: 'twice' });
  await expect(buy(0.01, below(2), { newClientOrderId: 'twice' })).rejects.toBeInstanceOf(InvalidOrder);
  await expect(exchange.cancelOrder('999999999', SYMBOL)).rejects.toBeInstanceOf(OrderNotFound);
  await exchange.cancelAllOrders(SYMBOL);
});

test('market streams: quotes, trades, candles, ticker and a book that follows the sim', async () => {
  const quotes = await exchange.watchBidsAsks([SYMBOL]);
  expect(quotes[SYMBOL]?.bid).toBeGreaterThan(0);
  expect((await exchange.watchTrades(SYMBOL)).length).toBeGreaterThan(0);
  expect((await exchange.watchOHLCV(SYMBOL, '1m')).length).toBeGreaterThan(0);
  expect((await exchange.watchTicker(SYMBOL)).last).toBeGreaterThan(0);
  const before = await exchange.watchOrderBook(SYMBOL);
  const nonce = before.nonce ?? 0;
  for (let update = 0; update < 3; update++) await exchange.watchOrderBook(SYMBOL);
  const book = await exchange.watchOrderBook(SYMBOL);
  expect(book.nonce).toBeGreaterThan(nonce);
  expect(book.bids[0]?.[0]).toBeLessThan(Number(book.asks[0]?.[0]));
});

test('the user stream brings orders, fills, balance and position of REST and WebSocket orders', async () => {
  const orders: string[] = [];
  const watch = async (until: (seen: readonly string[]) => boolean) => {
    while (!until(orders)) {
      for (const order of await exchange.watchOrders(SYMBOL)) orders.push(`${order.clientOrderId} ${order.status}`);
    }
  };
  // The first watch opens the stream; events count from then on.
  const trades = exchange.watchMyTrades(SYMBOL);
  const balances = exchange.watchBalance();
  const positions = exchange.watchPositions([SYMBOL]);
  const watching = watch((seen) => seen.includes('ws1 canceled') && seen.includes('ws2 closed'));
  while (sim.core.account('main') === undefined || exchange.clients === undefined || !userStreamIsOpen()) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  const placed = await exchange.createOrderWs(SYMBOL, 'limit', 'buy', 0.01, below(2), { newClientOrderId: 'ws1' });
  expect(placed).toMatchObject({ clientOrderId: 'ws1', status: 'open' });
  const amended = await exchange.editOrderWs(String(placed.id), SYMBOL, 'limit', 'buy', 0.01, below(3));
  expect(amended).toMatchObject({ id: placed.id });
  expect(await exchange.cancelOrderWs(String(placed.id), SYMBOL)).toMatchObject({ status: 'canceled' });
  await exchange.createOrder(SYMBOL, 'market', 'buy', 0.01, undefined, { newClientOrderId: 'ws2' });
  await watching;
  const [trade] = await trades;
  expect(trade).toMatchObject({ symbol: SYMBOL, side: 'buy', takerOrMaker: 'taker' });
  expect(trade?.fee?.currency).toBe('USDT');
  expect((await balances)['USDT']?.total).toBe(Number(sim.core.account('main')?.assets[0]?.walletBalance));
  expect(await positions).toMatchObject([{ symbol: SYMBOL, side: 'long', contracts: 0.01 }]);
  await exchange.createOrder(SYMBOL, 'market', 'sell', 0.01, undefined, { reduceOnly: true });
});

function userStreamIsOpen(): boolean {
  return Object.entries(exchange.clients).some(
    ([url, client]) => url.includes('/private/') && client.connection?.readyState === WebSocket.OPEN,
  );
}
