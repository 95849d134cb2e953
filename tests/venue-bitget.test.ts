/** Bitget's venue layer against the sim, through ccxt's production code: start and its refusals, queries, settings. */
import { describe, expect, test } from 'bun:test';
import { MarginMode, PositionMode } from '../proto/gen/trunkline/exchange/v1/account.ts';
import { ListFillsRequest, ListFundingPaymentsRequest } from '../proto/gen/trunkline/exchange/v1/exchange_service.ts';
import { CandleInterval } from '../proto/gen/trunkline/exchange/v1/market_data.ts';
import {
  DenyRule,
  OrderStatus,
  OrderType,
  PlaceOrder,
  PositionSide,
  Side,
} from '../proto/gen/trunkline/exchange/v1/order.ts';
import { VenueState } from '../proto/gen/trunkline/exchange/v1/session.ts';
import { acceptedOrder, admit, fillsOf, limit, ordersOf } from './support/venue-orders.ts';
import {
  API_KEY,
  API_PASSPHRASE,
  API_SECRET,
  FRONTS,
  type RigOptions,
  rigPerTest,
  type VenueRig,
} from './support/venue-rig.ts';

const { open: openOn, ready: readyOn } = rigPerTest();

const MARKETS = [
  {
    front: 'bitget-usdt-futures',
    instruments: '/api/v2/mix/market/contracts',
    openOrders: '/api/v2/mix/order/orders-pending',
  },
  {
    front: 'bitget-spot',
    instruments: '/api/v2/spot/public/symbols',
    openOrders: '/api/v2/spot/trade/unfilled-orders',
  },
] as const;

const KEY_RIGHTS = '/api/v2/spot/account/info';
const refusal = (code: string, msg: string) => ({ code, msg, requestTime: 0, data: null });

for (const { front, instruments, openOrders } of MARKETS) {
  const { symbol, venueSymbol } = FRONTS[front];
  const open = (options: RigOptions = {}) => openOn({ front, ...options });
  const ready = (options: RigOptions = {}) => readyOn({ front, ...options });

  describe(`start on ${front}`, () => {
    test('a wrong secret is a refusal that names what the venue said, and no secret', async () => {
      const rig = await open({ secret: 'wrong-secret-0123456789' });
      const refused = await rig.venue.start();
      expect(refused?.code).toBe('bad_credentials');
      expect(refused?.message).toContain('40009');
      expect(JSON.stringify(refused) + rig.logged()).not.toMatch(/canary|wrong-secret/);
    });

    test('a key that can withdraw is refused', async () => {
      const rig = await open({ canWithdraw: true });
      expect((await rig.venue.start())?.code).toBe('can_withdraw');
    });

    test('a key that may not read spot is served, and the log says what is not known', async () => {
      const rig = await open();
      const body = refusal('40014', 'Incorrect permissions, need spot read permissions');
      await rig.fault({ kind: 'refuse', path: KEY_RIGHTS, status: 400, body });
      expect(await rig.venue.start()).toBeUndefined();
      expect(rig.logged()).toContain('withdraw');
    });

    test('a unified account is refused with the reason', async () => {
      const rig = await open();
      const body = refusal('40085', 'You are in Unified Account mode, and the Classic Account API is not supported');
      await rig.fault({ kind: 'refuse', path: KEY_RIGHTS, status: 400, body });
      const refused = await rig.venue.start();
      expect(refused?.code).toBe('unsupported_account');
      expect(refused?.message).toContain('classic');
    });

    test('an unknown symbol is refused by name, with what there is', async () => {
      const rig = await open({ symbols: ['BTC/USDX'] });
      const refused = await rig.venue.start();
      expect(refused).toMatchObject({ code: 'unknown_symbol' });
      expect(refused?.message).toContain('BTC/USDX');
      expect(refused?.message).toContain(symbol);
    });

    test('a venue that is away at first is waited for', async () => {
      const rig = await open();
      const body = refusal('40200', 'Server upgrade, please try again later');
      await rig.fault({ kind: 'refuse', path: instruments, status: 503, body, count: 1 });
      expect(await rig.venue.start()).toBeUndefined();
      expect(rig.venue.status.state).toBe(VenueState.READY);
    });

    test('the instrument has the account\u2019s fees', async () => {
      const { venue } = await ready();
      expect(venue.instruments).toMatchObject([{ symbol, venueSymbol, base: 'BTC', quote: 'USDT' }]);
      expect(venue.instruments[0]?.makerFeeRate).toMatch(/^0\.\d+$/);
      expect(venue.instruments[0]?.takerFeeRate).toMatch(/^0\.\d+$/);
    });

    test('no error text carries a key, a secret or a passphrase', async () => {
      const { venue, fault } = await ready();
      const body = refusal('40017', `bad ${API_KEY} https://x/y?sign=abc&timestamp=1 ${API_SECRET} ${API_PASSPHRASE}`);
      await fault({ kind: 'refuse', path: openOrders, status: 400, body });
      const failure = await venue.listOpenOrders({ symbol: '', pageSize: 0, pageToken: '' }).catch(String);
      expect(failure).toContain('40017');
      expect(failure).not.toContain('canary');
      expect(failure).not.toContain('sign=abc');
    });
  });

  describe(`queries on ${front}`, () => {
    const sell = (clientOrderId: string, fields: Partial<PlaceOrder> = {}) =>
      PlaceOrder.fromPartial({
        clientOrderId,
        symbol,
        side: Side.SELL,
        type: OrderType.MARKET,
        quantity: '0.01',
        ...fields,
      });
    const fillAll = async ({ venue, events, until }: VenueRig, orders: readonly PlaceOrder[]) => {
      for (const order of orders) {
        acceptedOrder(await venue.place(order, admit));
        await until(
          () => ordersOf(events, order.clientOrderId).at(-1)?.status === OrderStatus.FILLED,
          `${order.clientOrderId} filled`,
        );
      }
    };

    test('balances, candles and time are the venue\u2019s', async () => {
      const { venue } = await ready();
      const { balances } = await venue.getBalances();
      expect(balances).toContainEqual(expect.objectContaining({ asset: 'USDT', total: '1000000' }));
      const time = await venue.getServerTime();
      expect(Math.abs(time.venueTimeUs - time.askedAtUs)).toBeLessThan(5_000_000);
      const request = { symbol, interval: CandleInterval.CANDLE_INTERVAL_1M, sinceUs: 0, untilUs: 0, pageSize: 10 };
      const { candles } = await venue.listCandles({ ...request, pageToken: '' });
      expect(candles.length).toBeGreaterThan(0);
      expect(candles.at(-1)?.closed).toBe(false);
      expect(await venue.armDeadMan(symbol, 1_000).catch(String)).toContain('unified accounts');
    });

    test('candles page through a span once, in order', async () => {
      const { venue } = await ready();
      const nowUs = Date.now() * 1_000;
      const span = { symbol, interval: CandleInterval.CANDLE_INTERVAL_1M, sinceUs: nowUs - 1_800_000_000, untilUs: 0 };
      const whole = await venue.listCandles({ ...span, pageSize: 100, pageToken: '' });
      const opened: number[] = [];
      let pageToken = '';
      do {
        const page = await venue.listCandles({ ...span, pageSize: 7, pageToken });
        opened.push(...page.candles.map(({ openTimeUs }) => openTimeUs));
        pageToken = page.nextPageToken;
      } while (pageToken !== '');
      expect(opened).toEqual(whole.candles.map(({ openTimeUs }) => openTimeUs));
    });

    test('a list of fills pages through everything once, whatever the page size', async () => {
      const rig = await ready();
      await fillAll(
        rig,
        Array.from({ length: 5 }, (_, index) => sell(`p_${index}`)),
      );
      const truth = rig.sim.core.fills('main', venueSymbol, { limit: 1_000 }).map((fill) => fill.tradeId);
      expect(truth.length).toBeGreaterThanOrEqual(5);
      for (const sinceUs of [0, Date.now() * 1_000 - 3_600_000_000]) {
        const seen: string[] = [];
        let pageToken = '';
        do {
          const page = await rig.venue.listFills(
            ListFillsRequest.fromPartial({ symbol, sinceUs, pageSize: 2, pageToken }),
          );
          seen.push(...page.fills.map((fill) => fill.tradeId));
          pageToken = page.nextPageToken;
        } while (pageToken !== '');
        expect(seen).toEqual(truth);
      }
    });

    test('open orders page by venue id', async () => {
      const { venue } = await ready();
      const orders = ['58000', '58001', '58002'].map((price) => limit({ symbol, price }));
      for (const order of orders) acceptedOrder(await venue.place(order, admit));
      const seen: string[] = [];
      let pageToken = '';
      do {
        const page = await venue.listOpenOrders({ symbol, pageSize: 2, pageToken });
        seen.push(...page.orders.map((order) => order.clientOrderId));
        pageToken = page.nextPageToken;
      } while (pageToken !== '');
      expect(seen).toEqual(orders.map((order) => order.clientOrderId));
    });
  });
}

describe('a futures account', () => {
  const front = 'bitget-usdt-futures';
  const { symbol } = FRONTS[front];

  test('positions, funding and settings are the venue\u2019s, and what stands already is no error', async () => {
    const { venue, events } = await readyOn({ front });
    expect((await venue.listPositions()).positions).toEqual([]);
    expect((await venue.getFundingRate(symbol)).fundingRate).toMatch(/^-?\d/);
    const { payments } = await venue.listFundingPayments(ListFundingPaymentsRequest.fromPartial({ symbol }));
    expect(payments).toEqual([]);
    expect(await venue.setLeverage(symbol, 10)).toBe(10);
    expect(await venue.setLeverage(symbol, 10)).toBe(10);
    const said = events.flatMap((event) => (event.kind === 'settings' ? [event.settings] : []));
    expect(said.at(-1)).toMatchObject({ symbol, leverage: 10, marginMode: MarginMode.CROSS });
    await venue.setMarginMode(symbol, MarginMode.ISOLATED);
    await venue.setMarginMode(symbol, MarginMode.ISOLATED);
    expect(await venue.getAccountSettings(symbol)).toMatchObject({
      symbol,
      marginMode: MarginMode.ISOLATED,
      positionMode: PositionMode.ONE_WAY,
    });
    await venue.setMarginMode(symbol, MarginMode.CROSS);
    expect(await venue.getAccountSettings(symbol)).toMatchObject({ leverage: 10, marginMode: MarginMode.CROSS });
  });

  test('in hedge mode both sides are opened and closed apart, on the wire and in what is told', async () => {
    const { venue, events, until } = await readyOn({ front });
    await venue.setPositionMode(PositionMode.HEDGE);
    await venue.setPositionMode(PositionMode.HEDGE);
    const market = (clientOrderId: string, side: Side, positionSide: PositionSide) =>
      PlaceOrder.fromPartial({ clientOrderId, symbol, side, positionSide, type: OrderType.MARKET, quantity: '0.01' });
    const trade = async (order: PlaceOrder) => {
      acceptedOrder(await venue.place(order, admit));
      await until(() => fillsOf(events, order.clientOrderId).length > 0, `${order.clientOrderId} filled`);
      const { side, positionSide } = order;
      expect(ordersOf(events, order.clientOrderId).at(-1)).toMatchObject({ side, positionSide });
      expect(fillsOf(events, order.clientOrderId)[0]).toMatchObject({ side, positionSide });
    };
    const held = async () =>
      (await venue.listPositions()).positions.map(({ side, quantity }) => `${PositionSide[side]} ${quantity}`).sort();

    await trade(market('h_1', Side.BUY, PositionSide.LONG));
    await trade(market('h_2', Side.SELL, PositionSide.SHORT));
    expect(await held()).toEqual(['LONG 0.01', 'SHORT -0.01']);
    await trade(market('h_3', Side.SELL, PositionSide.LONG));
    expect(await held()).toEqual(['SHORT -0.01']);
    await trade(market('h_4', Side.BUY, PositionSide.SHORT));
    expect(await held()).toEqual([]);
    const sideless = await venue.place(market('h_5', Side.BUY, PositionSide.BOTH), admit);
    expect(sideless.fate).toMatchObject({
      $case: 'denied',
      value: { rule: DenyRule.INVALID, field: 'position_side' },
    });
  });
});
