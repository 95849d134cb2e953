/** The venue layer against the sim, through ccxt's production code: start and its refusals, queries, settings. */
import { describe, expect, test } from 'bun:test';
import { ListFillsRequest } from '../proto/gen/trunkline/exchange/v1/exchange_service.ts';
import { OrderStatus, OrderType, PlaceOrder, Side } from '../proto/gen/trunkline/exchange/v1/order.ts';
import { VenueState } from '../proto/gen/trunkline/exchange/v1/session.ts';
import { acceptedOrder, admit } from './support/venue-orders.ts';
import { API_KEY, API_SECRET, rigPerTest, SYMBOL, VENUE_SYMBOL } from './support/venue-rig.ts';

const { open, ready } = rigPerTest();

describe('start', () => {
  test('a wrong secret is a refusal that names what the venue said, and no secret', async () => {
    const rig = await open({ secret: 'wrong-secret-0123456789' });
    const refusal = await rig.venue.start();
    expect(refusal?.code).toBe('bad_credentials');
    expect(refusal?.message).toContain('-1022');
    expect(JSON.stringify(refusal) + rig.logged()).not.toMatch(/signature=|canary|wrong-secret/);
  });

  test('a key that can withdraw is refused', async () => {
    const rig = await open({ canWithdraw: true });
    expect((await rig.venue.start())?.code).toBe('can_withdraw');
  });

  test('an unknown symbol is refused by name, with what there is', async () => {
    const rig = await open({ symbols: ['BTC/USDX:USDX'] });
    const refusal = await rig.venue.start();
    expect(refusal).toMatchObject({ code: 'unknown_symbol' });
    expect(refusal?.message).toContain('BTC/USDX:USDX');
    expect(refusal?.message).toContain(SYMBOL);
  });

  test('a venue that is away at first is waited for, and closing ends the wait', async () => {
    const rig = await open();
    await rig.fault({
      kind: 'refuse',
      path: '/fapi/v1/exchangeInfo',
      status: 503,
      body: { code: 0, msg: 'busy' },
      count: 1,
    });
    expect(await rig.venue.start()).toBeUndefined();
    expect(rig.venue.status.state).toBe(VenueState.READY);
  });

  test('no error text carries a key, a secret or a signature', async () => {
    const current = await ready();
    await current.fault({
      kind: 'refuse',
      path: '/fapi/v1/openOrders',
      status: 400,
      body: { code: -1102, msg: `bad ${API_KEY} https://x/y?signature=abc&timestamp=1 ${API_SECRET}` },
    });
    const failure = await current.venue.listOpenOrders({ symbol: '', pageSize: 0, pageToken: '' }).catch(String);
    expect(failure).toContain('-1102');
    expect(failure).not.toContain('canary');
    expect(failure).not.toContain('signature=abc');
  });
});

describe('queries', () => {
  test('balances, positions, candles, funding, time and settings are the venue\u2019s', async () => {
    const { venue, sim } = await ready();
    const account = sim.core.account('main');
    expect((await venue.getBalances()).balances).toMatchObject([{ asset: 'USDT', total: '1000000' }]);
    const market = PlaceOrder.fromPartial({
      clientOrderId: 'q_1',
      symbol: SYMBOL,
      side: Side.SELL,
      type: OrderType.MARKET,
      quantity: '0.01',
    });
    expect(acceptedOrder(await venue.place(market, admit)).status).toBe(OrderStatus.FILLED);
    expect((await venue.listPositions()).positions).toMatchObject([{ symbol: SYMBOL, quantity: '-0.01' }]);
    expect(account).toBeDefined();
    const candles = await venue.listCandles({
      symbol: SYMBOL,
      interval: 1,
      sinceUs: 0,
      untilUs: 0,
      pageSize: 10,
      pageToken: '',
    });
    expect(candles.candles.length).toBeGreaterThan(0);
    const newest = candles.candles.at(-1)?.openTimeUs ?? 0;
    const last = { symbol: SYMBOL, interval: 1, sinceUs: newest, untilUs: newest + 1, pageSize: 1, pageToken: '' };
    // A page that is full and reaches the end of the range is the last one all the same.
    expect(await venue.listCandles(last)).toMatchObject({ candles: [{ openTimeUs: newest }], nextPageToken: '' });
    expect((await venue.getFundingRate(SYMBOL)).fundingRate).toMatch(/^-?\d/);
    const time = await venue.getServerTime();
    expect(Math.abs(time.venueTimeUs - time.askedAtUs)).toBeLessThan(5_000_000);
    expect(await venue.setLeverage(SYMBOL, 10)).toBe(10);
    await venue.armDeadMan(SYMBOL, 30_000);
    await venue.armDeadMan(SYMBOL, 0);
  });

  test('a list of fills pages through everything once, whatever the page size', async () => {
    const { venue, sim } = await ready();
    for (let index = 0; index < 5; index++) {
      const side = index % 2 === 0 ? Side.BUY : Side.SELL;
      const order = PlaceOrder.fromPartial({
        clientOrderId: `p_${index}`,
        symbol: SYMBOL,
        side,
        type: OrderType.MARKET,
        quantity: '0.01',
      });
      acceptedOrder(await venue.place(order, admit));
    }
    const truth = sim.core.fills('main', VENUE_SYMBOL, { limit: 1_000 }).map((fill) => fill.tradeId);
    expect(truth.length).toBeGreaterThanOrEqual(5);
    for (const sinceUs of [0, Date.now() * 1_000 - 3_600_000_000]) {
      const seen: string[] = [];
      let pageToken = '';
      do {
        const page = await venue.listFills(
          ListFillsRequest.fromPartial({ symbol: SYMBOL, sinceUs, pageSize: 2, pageToken }),
        );
        seen.push(...page.fills.map((fill) => fill.tradeId));
        pageToken = page.nextPageToken;
      } while (pageToken !== '');
      expect([...new Set(seen)]).toEqual(truth);
    }
  });
});
