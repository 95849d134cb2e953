/** The venue layer against the sim, through ccxt's production code: how the account trades, and what changes it. */
import { expect, test } from 'bun:test';
import { MarginMode, PositionMode } from '../proto/gen/trunkline/exchange/v1/account.ts';
import { ListFundingPaymentsRequest } from '../proto/gen/trunkline/exchange/v1/exchange_service.ts';
import { Channel, Topic } from '../proto/gen/trunkline/exchange/v1/market_data.ts';
import { DenyRule, OrderType, PlaceOrder, PositionSide, Side } from '../proto/gen/trunkline/exchange/v1/order.ts';
import { acceptedOrder, admit, limit, marketOf } from './support/venue-orders.ts';
import { rigPerTest, SYMBOL, type VenueRig } from './support/venue-rig.ts';

const { ready } = rigPerTest();

const market = (clientOrderId: string, side: Side, positionSide: PositionSide, reduceOnly = false) =>
  PlaceOrder.fromPartial({
    ...{ clientOrderId, symbol: SYMBOL, side, positionSide, reduceOnly },
    type: OrderType.MARKET,
    quantity: '0.01',
  });

async function positionsOf({ venue }: VenueRig): Promise<[PositionSide, string][]> {
  const { positions } = await venue.listPositions();
  return positions.filter(({ quantity }) => quantity !== '0').map(({ side, quantity }) => [side, quantity]);
}

test('in hedge mode both sides are held at once, and an order says which it means', async () => {
  const rig = await ready();
  const { venue } = rig;
  await venue.setPositionMode(PositionMode.HEDGE);
  const long = acceptedOrder(await venue.place(market('h_1', Side.BUY, PositionSide.LONG), admit));
  expect(long.positionSide).toBe(PositionSide.LONG);
  acceptedOrder(await venue.place(market('h_2', Side.SELL, PositionSide.SHORT), admit));
  expect((await positionsOf(rig)).sort()).toEqual([
    [PositionSide.LONG, '0.01'],
    [PositionSide.SHORT, '-0.01'],
  ]);
  acceptedOrder(await venue.place(market('h_3', Side.SELL, PositionSide.LONG, true), admit));
  expect(await positionsOf(rig)).toEqual([[PositionSide.SHORT, '-0.01']]);
});

test('an order whose side does not fit the mode never leaves, and the field is named', async () => {
  const { venue } = await ready();
  const sided = await venue.place(market('m_1', Side.BUY, PositionSide.LONG), admit);
  expect(sided.fate).toMatchObject({ $case: 'denied', value: { rule: DenyRule.INVALID, field: 'position_side' } });
  await venue.setPositionMode(PositionMode.HEDGE);
  const unsided = await venue.place(limit({ price: '58000', positionSide: PositionSide.BOTH }), admit);
  expect(unsided.fate).toMatchObject({ $case: 'denied', value: { rule: DenyRule.INVALID, field: 'position_side' } });
  const adding = await venue.place(market('m_2', Side.BUY, PositionSide.LONG, true), admit);
  expect(adding.fate).toMatchObject({ $case: 'denied', value: { rule: DenyRule.INVALID, field: 'reduce_only' } });
});

test('settings are read, and a change of them is an event', async () => {
  const { venue, events, until } = await ready();
  await venue.setLeverage(SYMBOL, 7);
  await until(
    () => events.some((event) => event.kind === 'settings' && event.settings.leverage === 7),
    'the new leverage',
  );
  await venue.setMarginMode(SYMBOL, MarginMode.ISOLATED);
  await venue.setPositionMode(PositionMode.HEDGE);
  expect(events.findLast((event) => event.kind === 'settings')).toMatchObject({
    settings: { symbol: SYMBOL, positionMode: PositionMode.HEDGE },
  });
  expect(await venue.getAccountSettings(SYMBOL)).toMatchObject({
    symbol: SYMBOL,
    leverage: 7,
    marginMode: MarginMode.ISOLATED,
    positionMode: PositionMode.HEDGE,
  });
});

test('the list of funding payments is the venue\u2019s ledger', async () => {
  const { venue } = await ready();
  const request = ListFundingPaymentsRequest.fromPartial({ symbol: SYMBOL, sinceUs: 1 });
  expect(await venue.listFundingPayments(request)).toMatchObject({ payments: [], nextPageToken: '' });
});

test('open interest, which is not streamed, is asked for once somebody listens', async () => {
  const { venue, events, until } = await ready();
  venue.subscribe(Topic.fromPartial({ channel: Channel.OPEN_INTEREST, symbol: SYMBOL }));
  const said = () => marketOf(events, Channel.OPEN_INTEREST).filter(({ event }) => event?.$case === 'openInterest');
  await until(() => said().length > 0, 'the open interest');
  expect(said()[0]).toMatchObject({ event: { value: { quantity: expect.stringMatching(/^\d/) } } });
});
