/** The control API, against a venue that trades. */
import { afterEach, expect, test } from 'bun:test';
import { startVenue, type TestVenue } from '../venues/binance/test-client.ts';

let venue: TestVenue;
afterEach(() => venue.close());

const ORDER = { symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.01', price: '58000' };
const MARKET = { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '0.002' };
const place = (id: string) => venue.call('POST', '/fapi/v1/order', { ...ORDER, newClientOrderId: id });

test('truth lists orders, fills, balances, positions and requests as exact decimals', async () => {
  venue = await startVenue();
  await place('rests');
  await venue.call('POST', '/fapi/v1/order', { ...MARKET, newClientOrderId: 'takes' });
  await place('rests');
  const truth = async (name: string) => Object((await venue.control('GET', `/truth/${name}?account=main`)).body).items;
  expect(await truth('orders')).toMatchObject([
    { clientOrderId: 'rests', status: 'new', price: '58000', quantity: '0.01', executedQuantity: '0' },
    { clientOrderId: 'takes', status: 'filled', quantity: '0.002', executedQuantity: '0.002' },
  ]);
  expect(await truth('fills')).toMatchObject([{ clientOrderId: 'takes', quantity: '0.002', cause: { kind: 'order' } }]);
  expect(await truth('positions')).toMatchObject([{ symbol: 'BTCUSDT', quantity: '0.002' }]);
  const [balance] = await truth('balances');
  expect(balance).toMatchObject({ accountId: 'main', asset: 'USDT' });
  expect(await truth('requests')).toMatchObject([
    { request: { kind: 'place', order: { clientOrderId: 'rests' } }, verdict: { kind: 'accepted' } },
    { request: { kind: 'place', order: { clientOrderId: 'takes' } }, verdict: { kind: 'accepted' } },
    { request: { kind: 'place' }, verdict: { kind: 'refused', code: 'duplicate_client_order_id' } },
  ]);
});

test('funding payments are truth too', async () => {
  venue = await startVenue({ actionsPerSecond: 0.0001 });
  await venue.call('POST', '/fapi/v1/order', { ...MARKET, newClientOrderId: 'takes' });
  venue.clock.advance(8 * 3_600_000);
  const { items } = Object((await venue.control('GET', '/truth/funding?account=main&symbol=BTCUSDT')).body);
  const paid = venue.sim.core.fundingPayments('main', 'BTCUSDT', { limit: 9 });
  expect(paid).toHaveLength(1);
  expect(items).toEqual([{ seq: expect.any(Number), ...paid[0] }]);
});

test('calls that never reached the core are listed with how they were answered', async () => {
  venue = await startVenue();
  await place('fine');
  await venue.call('POST', '/fapi/v1/order', { ...ORDER, newClientOrderId: 'stale' }, { timestamp: 1 });
  await venue.control('POST', '/faults', { kind: 'refuse', status: 503, body: { code: -1008, msg: 'busy' } });
  await place('unlucky');
  const { items } = Object((await venue.control('GET', '/truth/calls?account=main&symbol=BTCUSDT')).body);
  const common = { account: 'main', method: 'POST', path: '/fapi/v1/order', symbol: 'BTCUSDT' };
  expect(items).toEqual([
    { seq: 0, timeUs: expect.any(Number), ...common, clientOrderId: 'fine', status: 200 },
    { seq: 1, timeUs: expect.any(Number), ...common, clientOrderId: 'stale', status: 400, code: -1021 },
    { seq: 2, timeUs: expect.any(Number), ...common, clientOrderId: 'unlucky', status: 503, code: -1008 },
  ]);
  expect(Object((await venue.control('GET', '/truth/requests')).body).items).toHaveLength(1);
});

test('pages follow each other without loss or repeat', async () => {
  venue = await startVenue();
  for (let index = 0; index < 5; index++) await place(`p${index}`);
  for (const list of ['orders', 'requests']) {
    const seen: string[] = [];
    let after: string | null = '';
    for (let pages = 0; after !== null; pages++) {
      expect(pages).toBeLessThan(5);
      const query: string = `limit=2${after === '' ? '' : `&after=${after}`}`;
      const page = Object((await venue.control('GET', `/truth/${list}?${query}`)).body);
      for (const item of page.items) seen.push(item.clientOrderId ?? item.request.order.clientOrderId);
      after = page.next;
    }
    expect(seen).toEqual(['p0', 'p1', 'p2', 'p3', 'p4']);
  }
});

test('the book is the core book, and what is asked wrongly is refused with what is allowed', async () => {
  venue = await startVenue();
  expect((await venue.control('GET', '/book?symbol=BTCUSDT&limit=3')).body).toEqual(
    JSON.parse(JSON.stringify(venue.sim.core.book('BTCUSDT', 3))),
  );
  const refused = async (path: string) => {
    const { status, body } = await venue.control('GET', path);
    return [status, Object(body).error];
  };
  expect(await refused('/book?symbol=NOPE')).toEqual([400, 'symbol is "NOPE"; it must be one of: BTCUSDT']);
  expect(await refused('/truth/orders?account=x')).toEqual([400, 'account is "x"; it must be one of: main']);
  expect((await refused('/truth/orders?limit=0'))[0]).toBe(400);
  expect((await refused('/nothing'))[0]).toBe(404);
  expect(await venue.control('POST', '/faults', { kind: 'explode' })).toMatchObject({ status: 400 });
});

test('a refused request never reaches the venue; the next one does', async () => {
  venue = await startVenue();
  const fault = { kind: 'refuse', path: '/fapi/v1/order', status: 503, body: { code: -1008, msg: 'busy' } };
  await venue.control('POST', '/faults', fault);
  expect(await place('a')).toMatchObject({ status: 503, body: { code: -1008, msg: 'busy' } });
  expect(venue.sim.core.openOrders('main')).toEqual([]);
  expect((await place('a')).status).toBe(200);
});

test('a failure after acceptance hides an order that exists', async () => {
  venue = await startVenue();
  await venue.control('POST', '/faults', { kind: 'fail_after_accept', method: 'POST', path: '/fapi/v1/order' });
  expect((await place('hidden')).status).toBe(503);
  expect(venue.sim.core.openOrders('main')).toMatchObject([{ clientOrderId: 'hidden' }]);
});

test('a timeout after acceptance answers nothing until its time, over which the order exists', async () => {
  venue = await startVenue();
  await venue.control('POST', '/faults', { kind: 'timeout_after_accept', path: '/fapi/v1/order', holdMs: 30_000 });
  const answer = place('slow');
  while (venue.sim.core.openOrders('main').length === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(await Promise.race([answer, Promise.resolve('no answer yet')])).toBe('no answer yet');
  venue.clock.advance(30_000);
  expect(await answer).toMatchObject({ status: 408, body: { code: -1007 } });
});

test('sockets are dropped by kind, and a listen key expires on demand', async () => {
  venue = await startVenue();
  const { body } = await venue.keyed('POST', '/fapi/v1/listenKey');
  const user = await venue.open(`/private/ws?listenKey=${Object(body).listenKey}`);
  const market = await venue.open('/public/ws/0');
  expect((await venue.control('POST', '/faults', { kind: 'close_sockets', sockets: 'market' })).body).toEqual({
    ok: true,
    closed: 1,
  });
  expect(await market.closed).toMatchObject({ code: 1006 });
  expect((await venue.control('POST', '/faults', { kind: 'expire_listen_key', account: 'main' })).status).toBe(200);
  expect(await user.take(1)).toMatchObject([{ e: 'listenKeyExpired' }]);
  expect((await venue.control('POST', '/faults', { kind: 'expire_listen_key', account: 'main' })).status).toBe(409);
});

test('faults that wait can be lifted', async () => {
  venue = await startVenue();
  await venue.control('POST', '/faults', { kind: 'refuse', status: 503, body: {}, count: 1_000 });
  expect((await place('refused')).status).toBe(503);
  expect((await venue.control('POST', '/faults', { kind: 'lift' })).body).toEqual({ ok: true, lifted: 1 });
  expect((await place('taken')).status).toBe(200);
});
