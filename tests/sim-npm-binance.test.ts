/**
 * The npm client `binance`, unmodified, against the sim: an independent reading of the venue's documents trades here
 * with the same code as there. It is pointed at the sim by its own options (`baseUrl`, `wsUrl`).
 */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { MainClient, USDMClient, WebsocketAPIClient, WebsocketClient } from 'binance';
import { type Sim, startSim } from '../apps/sim/src/sim.ts';
import { systemClock } from '../proto/src/clock.ts';
import { decimal } from '../proto/src/decimal.ts';

const KEY = { api_key: 'npm-key', api_secret: 'npm-secret' };
const SYMBOL = 'BTCUSDT';
type Venue = 'binance-usdm' | 'binance-spot';
type Message = Record<string, unknown>;

const silent = { trace: () => undefined, info: () => undefined, error: () => undefined };

let sim: Sim;
const closers: (() => void)[] = [];

beforeAll(async () => {
  sim = await startSim({
    clock: systemClock(),
    seed: 31,
    venues: ['binance-usdm', 'binance-spot'],
    symbols: [SYMBOL, 'ETHUSDT'],
    accounts: [
      {
        name: 'main',
        apiKey: KEY.api_key,
        apiSecret: KEY.api_secret,
        canWithdraw: false,
        balances: { USDT: decimal('100000'), BTC: decimal('2') },
      },
    ],
  });
});

afterAll(async () => {
  for (const close of closers) close();
  await sim.close();
});

const restOptions = (venue: Venue, changed: Partial<typeof KEY> = {}) => ({
  ...KEY,
  ...changed,
  baseUrl: sim.venue(venue).url,
});
const socketOptions = (venue: Venue) => ({
  ...KEY,
  beautify: false,
  wsUrl: sim.venue(venue).url.replace('http', 'ws'),
  restOptions: { baseUrl: sim.venue(venue).url },
  reconnectTimeout: 100,
});

/** Streams of one venue: everything that came, and a wait for what is to come. */
function streams(venue: Venue) {
  const client = new WebsocketClient(socketOptions(venue), silent);
  closers.push(() => client.closeAll(true));
  return { client, first: listen(client) };
}

function api(venue: Venue) {
  const client = new WebsocketAPIClient(
    { ...socketOptions(venue), attachEventListeners: false, muteLatencyWarning: true },
    silent,
  );
  closers.push(() => client.getWSClient().closeAll(true));
  return { client, first: listen(client.getWSClient()) };
}

function listen(client: WebsocketClient) {
  const messages: Message[] = [];
  const waiting = new Set<() => void>();
  client.on('message', (message: unknown) => {
    const { data, event, ...rest } = Object(message);
    messages.push(data ?? event ?? rest);
    for (const check of waiting) check();
  });
  return (wanted: (message: Message) => boolean) =>
    new Promise<Message>((resolve) => {
      const check = () => {
        const found = messages.find(wanted);
        if (found === undefined) return;
        waiting.delete(check);
        resolve(found);
      };
      waiting.add(check);
      check();
    });
}

/** A price that rests: `percent` below the best bid. */
function below(venue: Venue, percent: number): number {
  const bid = Number(sim.venue(venue).core.bestQuote(SYMBOL)?.bid[0]);
  return Math.round(bid * (1 - percent / 100) * 10) / 10;
}

/** Sent later than it says: the client takes its time from this. */
const STALE_MS = -60_000;

describe('spot', () => {
  const venue = 'binance-spot';
  const limit = (client: MainClient, percent: number) =>
    ({
      symbol: SYMBOL,
      side: 'BUY',
      type: 'LIMIT',
      timeInForce: 'GTC',
      quantity: 0.01,
      price: below(venue, percent),
      newOrderRespType: 'RESULT',
      newClientOrderId: client.generateNewOrderId(),
    }) as const;

  test('markets, book, tickers, time and the rights of the key', async () => {
    const client = new MainClient(restOptions(venue));
    const { symbols } = await client.getExchangeInfo();
    expect(symbols.map(({ symbol }) => symbol)).toEqual([SYMBOL, 'ETHUSDT']);
    expect(symbols[0]?.filters.map(({ filterType }) => String(filterType))).toContain('PERCENT_PRICE_BY_SIDE');
    const { bids } = await client.getOrderBook({ symbol: SYMBOL, limit: 5 });
    expect(bids).toHaveLength(5);
    expect(await client.getSymbolOrderBookTicker({ symbol: SYMBOL })).toMatchObject({ symbol: SYMBOL });
    expect(await client.getApiKeyPermissions()).toMatchObject({ enableWithdrawals: false });
  });

  test('an order is placed, found, listed, replaced and canceled; a fill and the balances agree with the truth', async () => {
    const client = new MainClient(restOptions(venue));
    const order = limit(client, 2);
    const placed = await client.submitNewOrder(order);
    expect(placed).toMatchObject({ clientOrderId: order.newClientOrderId, status: 'NEW' });
    expect(await client.getOrder({ symbol: SYMBOL, orderId: placed.orderId })).toMatchObject({ status: 'NEW' });
    expect((await client.getOpenOrders({ symbol: SYMBOL })).map(({ orderId }) => orderId)).toContain(placed.orderId);
    const replaced = await client.replaceOrder({
      ...limit(client, 3),
      cancelReplaceMode: 'STOP_ON_FAILURE',
      cancelOrderId: placed.orderId,
    });
    expect(replaced).toMatchObject({ cancelResult: 'SUCCESS', newOrderResult: 'SUCCESS' });
    expect(await client.cancelAllSymbolOrders({ symbol: SYMBOL })).toMatchObject([{ status: 'CANCELED' }]);
    const bought = await client.submitNewOrder({
      symbol: SYMBOL,
      side: 'BUY',
      type: 'MARKET',
      quantity: 0.01,
      newOrderRespType: 'FULL',
    });
    const trades = await client.getAccountTradeList({ symbol: SYMBOL, orderId: bought.orderId });
    const { core } = sim.venue(venue);
    const truth = core.fills('main', SYMBOL, { venueOrderId: String(bought.orderId), limit: 100 });
    expect(trades.map(({ id, commission }) => [String(id), Number(commission)])).toEqual(
      truth.map((fill) => [fill.tradeId, Number(fill.fee)]),
    );
    const { balances } = await client.getAccountInformation();
    const wallets = core.account('main')?.assets.map(({ asset, walletBalance }) => [asset, Number(walletBalance)]);
    expect(balances.map(({ asset, free }) => [asset, Number(free)])).toEqual(wallets ?? []);
  });

  test('what the venue refuses is what the client throws', async () => {
    const client = new MainClient(restOptions(venue));
    const order = limit(client, 2);
    const forged = new MainClient(restOptions(venue, { api_secret: 'other' }));
    await expect(forged.submitNewOrder(order)).rejects.toMatchObject({ code: -1022 });
    const late = new MainClient(restOptions(venue));
    late.setTimeOffset(STALE_MS);
    await expect(late.submitNewOrder(order)).rejects.toMatchObject({ code: -1021 });
    await expect(client.submitNewOrder({ ...order, symbol: 'NOSUCH' })).rejects.toMatchObject({ code: -1121 });
    await client.submitNewOrder(order);
    await expect(client.submitNewOrder(order)).rejects.toMatchObject({ code: -2010, message: 'Duplicate order sent.' });
    await client.cancelAllSymbolOrders({ symbol: SYMBOL });
  });

  test('market streams arrive', async () => {
    const { client, first } = streams(venue);
    await client.subscribe(['btcusdt@bookTicker', 'btcusdt@depth@100ms', 'btcusdt@trade', 'btcusdt@kline_1m'], 'main');
    await first((message) => message['e'] === 'trade' && message['s'] === SYMBOL);
    await first((message) => message['e'] === 'kline');
    await first((message) => message['e'] === 'depthUpdate' && 'U' in message && !('pu' in message));
    await first((message) => message['s'] === SYMBOL && 'B' in message && 'A' in message);
  });

  test('orders and user data over the WebSocket API', async () => {
    const { client, first } = api(venue);
    await client.subscribeUserDataStream('mainWSAPI');
    const order = limit(new MainClient(restOptions(venue)), 2);
    // The client signs what it is given: the timestamp is its caller's to say.
    const stamped = { ...order, timestamp: Date.now() };
    const placed = await client.submitNewSpotOrder(stamped);
    expect(placed).toMatchObject({ status: 200, result: { clientOrderId: order.newClientOrderId, status: 'NEW' } });
    const named = { symbol: SYMBOL, origClientOrderId: order.newClientOrderId, timestamp: Date.now() };
    expect((await client.getSpotOpenOrders({ symbol: SYMBOL, timestamp: Date.now() })).result).toHaveLength(1);
    expect(await client.cancelSpotOrder(named)).toMatchObject({ result: { status: 'CANCELED' } });
    await first((message) => message['e'] === 'executionReport' && message['x'] === 'NEW');
    await first((message) => message['e'] === 'executionReport' && message['x'] === 'CANCELED');
    await first((message) => message['e'] === 'outboundAccountPosition');
    await expect(client.cancelSpotOrder({ ...named, timestamp: Date.now() })).rejects.toMatchObject({
      error: { code: -2011 },
    });
  });
});

describe('USD-M futures', () => {
  const venue = 'binance-usdm';
  const limit = (client: USDMClient, percent: number) =>
    ({
      symbol: SYMBOL,
      side: 'BUY',
      type: 'LIMIT',
      timeInForce: 'GTC',
      quantity: 0.01,
      price: below(venue, percent),
      newOrderRespType: 'RESULT',
      newClientOrderId: client.generateNewOrderId(),
    }) as const;

  test('markets, book, balance, position mode and leverage', async () => {
    const client = new USDMClient(restOptions(venue));
    const { symbols } = await client.getExchangeInfo();
    expect(symbols.map(({ symbol }) => symbol)).toEqual([SYMBOL, 'ETHUSDT']);
    expect((await client.getOrderBook({ symbol: SYMBOL, limit: 5 })).asks).toHaveLength(5);
    expect(await client.getBalance()).toMatchObject([{ asset: 'USDT' }]);
    expect(await client.getCurrentPositionMode()).toEqual({ dualSidePosition: false });
    expect(await client.setLeverage({ symbol: SYMBOL, leverage: 10 })).toMatchObject({ leverage: 10 });
  });

  test('an order is placed, found, listed and canceled; a fill makes a position', async () => {
    const client = new USDMClient(restOptions(venue));
    const order = limit(client, 2);
    const placed = await client.submitNewOrder(order);
    expect(placed).toMatchObject({ clientOrderId: order.newClientOrderId, status: 'NEW' });
    const named = { symbol: SYMBOL, origClientOrderId: order.newClientOrderId };
    expect(await client.getOrder(named)).toMatchObject({ orderId: placed.orderId });
    expect(await client.getAllOpenOrders({ symbol: SYMBOL })).toMatchObject([{ orderId: placed.orderId }]);
    expect(await client.cancelOrder(named)).toMatchObject({ status: 'CANCELED' });
    const market = { symbol: SYMBOL, type: 'MARKET', quantity: 0.01, newOrderRespType: 'RESULT' } as const;
    const bought = await client.submitNewOrder({ ...market, side: 'BUY' });
    expect(bought).toMatchObject({ status: 'FILLED' });
    const trades = await client.getAccountTrades({ symbol: SYMBOL, orderId: bought.orderId });
    expect(trades.reduce((sum, { qty }) => sum + Number(qty), 0)).toBeCloseTo(0.01, 8);
    expect(await client.getPositions({ symbol: SYMBOL })).toMatchObject([{ positionAmt: '0.010' }]);
    await client.submitNewOrder({ ...market, side: 'SELL', reduceOnly: 'true' });
  });

  test('what the venue refuses is what the client throws', async () => {
    const client = new USDMClient(restOptions(venue));
    const order = limit(client, 2);
    const forged = new USDMClient(restOptions(venue, { api_secret: 'other' }));
    await expect(forged.submitNewOrder(order)).rejects.toMatchObject({ code: -1022 });
    const late = new USDMClient(restOptions(venue));
    late.setTimeOffset(STALE_MS);
    await expect(late.submitNewOrder(order)).rejects.toMatchObject({ code: -1021 });
    await expect(client.submitNewOrder({ ...order, symbol: 'NOSUCH' })).rejects.toMatchObject({ code: -1121 });
    await client.submitNewOrder(order);
    await expect(client.submitNewOrder(order)).rejects.toMatchObject({ code: -4116 });
    await client.cancelAllOpenOrders({ symbol: SYMBOL });
  });

  test('public, market and private streams arrive, and orders over the WebSocket API are told on them', async () => {
    const { client, first } = streams(venue);
    await client.subscribe(['btcusdt@bookTicker', 'btcusdt@depth@100ms'], 'usdmPublic');
    await client.subscribe(['btcusdt@aggTrade', 'btcusdt@markPrice@1s'], 'usdmMarket');
    await client.subscribeUsdFuturesUserDataStream();
    for (const name of ['bookTicker', 'depthUpdate', 'aggTrade', 'markPriceUpdate']) {
      await first((message) => message['e'] === name);
    }
    const { client: orders } = api(venue);
    const order = limit(new USDMClient(restOptions(venue)), 2);
    const placed = await orders.submitNewFuturesOrder('usdm', { ...order, timestamp: Date.now() });
    expect(placed).toMatchObject({ status: 200, result: { clientOrderId: order.newClientOrderId, status: 'NEW' } });
    const named = { symbol: SYMBOL, origClientOrderId: order.newClientOrderId, timestamp: Date.now() };
    expect(await orders.cancelFuturesOrder('usdm', named)).toMatchObject({ result: { status: 'CANCELED' } });
    const told = (status: string) => (message: Message) =>
      message['e'] === 'ORDER_TRADE_UPDATE' &&
      Object(message['o']).c === order.newClientOrderId &&
      Object(message['o']).X === status;
    await first(told('NEW'));
    await first(told('CANCELED'));
    expect((await orders.getFuturesAccountBalance('usdm', { timestamp: Date.now() })).result).toMatchObject([
      { asset: 'USDT' },
    ]);
  });
});
