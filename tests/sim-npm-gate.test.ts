/**
 * The npm client `gateio-api`, unmodified, against both emulated markets of Gate: REST.
 */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { FUTURES, type NpmGate, PAIR, refusalOf, startNpmGate, UID } from './support/npm-gate.ts';

let gate: NpmGate;

beforeAll(async () => {
  gate = await startNpmGate(21);
});

afterAll(() => gate.close());

describe('contracts over REST', () => {
  const venue = 'gate-usdt-futures';

  test('contracts, book, trades, candles and tickers', async () => {
    const client = gate.restAt(venue);
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
    const client = gate.restAt(venue);
    const price = gate.below(venue, 2);
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
    const client = gate.restAt(venue);
    const { core } = gate.sim.venue(venue);
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
    const client = gate.restAt(venue);
    const row = (text: string, percent: number) => ({ ...FUTURES, size: 5, price: gate.below(venue, percent), text });
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

  test('leverage, margin mode, dual mode, the key and its fees', async () => {
    const client = gate.restAt(venue);
    expect(await client.updateFuturesLeverage({ ...FUTURES, leverage: '25' })).toMatchObject({ leverage: '25' });
    const cross = await client.updateFuturesLeverage({ ...FUTURES, leverage: '0', cross_leverage_limit: '10' });
    expect(cross).toMatchObject({ leverage: '0', cross_leverage_limit: '10' });
    const dual = await client.updateFuturesDualMode({ settle: 'usdt', dual_mode: true });
    expect(dual).toMatchObject({ in_dual_mode: true });
    const long = await client.submitFuturesOrder({ ...FUTURES, size: 10, price: '0', tif: 'ioc' });
    const short = await client.submitFuturesOrder({ ...FUTURES, size: -4, price: '0', tif: 'ioc' });
    expect([long.finish_as, short.finish_as]).toEqual(['filled', 'filled']);
    expect(await client.getFuturesPositions({ settle: 'usdt', holding: true })).toMatchObject([
      { size: 10, mode: 'dual_long' },
      { size: -4, mode: 'dual_short' },
    ]);
    const close = { ...FUTURES, size: 0, price: '0', tif: 'ioc' };
    await client.submitFuturesOrder({ ...close, auto_size: 'close_long' });
    await client.submitFuturesOrder({ ...close, auto_size: 'close_short' });
    await client.updateFuturesDualMode({ settle: 'usdt', dual_mode: false });
    expect(await client.getAccountDetail()).toMatchObject({ user_id: Number(UID), key: { mode: 1 } });
    const [key] = await client.getAccountMainKeys();
    expect(key?.perms.map(({ name }) => name)).not.toContain('withdraw');
    expect(await client.getFuturesUserTradingFees({ settle: 'usdt' })).toMatchObject({
      [PAIR]: { taker_fee: '0.0005', maker_fee: '0.0002' },
    });
  });

  test('refusals are the labels and statuses of the venue', async () => {
    const order = { ...FUTURES, size: 1, price: gate.below(venue, 2), tif: 'gtc' };
    const client = gate.restAt(venue);
    const wrongSecret = gate.restAt(venue, { apiSecret: 'wrong' });
    expect(await refusalOf(wrongSecret.submitFuturesOrder(order))).toMatchObject({
      code: 401,
      body: { label: 'INVALID_SIGNATURE' },
    });
    expect(await refusalOf(gate.restAt(venue, { apiKey: 'nobody' }).submitFuturesOrder(order))).toMatchObject({
      code: 401,
      body: { label: 'INVALID_KEY', message: 'Invalid key provided' },
    });
    expect(await refusalOf(client.submitFuturesOrder({ ...order, contract: 'NONE_USDT' }))).toMatchObject({
      code: 400,
      body: { label: 'CONTRACT_NOT_FOUND' },
    });
    const ask = String(gate.sim.venue(venue).core.bestQuote(PAIR)?.ask[0]);
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

  test('a text is no key: the venue takes it twice, and a lookup finds the newest', async () => {
    const client = gate.restAt(venue);
    const order = { ...FUTURES, size: 1, price: gate.below(venue, 2), tif: 'gtc', text: 't-twice' };
    const first = await client.submitFuturesOrder(order);
    const second = await client.submitFuturesOrder(order);
    expect(second.id).not.toBe(first.id);
    expect(await client.getFuturesOrder({ settle: 'usdt', order_id: 't-twice' })).toMatchObject({ id: second.id });
    await client.cancelAllFuturesOrders(FUTURES);
  });

  test('a stale timestamp is refused', async () => {
    const late = gate.lateRestAt(venue, 120_000);
    expect(await refusalOf(late.getFuturesAccount({ settle: 'usdt' }))).toMatchObject({
      code: 403,
      body: { label: 'REQUEST_EXPIRED' },
    });
  });
});

describe('pairs over REST', () => {
  const venue = 'gate-spot';
  const buy = { currency_pair: PAIR, side: 'buy', amount: '0.01' } as const;

  test('pairs, currencies, book, trades, candles and tickers', async () => {
    const client = gate.restAt(venue);
    expect(await client.getSpotCurrencyPairs()).toMatchObject([
      { id: PAIR, precision: 1, amount_precision: 6, min_quote_amount: '3', trade_status: 'tradable' },
    ]);
    expect((await client.getSpotCurrencies()).map(({ currency }) => currency)).toEqual(['BTC', 'USDT']);
    const book = await client.getSpotOrderBook({ currency_pair: PAIR, limit: 5, with_id: true });
    expect(book.asks).toHaveLength(5);
    expect(book.id).toBeGreaterThan(0);
    while ((await client.getSpotTrades({ currency_pair: PAIR, limit: 3 })).length < 3) await Bun.sleep(10);
    expect((await client.getSpotCandles({ currency_pair: PAIR, interval: '1m' })).length).toBeGreaterThan(0);
    expect(await client.getSpotTicker({ currency_pair: PAIR })).toMatchObject([{ currency_pair: PAIR }]);
  });

  test('an order lives: placed, seen, amended, found by its text while pending, canceled', async () => {
    const client = gate.restAt(venue);
    const price = gate.below(venue, 2);
    const placed = await client.submitSpotOrder({ ...buy, price, text: 't-life1' });
    expect(placed).toMatchObject({ currency_pair: PAIR, amount: '0.01', left: '0.01', price, status: 'open' });
    const id = String(placed.id);
    const [group] = await client.getSpotOpenOrders();
    expect(group).toMatchObject({ currency_pair: PAIR, total: 1, orders: [{ id, text: 't-life1' }] });
    const amended = await client.updateSpotOrder({ order_id: id, currency_pair: PAIR, amount: '0.02' });
    expect(amended).toMatchObject({ id, amount: '0.02' });
    const byText = { order_id: 't-life1', currency_pair: PAIR };
    expect(await client.getSpotOrder(byText)).toMatchObject({ id });
    expect(await client.cancelSpotOrder(byText)).toMatchObject({ id, status: 'cancelled', finish_as: 'cancelled' });
    // Once it ended, only its id finds it.
    expect(await refusalOf(client.getSpotOrder(byText))).toMatchObject({ body: { label: 'CLIENT_ID_NOT_FOUND' } });
    expect(await client.getSpotOrder({ order_id: id, currency_pair: PAIR })).toMatchObject({ status: 'cancelled' });
    const finished = await client.getSpotOrders({ currency_pair: PAIR, status: 'finished' });
    expect(finished.map((order) => order.id)).toContain(id);
  });

  test('a resting order locks what it may pay, and a market buy spends quote', async () => {
    const client = gate.restAt(venue);
    const price = gate.below(venue, 2);
    await client.submitSpotOrder({ ...buy, price });
    const held = await client.getSpotAccounts({ currency: 'USDT' });
    expect(Number(held[0]?.locked)).toBeCloseTo(Number(price) * 0.01, 6);
    await client.cancelSpotOpenOrders({ currency_pair: PAIR });
    const market = { currency_pair: PAIR, type: 'market', time_in_force: 'ioc' } as const;
    const bought = await client.submitSpotOrder({ ...market, side: 'buy', amount: '500' });
    expect(bought).toMatchObject({ status: 'closed', finish_as: 'filled', amount: '500', fee_currency: 'BTC' });
    expect(Number(bought.filled_total)).toBeLessThanOrEqual(500);
    const trades = await client.getSpotTradingHistory({ currency_pair: PAIR, order_id: String(bought.id) });
    const truth = gate.sim.venue(venue).core.fills('main', PAIR, { venueOrderId: String(bought.id), limit: 100 });
    expect(trades.map(({ id, price, fee }) => [id, price, fee]).reverse()).toEqual(
      truth.map((fill) => [fill.tradeId, fill.price, fill.fee]),
    );
    const sold = await client.submitSpotOrder({ ...market, side: 'sell', amount: '0.005' });
    expect(sold).toMatchObject({ status: 'closed', filled_amount: '0.005', fee_currency: 'USDT' });
  });

  test('batches, cancel by list and the countdown', async () => {
    const client = gate.restAt(venue);
    const row = (text: string, percent: number) => ({ ...buy, price: gate.below(venue, percent), text });
    const placed = await client.submitSpotBatchOrders([row('t-b1', 2), { ...row('t-b2', 3), amount: '9000' }]);
    expect(placed).toMatchObject([
      { succeeded: true, text: 't-b1' },
      { succeeded: false, text: 't-b2' },
    ]);
    const ids = [String(placed[0]?.id), '999'].map((id) => ({ currency_pair: PAIR, id }));
    expect(await client.batchCancelSpotOrders(ids)).toMatchObject([
      { succeeded: true },
      { succeeded: false, label: 'ORDER_NOT_FOUND' },
    ]);
    const armed = await client.submitSpotCountdownOrders({ timeout: 30, currency_pair: PAIR });
    expect(Number(armed.triggerTime)).toBeGreaterThan(Date.now());
    await client.submitSpotCountdownOrders({ timeout: 0, currency_pair: PAIR });
  });

  test('refusals are the labels and statuses of the venue', async () => {
    const order = { ...buy, price: gate.below(venue, 2) };
    const client = gate.restAt(venue);
    expect(await refusalOf(gate.restAt(venue, { apiSecret: 'wrong' }).submitSpotOrder(order))).toMatchObject({
      code: 401,
      body: { label: 'INVALID_SIGNATURE' },
    });
    expect(await refusalOf(client.submitSpotOrder({ ...order, currency_pair: 'NO_PAIR' }))).toMatchObject({
      code: 400,
      body: { label: 'INVALID_CURRENCY_PAIR' },
    });
    const ask = Number(gate.sim.venue(venue).core.bestQuote(PAIR)?.ask[0]);
    const cross = { ...order, price: String(ask + 10), time_in_force: 'poc' } as const;
    expect(await refusalOf(client.submitSpotOrder(cross))).toMatchObject({ body: { label: 'POC_FILL_IMMEDIATELY' } });
    expect(await refusalOf(client.submitSpotOrder({ ...order, amount: '900' }))).toMatchObject({
      body: { label: 'BALANCE_NOT_ENOUGH' },
    });
    const placed = await client.submitSpotOrder({ ...order, text: 't-twice' });
    const again = await client.submitSpotOrder({ ...order, text: 't-twice' });
    expect(again.id).not.toBe(placed.id);
    await client.cancelSpotOpenOrders({ currency_pair: PAIR });
    expect(await refusalOf(client.cancelSpotOrder({ order_id: String(placed.id), currency_pair: PAIR }))).toMatchObject(
      { body: { label: 'ORDER_CANCELLED' } },
    );
  });
});
