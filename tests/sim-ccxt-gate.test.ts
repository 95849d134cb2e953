/**
 * The real ccxt against both emulated markets of Gate, its official addresses redirected at the transport: what trades
 * here trades on the venue with the same code. Both of ccxt's ways are used, REST and WebSocket.
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
  uid: '10406148',
  canWithdraw: false,
  balances: { USDT: decimal('100000'), BTC: decimal('10') },
};

type Exchange = Awaited<ReturnType<typeof connect>>;

let sim: Sim;
let spot: Exchange;
let swap: Exchange;

async function connect(front: ServedVenue, type: 'spot' | 'swap') {
  // ccxt takes globalThis.WebSocket when it is loaded; the connector's own transport redirects it.
  installTransport();
  const { default: Gate } = await import('ccxt/js/src/pro/gate.js');
  const made = new Gate({
    apiKey: account.apiKey,
    secret: account.apiSecret,
    uid: account.uid,
    enableRateLimit: false,
    options: {
      ws: { options: { headers: { [VENUE_URL_HEADER]: front.url } } },
      defaultType: type,
      fetchMarkets: { types: [type] },
      watchPositions: { fetchPositionsSnapshot: true, awaitPositionsSnapshot: true },
    },
  });
  made.fetchImplementation = (url: string, init: RequestInit) => fetch(atVenue(url, front.url), init);
  await made.loadMarkets();
  return made;
}

beforeAll(async () => {
  sim = await startSim({
    clock: systemClock(),
    seed: 23,
    venues: ['gate-spot', 'gate-usdt-futures'],
    symbols: ['BTCUSDT', 'ETHUSDT'],
    accounts: [account],
  });
  spot = await connect(sim.venue('gate-spot'), 'spot');
  swap = await connect(sim.venue('gate-usdt-futures'), 'swap');
});

afterAll(async () => {
  await spot.close();
  await swap.close();
  await sim.close();
});

for (const [name, venue, symbol, amount] of [
  ['pairs', 'gate-spot', 'BTC/USDT', 0.01],
  ['contracts', 'gate-usdt-futures', 'BTC/USDT:USDT', 10],
] as const) {
  const exchange = () => (venue === 'gate-spot' ? spot : swap);
  const core = () => sim.venue(venue).core;
  const below = (percent: number) => {
    const bid = Number(core().bestQuote('BTC_USDT')?.bid[0]);
    return Math.round(bid * (1 - percent / 100) * 10) / 10;
  };

  describe(name, () => {
    test('public data: time, book, trades, candles and tickers', async () => {
      expect(Math.abs(Number(await exchange().fetchTime()) - Date.now())).toBeLessThan(5_000);
      const book = await exchange().fetchOrderBook(symbol, 10);
      expect(book.bids).toHaveLength(10);
      expect(book.nonce).toBeGreaterThan(0);
      // The market trades by itself, but perhaps not yet.
      while ((await exchange().fetchTrades(symbol, undefined, 5)).length === 0) await Bun.sleep(10);
      expect((await exchange().fetchOHLCV(symbol, '1m')).length).toBeGreaterThan(0);
      expect((await exchange().fetchTicker(symbol)).last).toBeGreaterThan(0);
    });

    test('an order lives over REST: placed, seen, amended, found by its text, canceled', async () => {
      const placed = await exchange().createOrder(symbol, 'limit', 'buy', amount, below(2), { clientOrderId: 'life1' });
      const id = String(placed.id);
      expect(placed).toMatchObject({ clientOrderId: 't-life1', status: 'open', amount, filled: 0 });
      expect((await exchange().fetchOpenOrders(symbol)).map((order) => order.id)).toContain(id);
      expect((await exchange().fetchOpenOrders()).map((order) => order.id)).toContain(id);
      const price = below(3);
      const amended = await exchange().editOrder(id, symbol, 'limit', 'buy', amount * 2, price);
      expect(amended).toMatchObject({ id, amount: amount * 2, price });
      expect(await exchange().fetchOrder('', symbol, { clientOrderId: 't-life1' })).toMatchObject({ id });
      expect(await exchange().cancelOrder('t-life1', symbol)).toMatchObject({ id, status: 'canceled' });
      expect(await exchange().fetchOrder(id, symbol)).toMatchObject({ status: 'canceled' });
      expect((await exchange().fetchClosedOrders(symbol)).map((order) => order.id)).toContain(id);
    });

    test('orders of every time in force end as their terms say', async () => {
      const ask = Number(core().bestQuote('BTC_USDT')?.ask[0]);
      const buy = (price: number, params: object) =>
        exchange().createOrder(symbol, 'limit', 'buy', amount, price, params);
      expect(await buy(below(2), { timeInForce: 'IOC' })).toMatchObject({ status: 'canceled', filled: 0 });
      expect((await buy(below(2), { timeInForce: 'FOK' })).info.finish_as).toBe('fok');
      expect(await buy(Math.round(ask * 1.01), { timeInForce: 'FOK' })).toMatchObject({ status: 'closed' });
      const { OrderImmediatelyFillable } = await import('ccxt/js/src/base/errors.js');
      const crossing = buy(Math.round(ask * 1.01), { postOnly: true });
      await expect(crossing).rejects.toBeInstanceOf(OrderImmediatelyFillable);
      const resting = await buy(below(2), { postOnly: true });
      expect(resting).toMatchObject({ status: 'open', postOnly: true });
      await exchange().cancelOrder(String(resting.id), symbol);
    });

    test('batches, cancel by list and cancel all', async () => {
      const row = (id: string, percent: number) => ({
        symbol,
        type: 'limit' as const,
        side: 'buy' as const,
        amount,
        price: below(percent),
        params: { clientOrderId: id },
      });
      const placed = await exchange().createOrders([row('b1', 2), row('b2', 3), row('b3', 4)]);
      expect(placed.map((order) => order.clientOrderId)).toEqual(['t-b1', 't-b2', 't-b3']);
      await exchange().cancelOrders([String(placed[0]?.id)], symbol);
      expect(await exchange().fetchOpenOrders(symbol)).toHaveLength(2);
      await exchange().cancelAllOrders(symbol);
      expect(await exchange().fetchOpenOrders(symbol)).toEqual([]);
    });

    test('refusals reach ccxt as the errors of production', async () => {
      const { AuthenticationError, InsufficientFunds, OrderNotFound } = await import('ccxt/js/src/base/errors.js');
      const buy = exchange().createOrder(symbol, 'limit', 'buy', venue === 'gate-spot' ? 90 : 900_000, below(1));
      await expect(buy).rejects.toBeInstanceOf(InsufficientFunds);
      await expect(exchange().cancelOrder('999999999', symbol)).rejects.toBeInstanceOf(OrderNotFound);
      const { secret } = exchange();
      exchange().secret = 'wrong';
      await expect(exchange().fetchBalance()).rejects.toBeInstanceOf(AuthenticationError);
      exchange().secret = secret;
    });

    test('market streams: quotes, trades, candles, tickers and a book that follows the sim', async () => {
      const quotes = await exchange().watchBidsAsks([symbol]);
      expect(quotes[symbol]?.bid).toBeGreaterThan(0);
      expect((await exchange().watchTrades(symbol)).length).toBeGreaterThan(0);
      expect((await exchange().watchOHLCV(symbol, '1m')).length).toBeGreaterThan(0);
      expect((await exchange().watchTicker(symbol)).last).toBeGreaterThan(0);
      expect(Object.keys(await exchange().watchTickers([symbol]))).toEqual([symbol]);
      let book = await exchange().watchOrderBook(symbol);
      const nonce = book.nonce ?? 0;
      for (let update = 0; update < 5; update++) book = await exchange().watchOrderBook(symbol);
      expect(book.nonce).toBeGreaterThan(nonce);
      expect(book.bids[0]?.[0]).toBeLessThan(Number(book.asks[0]?.[0]));
    });

    test('the private streams bring orders, fills and balance of REST and WebSocket orders', async () => {
      const orders: string[] = [];
      const watching = (async () => {
        while (!(orders.includes('t-ws1 canceled') && orders.includes('t-ws2 closed'))) {
          for (const order of await exchange().watchOrders(symbol))
            orders.push(`${order.clientOrderId} ${order.status}`);
        }
      })();
      const trades = exchange().watchMyTrades(symbol);
      const balances = exchange().watchBalance();
      // The sim answers a login only after the subscriptions that were sent before it.
      const resting = { clientOrderId: 'ws1' };
      const placed = await exchange().createOrderWs(symbol, 'limit', 'buy', amount, below(2), resting);
      expect(placed).toMatchObject({ clientOrderId: 't-ws1', status: 'open' });
      const id = String(placed.id);
      expect(await exchange().editOrderWs(id, symbol, 'limit', 'buy', amount, below(3))).toMatchObject({ id });
      expect(await exchange().cancelOrderWs(id, symbol)).toMatchObject({ status: 'canceled' });
      await exchange().createOrder(symbol, 'market', 'sell', amount, undefined, { clientOrderId: 'ws2' });
      await watching;
      expect((await trades)[0]).toMatchObject({ symbol, side: 'sell', takerOrMaker: 'taker' });
      expect((await balances)['USDT']?.total).toBeGreaterThan(0);
      await exchange().createOrderWs(symbol, 'limit', 'buy', amount, below(4), { clientOrderId: 'ws3' });
      await exchange().cancelAllOrdersWs(symbol);
      expect(await exchange().fetchOpenOrders(symbol)).toEqual([]);
    });
  });
}

test('markets load with the venue precision, limits and fees', () => {
  expect(spot.market('BTC/USDT')).toMatchObject({
    id: 'BTC_USDT',
    precision: { price: 0.1, amount: 0.000001 },
    limits: { cost: { min: 3 } },
    taker: 0.001,
  });
  expect(swap.market('BTC/USDT:USDT')).toMatchObject({
    id: 'BTC_USDT',
    linear: true,
    contractSize: 0.0001,
    precision: { price: 0.1, amount: 1 },
  });
});

test('a spot market buy spends quote, and the balance tells what is left', async () => {
  const bought = await spot.createOrder('BTC/USDT', 'market', 'buy', 0.01, 50_000);
  expect(bought).toMatchObject({ status: 'closed', side: 'buy' });
  expect(Number(bought.cost)).toBeLessThanOrEqual(500);
  const trades = await spot.fetchMyTrades('BTC/USDT', undefined, undefined, { order_id: bought.id });
  const truth = sim.venue('gate-spot').core.fills('main', 'BTC_USDT', { venueOrderId: String(bought.id), limit: 100 });
  expect(trades.map((trade) => trade.id).sort()).toEqual(truth.map((fill) => fill.tradeId).sort());
  const balance = await spot.fetchBalance();
  const usdt = sim
    .venue('gate-spot')
    .core.account('main')
    ?.assets.find(({ asset }) => asset === 'USDT');
  expect(balance['USDT']?.total).toBe(Number(usdt?.walletBalance));
});

test('contracts: fills, position, funds and fee agree with the ground truth', async () => {
  const symbol = 'BTC/USDT:USDT';
  const { core } = sim.venue('gate-usdt-futures');
  const held = core.account('main')?.positions.find((position) => position.symbol === 'BTC_USDT')?.quantity ?? '0';
  if (Number(held) !== 0)
    await swap.createOrder(symbol, 'market', Number(held) > 0 ? 'sell' : 'buy', Math.abs(Number(held)) / 0.0001);
  const bought = await swap.createOrder(symbol, 'market', 'buy', 100);
  expect(bought).toMatchObject({ status: 'closed', filled: 100 });
  const trades = await swap.fetchMyTrades(symbol);
  const truth = core.fills('main', 'BTC_USDT', { venueOrderId: String(bought.id), limit: 100 });
  const ofOrder = trades.filter((trade) => trade.order === bought.id);
  expect(ofOrder.map((trade) => [trade.id, String(trade.price)]).sort()).toEqual(
    truth.map((fill): [string, string] => [fill.tradeId, fill.price]).sort(),
  );
  expect(await swap.fetchPositions([symbol])).toMatchObject([{ side: 'long', contracts: 100, contractSize: 0.0001 }]);
  const balance = await swap.fetchBalance();
  expect(balance['USDT']?.total).toBe(Number(core.account('main')?.assets[0]?.walletBalance));
  const reduced = await swap.createOrder(symbol, 'limit', 'sell', 100, Math.round(Number(trades[0]?.price) * 0.99), {
    reduceOnly: true,
  });
  expect(reduced).toMatchObject({ status: 'closed', reduceOnly: true });
});

test('contracts: a watched position is told', async () => {
  const symbol = 'BTC/USDT:USDT';
  const watching = swap.watchPositions([symbol]);
  // The snapshot is fetched first; the subscription stands when the socket answers.
  await swap.createOrderWs(symbol, 'market', 'buy', 7);
  const positions = await watching;
  expect(positions.map((position) => position.symbol)).toEqual([symbol]);
  await swap.createOrder(symbol, 'market', 'sell', 7, undefined, { reduceOnly: true });
});

test('contracts: leverage, position mode, funding and the dead-man countdown', async () => {
  const symbol = 'BTC/USDT:USDT';
  await swap.setLeverage(20, symbol);
  expect(sim.venue('gate-usdt-futures').core.leverage('main', 'BTC_USDT')).toBe(20);
  expect((await swap.fetchFundingRate(symbol)).markPrice).toBeGreaterThan(0);
  await swap.setPositionMode(true, symbol);
  expect(sim.venue('gate-usdt-futures').core.positionMode('main')).toBe('hedge');
  await swap.setPositionMode(false, symbol);
  const armed = await swap.privateFuturesPostSettleCountdownCancelAll({
    settle: 'usdt',
    timeout: 30,
    contract: 'BTC_USDT',
  });
  expect(Number(armed.triggerTime)).toBeGreaterThan(Date.now());
  await swap.privateFuturesPostSettleCountdownCancelAll({ settle: 'usdt', timeout: 0, contract: 'BTC_USDT' });
  const spotArmed = await spot.privateSpotPostCountdownCancelAll({ timeout: 30, currency_pair: 'BTC_USDT' });
  expect(Number(spotArmed.triggerTime)).toBeGreaterThan(Date.now());
});
