/** The venue layer against the sim, through ccxt's production code: how the account trades, and what changes it. */
import { expect, test } from 'bun:test';
import { MarginMode, PositionMode } from '../proto/gen/trunkline/exchange/v1/account.ts';
import { ListFundingPaymentsRequest } from '../proto/gen/trunkline/exchange/v1/exchange_service.ts';
import { DenyRule, OrderType, PlaceOrder, PositionSide, Side } from '../proto/gen/trunkline/exchange/v1/order.ts';
import { admit } from './support/venue-orders.ts';
import { rigPerTest, SYMBOL } from './support/venue-rig.ts';

const { ready } = rigPerTest();

const market = (clientOrderId: string, side: Side, positionSide: PositionSide, reduceOnly = false) =>
  PlaceOrder.fromPartial({
    ...{ clientOrderId, symbol: SYMBOL, side, positionSide, reduceOnly },
    type: OrderType.MARKET,
    quantity: '0.01',
  });

test('an order whose side does not fit the mode never leaves, and the field is named', async () => {
  const { venue } = await ready();
  const sided = await venue.place(market('m_1', Side.BUY, PositionSide.LONG), admit);
  expect(sided.fate).toMatchObject({ $case: 'denied', value: { rule: DenyRule.INVALID, field: 'position_side' } });
});

test('settings are read, and a change of them is an event', async () => {
  const { venue, events, until } = await ready();
  await venue.setLeverage(SYMBOL, 7);
  await until(
    () => events.some((event) => event.kind === 'settings' && event.settings.leverage === 7),
    'the new leverage',
  );
  expect(await venue.getAccountSettings(SYMBOL)).toMatchObject({
    symbol: SYMBOL,
    leverage: 7,
    marginMode: MarginMode.CROSS,
    positionMode: PositionMode.ONE_WAY,
  });
});

test('the list of funding payments is the venue\u2019s ledger', async () => {
  const { venue } = await ready();
  const request = ListFundingPaymentsRequest.fromPartial({ symbol: SYMBOL, sinceUs: 1 });
  expect(await venue.listFundingPayments(request)).toMatchObject({ payments: [], nextPageToken: '' });
});
