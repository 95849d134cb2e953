/**
 * The npm client `gateio-api`, unmodified, against Gate's emulated futures: REST, channels and the WebSocket API,
 * pointed at the sim by its own options. Others wrote it against the real venue, so what works here was not shaped to
 * our own code.
 */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { RestClient, WebsocketAPIClient, WebsocketClient } from 'gateio-api';
import { type Sim, startSim } from '../apps/sim/src/sim.ts';
import { systemClock } from '../proto/src/clock.ts';
import { decimal } from '../proto/src/decimal.ts';

type Venue = 'gate-usdt-futures';

const PAIR = 'BTC_USDT';
const FUTURES = { settle: 'usdt', contract: PAIR } as const;
const keys = { apiKey: 'npm-key', apiSecret: 'npm-secret' };
const UID = '10406147';
/** The client logs what it receives and every refusal, of which these tests provoke some. */
const quiet = { trace: () => undefined, info: () => undefined, error: () => undefined };

let sim: Sim;
const clients: WebsocketClient[] = [];

beforeAll(async () => {
  sim = await startSim({
    clock: systemClock(),
    seed: 21,
    venues: ['gate-usdt-futures'],
    symbols: ['BTCUSDT'],
    accounts: [
      {
        ...keys,
        name: 'main',
        uid: UID,
        canWithdraw: false,
        balances: { USDT: decimal('100000') },
      },
    ],
  });
});

afterAll(async () => {
  for (const client of clients) client.closeAll(true);
  await sim.close();
});

function restAt(venue: Venue, options: { readonly apiKey?: string; readonly apiSecret?: string } = {}): RestClient {
  return new RestClient({ ...keys, ...options, baseUrl: `${sim.venue(venue).url}/api/v4` });
}

function socketUrl(venue: Venue): string {
  return `${sim.venue(venue).url.replace('http', 'ws')}/v4/ws/usdt`;
}

/** A price that rests: `percent` below the best bid. */
function below(venue: Venue, percent: number): string {
  const bid = Number(sim.venue(venue).core.bestQuote(PAIR)?.bid[0]);
  return String(Math.round(bid * (1 - percent / 100) * 10) / 10);
}

/** The body of the refusal that a call of the client meets. */
async function refusalOf(call: Promise<unknown>): Promise<unknown> {
  const refused: unknown = await call.then(
    () => 'accepted',
    (error: unknown) => error,
  );
  return refused;
}

/** A client of the channels, and how to wait for a message of one. */
function channelsAt(venue: Venue) {
  const client = new WebsocketClient({ ...keys, wsUrl: socketUrl(venue) }, quiet);
  clients.push(client);
  const seen: { readonly channel?: string; readonly event?: string; readonly result?: unknown }[] = [];
  const waiting = new Set<() => void>();
  const keep = (message: object) => {
    seen.push(message);
    for (const check of waiting) check();
  };
  client.on('update', keep);
  client.on('response', keep);
  return {
    subscribe: (topic: string, payload?: readonly string[]) =>
      client.subscribe({ topic, ...(payload === undefined ? {} : { payload: [...payload] }) }, 'perpFuturesUSDTV4'),
    /** The result of the first message of the channel that satisfies `wanted`, past or future. */
    take(channel: string, event: string, wanted: (result: unknown) => boolean = () => true): Promise<unknown> {
      return new Promise((resolve) => {
        const check = () => {
          const found = seen.find((one) => one.channel === channel && one.event === event && wanted(one.result));
          if (found === undefined) return;
          waiting.delete(check);
          resolve(found.result);
        };
        waiting.add(check);
        check();
      });
    },
  };
}

/** Whether one row of a push has these fields. */
function hasRow(fields: Readonly<Record<string, unknown>>): (result: unknown) => boolean {
  return (result) =>
    Array.isArray(result) &&
    result.some((row) => Object.entries(fields).every(([name, value]) => Object.is(row[name], value)));
}

describe('contracts over REST', () => {
  const venue = 'gate-usdt-futures';

  test('contracts, book, trades, candles and tickers', async () => {
    const client = restAt(venue);
    expect(await client.getFuturesContracts({ settle: 'usdt' })).toMatchObject([
      { name: PAIR, quanto_multiplier: '0.0001', order_price_round: '0.1', funding_interval: 28_800 },
    ]);
    const book = await client.getFuturesOrderBook({ ...FUTURES, limit: 5, with_id: true });
    expect(book.bids).toHaveLength(5);
    expect(Number.isInteger(book.bids[0]?.s)).toBe(true);
    expect(book.id).toBeGreaterThan(0);
    while ((await client.getFuturesTrades({ ...FUTURES, limit: 3 })).length < 3) await Bun.sleep(10);
    expect((await client.getFuturesCandles({ ...FUTURES, interval: '1m' })).length).toBeGreaterThan(0);
    expect(await client.getFuturesTickers(FUTURES)).toMatchObject([{ contract: PAIR }]);
    expect(Math.abs((await client.getServerTime()).server_time - Date.now())).toBeLessThan(5_000);
  });

  test('an order lives: placed, seen, amended, found by its text, canceled', async () => {
    const client = restAt(venue);
    const price = below(venue, 2);
    const placed = await client.submitFuturesOrder({ ...FUTURES, size: 10, price, tif: 'gtc', text: 't-life1' });
    expect(placed).toMatchObject({ contract: PAIR, size: 10, left: 10, price, status: 'open', text: 't-life1' });
    const open = await client.getFuturesOrders({ ...FUTURES, status: 'open' });
    expect(open.map(({ id }) => id)).toContain(placed.id);
    const amended = await client.updateFuturesOrder({ settle: 'usdt', order_id: String(placed.id), size: 20 });
    expect(amended).toMatchObject({ id: placed.id, size: 20, left: 20 });
    expect(await client.getFuturesOrder({ settle: 'usdt', order_id: 't-life1' })).toMatchObject({ id: placed.id });
    const canceled = await client.cancelFuturesOrder({ settle: 'usdt', order_id: 't-life1' });
    expect(canceled).toMatchObject({ id: placed.id, status: 'finished', finish_as: 'cancelled' });
    const finished = await client.getFuturesOrders({ ...FUTURES, status: 'finished' });
    expect(finished.map(({ id }) => id)).toContain(placed.id);
  });

  test('a market order fills: trades, position, balance and fees agree with the ground truth', async () => {
    const client = restAt(venue);
    const { core } = sim.venue(venue);
    const bought = await client.submitFuturesOrder({ ...FUTURES, size: 100, price: '0', tif: 'ioc' });
    expect(bought).toMatchObject({ status: 'finished', finish_as: 'filled', left: 0 });
    const trades = await client.getFuturesTradingHistory({ ...FUTURES, order: Number(bought.id) });
    const truth = core.fills('main', PAIR, { venueOrderId: String(bought.id), limit: 100 });
    expect(trades.map(({ id, price, fee }) => [String(id), price, fee]).reverse()).toEqual(
      truth.map((fill) => [fill.tradeId, fill.price, fill.fee]),
    );
    expect(await client.getFuturesPositions({ settle: 'usdt', holding: true })).toMatchObject([
      { contract: PAIR, size: 100, mode: 'single' },
    ]);
    const account = await client.getFuturesAccount({ settle: 'usdt' });
    expect(account).toMatchObject({ currency: 'USDT', in_dual_mode: false });
    expect(account.total).toBe(String(core.account('main')?.assets[0]?.walletBalance));
    const [newest] = await client.getFuturesAccountBook({ settle: 'usdt', type: 'fee' });
    expect(newest).toMatchObject({ type: 'fee', balance: account.total, contract: PAIR });
    const closed = await client.submitFuturesOrder({ ...FUTURES, size: 0, close: true, price: '0', tif: 'ioc' });
    expect(closed).toMatchObject({ size: -100, finish_as: 'filled', is_reduce_only: true });
    expect(await client.getFuturesPositions({ settle: 'usdt', holding: true })).toEqual([]);
  });

  test('batches, cancel by list, cancel all and the countdown', async () => {
    const client = restAt(venue);
    const row = (text: string, percent: number) => ({ ...FUTURES, size: 5, price: below(venue, percent), text });
    const orders = [row('t-b1', 2), row('t-b2', 3), { ...row('t-b3', 4), contract: 'NONE_USDT' }];
    const placed = await client.submitFuturesBatchOrders({ settle: 'usdt', orders });
    expect(placed).toMatchObject([
      { succeeded: true, text: 't-b1' },
      { succeeded: true, text: 't-b2' },
      { succeeded: false, text: 't-b3', label: 'CONTRACT_NOT_FOUND' },
    ]);
    const orderIds = [String(placed[0]?.id), '999'];
    expect(await client.batchCancelFuturesOrders({ settle: 'usdt', orderIds })).toMatchObject([
      { id: orderIds[0], succeeded: true },
      { id: '999', succeeded: false, message: 'ORDER_NOT_FOUND' },
    ]);
    expect(await client.cancelAllFuturesOrders(FUTURES)).toMatchObject([{ text: 't-b2', finish_as: 'cancelled' }]);
    const armed = await client.setFuturesOrderCancelCountdown({ ...FUTURES, timeout: 30 });
    expect(Number(armed.triggerTime)).toBeGreaterThan(Date.now());
    await client.setFuturesOrderCancelCountdown({ ...FUTURES, timeout: 0 });
  });

  test('leverage, the key and its fees', async () => {
    const client = restAt(venue);
    const cross = await client.updateFuturesLeverage({ ...FUTURES, leverage: '0', cross_leverage_limit: '10' });
    expect(cross).toMatchObject({ leverage: '0', cross_leverage_limit: '10' });
    expect(await client.getAccountDetail()).toMatchObject({ user_id: Number(UID), key: { mode: 1 } });
    const [key] = await client.getAccountMainKeys();
    expect(key?.perms.map(({ name }) => name)).not.toContain('withdraw');
    expect(await client.getFuturesUserTradingFees({ settle: 'usdt' })).toMatchObject({
      [PAIR]: { taker_fee: '0.0005', maker_fee: '0.0002' },
    });
  });

  test('refusals are the labels and statuses of the venue', async () => {
    const order = { ...FUTURES, size: 1, price: below(venue, 2), tif: 'gtc' };
    const client = restAt(venue);
    const wrongSecret = restAt(venue, { apiSecret: 'wrong' });
    expect(await refusalOf(wrongSecret.submitFuturesOrder(order))).toMatchObject({
      code: 401,
      body: { label: 'INVALID_SIGNATURE' },
    });
    expect(await refusalOf(restAt(venue, { apiKey: 'nobody' }).submitFuturesOrder(order))).toMatchObject({
      code: 401,
      body: { label: 'INVALID_KEY', message: 'Invalid key provided' },
    });
    expect(await refusalOf(client.submitFuturesOrder({ ...order, contract: 'NONE_USDT' }))).toMatchObject({
      code: 400,
      body: { label: 'CONTRACT_NOT_FOUND' },
    });
    const ask = String(sim.venue(venue).core.bestQuote(PAIR)?.ask[0]);
    const cross = { ...order, price: String(Number(ask) + 10), tif: 'poc' };
    expect(await refusalOf(client.submitFuturesOrder(cross))).toMatchObject({ body: { label: 'ORDER_POC_IMMEDIATE' } });
    expect(await refusalOf(client.submitFuturesOrder({ ...order, size: 900_000 }))).toMatchObject({
      body: { label: 'INSUFFICIENT_AVAILABLE' },
    });
    expect(await refusalOf(client.submitFuturesOrder({ ...order, text: 'no-prefix' }))).toMatchObject({
      body: { label: 'INVALID_PARAM_VALUE', message: 'Invalid parameter `text` with value: no-prefix' },
    });
    expect(await refusalOf(client.submitFuturesOrder({ ...order, xGateExptime: Date.now() - 1 }))).toMatchObject({
      body: { label: 'REQUEST_EXPIRED' },
    });
    expect(await refusalOf(client.cancelFuturesOrder({ settle: 'usdt', order_id: '123' }))).toMatchObject({
      code: 404,
      body: { label: 'ORDER_NOT_FOUND' },
    });
  });

  test('a stale timestamp is refused', async () => {
    class LateClient extends RestClient {
      override getSignTimestampMs(): number {
        return Date.now() - 120_000;
      }
    }
    const late = new LateClient({ ...keys, baseUrl: `${sim.venue(venue).url}/api/v4` });
    expect(await refusalOf(late.getFuturesAccount({ settle: 'usdt' }))).toMatchObject({
      code: 403,
      body: { label: 'REQUEST_EXPIRED' },
    });
  });
});

describe('channels', () => {
  test('the public channels of contracts speak', async () => {
    const channels = channelsAt('gate-usdt-futures');
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

  test('the private channels of contracts tell orders, trades, positions and balances', async () => {
    const channels = channelsAt('gate-usdt-futures');
    const names = ['orders', 'usertrades', 'positions'].map((name) => `futures.${name}`);
    for (const topic of names) channels.subscribe(topic, [UID, '!all']);
    channels.subscribe('futures.balances', [UID]);
    for (const topic of [...names, 'futures.balances']) await channels.take(topic, 'subscribe');
    const client = restAt('gate-usdt-futures');
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
});

describe('the WebSocket API', () => {
  test('orders of contracts: placed, asked for, amended, listed, canceled', async () => {
    const client = new WebsocketAPIClient(
      { ...keys, wsUrl: socketUrl('gate-usdt-futures'), attachEventListeners: false },
      quiet,
    );
    clients.push(client.getWSClient());
    const order = { contract: PAIR, size: 10, price: below('gate-usdt-futures', 2), tif: 'gtc' } as const;
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
    await client.submitNewFuturesBatchOrder([
      { ...order, text: 't-ws2' },
      { ...order, text: 't-ws3' },
    ]);
    const all = await client.cancelFuturesAllOpenOrders({ contract: PAIR });
    expect(all.data.result).toHaveLength(2);
  });
});
