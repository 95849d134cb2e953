/** Gate's venue layer against the sim: start and its refusals, queries, settings. */
import { describe, expect, test } from 'bun:test';
import { MarginMode, PositionMode } from '../proto/gen/trunkline/exchange/v1/account.ts';
import { ListFillsRequest } from '../proto/gen/trunkline/exchange/v1/exchange_service.ts';
import { OrderStatus, OrderType, PlaceOrder, PositionSide, Side } from '../proto/gen/trunkline/exchange/v1/order.ts';
import { VenueState } from '../proto/gen/trunkline/exchange/v1/session.ts';
import { acceptedOrder, admit, fillsOf, limit } from './support/venue-orders.ts';
import { API_KEY, API_SECRET, FRONTS, type RigOptions, rigPerTest } from './support/venue-rig.ts';

const { open, ready } = rigPerTest();
const PERPETUAL = 'gate-usdt-futures';

const marketOrder = (symbol: string, side: Side, clientOrderId: string, fields: Partial<PlaceOrder> = {}) =>
  PlaceOrder.fromPartial({ clientOrderId, symbol, side, type: OrderType.MARKET, quantity: '0.01', ...fields });

for (const front of [PERPETUAL, 'gate-spot'] as const) {
  const { symbol, venueSymbol } = FRONTS[front];
  const on = (options: RigOptions = {}): RigOptions => ({ front, ...options });

  describe(`start on ${front}`, () => {
    test('a wrong secret is a refusal that names what the venue said, and no secret', async () => {
      const rig = await open(on({ secret: 'wrong-secret-0123456789' }));
      const refusal = await rig.venue.start();
      expect(refusal?.code).toBe('bad_credentials');
      expect(refusal?.message).toContain('INVALID_SIGNATURE');
      expect(JSON.stringify(refusal) + rig.logged()).not.toMatch(/canary|wrong-secret/);
    });

    test('a key that can withdraw is refused', async () => {
      const rig = await open(on({ canWithdraw: true }));
      expect((await rig.venue.start())?.code).toBe('can_withdraw');
    });

    test('a unified account is refused', async () => {
      const detail = { user_id: 1, key: { mode: 2 } };
      const rig = await open(on({ behind: answering('/api/v4/account/detail', detail) }));
      expect((await rig.venue.start())?.code).toBe('unsupported_account');
    });

    test('a key whose rights the venue does not tell is taken, and that is logged', async () => {
      const rig = await open(on());
      const body = { label: 'FORBIDDEN', message: 'no permission' };
      await rig.fault({ kind: 'refuse', path: '/api/v4/account/main_keys', status: 403, body });
      expect(await rig.venue.start()).toBeUndefined();
      expect(rig.logged()).toContain('does not tell whether the key may withdraw');
    });

    test('an unknown symbol is refused by name, with what there is', async () => {
      const rig = await open(on({ symbols: ['BTC/USDX'] }));
      const refusal = await rig.venue.start();
      expect(refusal).toMatchObject({ code: 'unknown_symbol' });
      expect(refusal?.message).toContain('BTC/USDX');
      expect(refusal?.message).toContain(symbol);
    });

    test('a venue that is away at first is waited for, and the account is known once it came', async () => {
      const rig = await open(on());
      const body = { label: 'SERVER_ERROR', message: 'busy' };
      await rig.fault({ kind: 'refuse', path: '/api/v4/account/detail', status: 503, body, count: 1 });
      expect(rig.venue.accountUid).toBe('');
      expect(await rig.venue.start()).toBeUndefined();
      expect(rig.venue.status.state).toBe(VenueState.READY);
      expect(rig.venue.accountUid).toMatch(/^\d+$/);
    });

    test('no error text carries a key or a secret', async () => {
      const current = await ready(on());
      const path = front === PERPETUAL ? '/api/v4/futures/usdt/orders' : '/api/v4/spot/orders';
      const message = `bad ${API_KEY} SIGN=0123abc ${API_SECRET}`;
      await current.fault({ kind: 'refuse', path, status: 400, body: { label: 'INVALID_PARAM_VALUE', message } });
      const failure = await current.venue.listOpenOrders({ symbol: '', pageSize: 0, pageToken: '' }).catch(String);
      expect(failure).toContain('INVALID_PARAM_VALUE');
      expect(failure).not.toMatch(/canary|0123abc/);
    });
  });

  describe(`queries on ${front}`, () => {
    test('balances, candles, time, fees and the countdown are the venue\u2019s', async () => {
      const { venue } = await ready(on());
      const { balances } = await venue.getBalances();
      expect(balances.find(({ asset }) => asset === 'USDT')).toMatchObject({ total: '1000000', available: '1000000' });
      const sold = acceptedOrder(await venue.place(marketOrder(symbol, Side.SELL, 'q_1'), admit));
      expect(sold).toMatchObject({ status: OrderStatus.FILLED, quantity: '0.01', filledQuantity: '0.01' });
      const candles = { symbol, interval: 1, sinceUs: 0, untilUs: 0, pageSize: 10, pageToken: '' };
      const listed = (await venue.listCandles(candles)).candles;
      expect(listed.length).toBeGreaterThan(0);
      expect(listed.every(({ high, low }) => Number(high) >= Number(low))).toBe(true);
      const time = await venue.getServerTime();
      expect(Math.abs(time.venueTimeUs - time.askedAtUs)).toBeLessThan(5_000_000);
      expect(venue.instruments[0]?.takerFeeRate).toMatch(/^0\.\d+$/);
      await venue.armDeadMan(symbol, 30_000);
      await venue.armDeadMan(symbol, 0);
    });

    test('a list of fills pages through everything once, whatever the page size', async () => {
      const { venue, sim } = await ready(on());
      for (let index = 0; index < 5; index++) {
        const price = index % 2 === 0 ? '61000' : '59000';
        const side = index % 2 === 0 ? Side.BUY : Side.SELL;
        acceptedOrder(await venue.place(limit({ symbol, side, price, clientOrderId: `p_${index}` }), admit));
      }
      const truth = sim.core.fills('main', venueSymbol, { limit: 1_000 }).map((fill) => fill.tradeId);
      expect(truth.length).toBeGreaterThanOrEqual(5);
      for (const sinceUs of [0, Date.now() * 1_000 - 3_600_000_000]) {
        const seen: string[] = [];
        let pageToken = '';
        do {
          const page = await venue.listFills(ListFillsRequest.fromPartial({ symbol, sinceUs, pageSize: 2, pageToken }));
          seen.push(...page.fills.map((fill) => fill.tradeId));
          pageToken = page.nextPageToken;
        } while (pageToken !== '');
        expect(seen).toEqual(truth);
      }
    });
  });
}

describe('the futures account', () => {
  const { symbol } = FRONTS[PERPETUAL];

  test('positions, funding rate and leverage are the venue\u2019s', async () => {
    const { venue } = await ready({ front: PERPETUAL });
    acceptedOrder(await venue.place(marketOrder(symbol, Side.SELL, 's_1'), admit));
    expect((await venue.listPositions()).positions).toMatchObject([{ symbol, quantity: '-0.01' }]);
    expect((await venue.getFundingRate(symbol)).fundingRate).toMatch(/^-?\d/);
    expect(await venue.setLeverage(symbol, 10)).toBe(10);
    expect(await venue.getAccountSettings(symbol)).toMatchObject({ leverage: 10, marginMode: MarginMode.CROSS });
  });

  test('the margin mode changes where no position is held, and the leverage stays in both', async () => {
    const { venue, events } = await ready({ front: PERPETUAL });
    await venue.setLeverage(symbol, 7);
    const said = events.flatMap((event) => (event.kind === 'settings' ? [event.settings] : []));
    expect(said.at(-1)).toMatchObject({ symbol, leverage: 7, positionMode: PositionMode.ONE_WAY });
    await venue.setMarginMode(symbol, MarginMode.ISOLATED);
    expect(await venue.getAccountSettings(symbol)).toMatchObject({ leverage: 7, marginMode: MarginMode.ISOLATED });
    expect(await venue.setLeverage(symbol, 9)).toBe(9);
    await venue.setMarginMode(symbol, MarginMode.CROSS);
    expect(await venue.getAccountSettings(symbol)).toMatchObject({ leverage: 9, marginMode: MarginMode.CROSS });
  });

  test('in hedge mode each side opens and closes by itself, and one-way orders are refused here', async () => {
    const { venue, until, events } = await ready({ front: PERPETUAL });
    await venue.setPositionMode(PositionMode.HEDGE);
    await venue.setPositionMode(PositionMode.HEDGE);
    const place = (side: Side, positionSide: PositionSide, id: string) =>
      venue.place(marketOrder(symbol, side, id, { positionSide }), admit);
    const long = acceptedOrder(await place(Side.BUY, PositionSide.LONG, 'h_1'));
    expect(long).toMatchObject({ positionSide: PositionSide.LONG, status: OrderStatus.FILLED });
    const short = acceptedOrder(await place(Side.SELL, PositionSide.SHORT, 'h_2'));
    expect(short).toMatchObject({ positionSide: PositionSide.SHORT, reduceOnly: false });
    const positions = (await venue.listPositions()).positions.map(({ side, quantity }) => [side, quantity]);
    expect(positions).toEqual([
      [PositionSide.LONG, '0.01'],
      [PositionSide.SHORT, '-0.01'],
    ]);
    const closed = acceptedOrder(await place(Side.SELL, PositionSide.LONG, 'h_3'));
    expect(closed).toMatchObject({ positionSide: PositionSide.LONG, reduceOnly: true });
    await until(() => fillsOf(events, 'h_3').length > 0, 'the closing fill');
    const sides = ['h_1', 'h_2', 'h_3'].map((id) => new Set(fillsOf(events, id).map((fill) => fill.positionSide)));
    expect(sides.map((each) => [...each])).toEqual([[PositionSide.LONG], [PositionSide.SHORT], [PositionSide.LONG]]);
    expect((await place(Side.BUY, PositionSide.BOTH, 'h_4')).fate).toMatchObject({
      $case: 'denied',
      value: { field: 'position_side' },
    });
  });
});

/** Hands REST through to the sim, and answers this one path by itself. */
function answering(path: string, body: object) {
  return (simUrl: string) =>
    Bun.serve({
      port: 0,
      hostname: '127.0.0.1',
      async fetch(request) {
        const { pathname, search } = new URL(request.url);
        if (pathname === path) return Response.json(body);
        return fetch(`${simUrl}${pathname}${search}`, { method: request.method, headers: request.headers });
      },
    });
}
