/**
 * The real ccxt against the emulated spot market, its official addresses redirected at the transport, over REST, its
 * streams and its WebSocket API.
 */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { atVenue, installTransport, VENUE_URL_HEADER } from '../apps/connector/src/venues/transport.ts';
import { type Sim, startSim } from '../apps/sim/src/sim.ts';
import { systemClock } from '../proto/src/clock.ts';
import { decimal } from '../proto/src/decimal.ts';

const SYMBOL = 'BTC/USDT';
const account = {
  name: 'main',
  apiKey: 'ccxt-key',
  apiSecret: 'ccxt-secret',
  canWithdraw: false,
  balances: { USDT: decimal('100000'), BTC: decimal('2') },
};

let sim: Sim;
let exchange: Awaited<ReturnType<typeof connect>>;

async function connect() {
  const venueUrl = sim.venue('binance-spot').url;
  // ccxt takes globalThis.WebSocket when it is loaded; the connector's own transport redirects it.
  installTransport();
  const { default: Binance } = await import('ccxt/js/src/pro/binance.js');
  const made = new Binance({
    apiKey: account.apiKey,
    secret: account.apiSecret,
    enableRateLimit: false,
    options: {
      defaultType: 'spot',
      ws: { options: { headers: { [VENUE_URL_HEADER]: venueUrl } } },
      fetchMarkets: { types: ['spot'] },
      fetchCurrencies: false,
      fetchMargins: false,
      fetchOpenOrders: { warnWithoutSymbol: false },
    },
  });
  made.fetchImplementation = (url: string, init: RequestInit) => fetch(atVenue(url, venueUrl), init);
  await made.loadMarkets();
  return made;
}

beforeAll(async () => {
  sim = await startSim({
    clock: systemClock(),
    seed: 12,
    venues: ['binance-spot'],
    symbols: ['BTCUSDT', 'ETHUSDT'],
    accounts: [account],
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
  return Math.round(bid * (1 - percent / 100) * 100) / 100;
}

test('markets load as spot, with the venue precision and limits', () => {
  expect(exchange.market(SYMBOL)).toMatchObject({
    id: 'BTCUSDT',
    spot: true,
    precision: { price: 0.01, amount: 0.00001 },
    limits: { amount: { min: 0.00001 }, cost: { min: 5 } },
  });
});

test('an order lives over REST: placed, seen, replaced, found by client id, canceled', async () => {
  const placed = await exchange.createOrder(SYMBOL, 'limit', 'buy', 0.01, below(2), { newClientOrderId: 'life1' });
  expect(placed).toMatchObject({ clientOrderId: 'life1', status: 'open', amount: 0.01, filled: 0 });
  expect((await exchange.fetchOpenOrders()).map((order) => order.id)).toContain(placed.id);
  const balance = await exchange.fetchBalance();
  expect(balance['USDT']?.used).toBeCloseTo(0.01 * Number(placed.price), 8);
  const price = below(3);
  const replaced = await exchange.editOrder(String(placed.id), SYMBOL, 'limit', 'buy', 0.02, price, {
    newClientOrderId: 'life2',
  });
  expect(replaced).toMatchObject({ clientOrderId: 'life2', amount: 0.02, price });
  expect(await exchange.fetchOrder(String(placed.id), SYMBOL)).toMatchObject({ status: 'canceled' });
  const found = await exchange.fetchOrder('', SYMBOL, { clientOrderId: 'life2' });
  expect(found).toMatchObject({ id: replaced.id, amount: 0.02, status: 'open' });
  await exchange.cancelOrder(String(replaced.id), SYMBOL);
  expect(await exchange.fetchOpenOrders(SYMBOL)).toEqual([]);
});

test('a market buy by cost: its fills and balances agree with the ground truth', async () => {
  const bought = await exchange.createOrder(SYMBOL, 'market', 'buy', 0.01, 60_000);
  expect(bought.status).toBe('closed');
  const trades = await exchange.fetchMyTrades(SYMBOL, undefined, undefined, { orderId: bought.id });
  const truth = sim.core.fills('main', 'BTCUSDT', { venueOrderId: String(bought.id), limit: 100 });
  expect(trades.map((trade) => [trade.id, Number(trade.price), trade.fee?.cost, trade.fee?.currency])).toEqual(
    truth.map((fill) => [fill.tradeId, Number(fill.price), Number(fill.fee), 'BTC']),
  );
  const balance = await exchange.fetchBalance();
  for (const { asset, walletBalance } of sim.core.account('main')?.assets ?? []) {
    expect(balance[asset]?.total).toBe(Number(walletBalance));
  }
});

test('refusals reach ccxt as the errors of production', async () => {
  const { InsufficientFunds, OrderImmediatelyFillable, OrderNotFound } = await import('ccxt/js/src/base/errors.js');
  const buy = (amount: number, price: number, params = {}) =>
    exchange.createOrder(SYMBOL, 'limit', 'buy', amount, price, params);
  await expect(buy(50, below(1))).rejects.toBeInstanceOf(InsufficientFunds);
  await expect(buy(0.00001, below(1))).rejects.toThrow('Filter failure: NOTIONAL');
  const ask = Number(sim.core.bestQuote('BTCUSDT')?.ask[0]);
  await expect(buy(0.01, Math.round(ask * 1.01), { postOnly: true })).rejects.toBeInstanceOf(OrderImmediatelyFillable);
  await buy(0.01, below(2), { newClientOrderId: 'twice' });
  await expect(buy(0.01, below(2), { newClientOrderId: 'twice' })).rejects.toThrow('Duplicate order sent.');
  await expect(exchange.cancelOrder('999999999', SYMBOL)).rejects.toBeInstanceOf(OrderNotFound);
  await exchange.cancelAllOrders(SYMBOL);
});

test('market streams: quotes, trades, candles, ticker and a book that follows the sim', async () => {
  expect((await exchange.watchBidsAsks([SYMBOL]))[SYMBOL]?.bid).toBeGreaterThan(0);
  expect((await exchange.watchTrades(SYMBOL)).length).toBeGreaterThan(0);
  expect((await exchange.watchOHLCV(SYMBOL, '1m')).length).toBeGreaterThan(0);
  expect((await exchange.watchTicker(SYMBOL)).last).toBeGreaterThan(0);
  const nonce = (await exchange.watchOrderBook(SYMBOL)).nonce ?? 0;
  for (let update = 0; update < 3; update++) await exchange.watchOrderBook(SYMBOL);
  const book = await exchange.watchOrderBook(SYMBOL);
  expect(book.nonce).toBeGreaterThan(nonce);
  expect(book.bids[0]?.[0]).toBeLessThan(Number(book.asks[0]?.[0]));
});

test('user data brings orders, fills and balances of orders that came over the WebSocket API', async () => {
  const seen: string[] = [];
  const balances = exchange.watchBalance();
  const trades = exchange.watchMyTrades(SYMBOL);
  const watching = (async () => {
    while (!seen.includes('ws1 canceled') || !seen.includes('ws2 closed')) {
      for (const order of await exchange.watchOrders(SYMBOL)) seen.push(`${order.clientOrderId} ${order.status}`);
    }
  })();
  const subscribed = () => Object.keys(exchange.clients).some((url) => url.includes('ws-api'));
  while (!subscribed()) await new Promise((resolve) => setImmediate(resolve));
  // Requests of one connection are served in order: the subscription stands before this is answered.
  const placed = await exchange.createOrderWs(SYMBOL, 'limit', 'buy', 0.01, below(2), { newClientOrderId: 'ws1' });
  expect(placed).toMatchObject({ clientOrderId: 'ws1', status: 'open' });
  expect(await exchange.cancelOrderWs(String(placed.id), SYMBOL)).toMatchObject({ status: 'canceled' });
  await exchange.createOrder(SYMBOL, 'market', 'sell', 0.01, undefined, { newClientOrderId: 'ws2' });
  await watching;
  const [trade] = await trades;
  expect(trade).toMatchObject({ symbol: SYMBOL, side: 'sell', takerOrMaker: 'taker', fee: { currency: 'USDT' } });
  expect((await balances)['USDT']?.total).toBeGreaterThan(0);
});
