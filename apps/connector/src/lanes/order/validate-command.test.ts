import { expect, test } from 'bun:test';
import { PositionMode } from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import { Capabilities } from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import { Instrument } from '@trunkline/proto/gen/trunkline/exchange/v1/instrument';
import {
  AmendOrder,
  DenyRule,
  OrderType,
  PlaceOrder,
  PositionSide,
  Side,
  TimeInForce,
} from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { literal, parseOrderTag } from '@trunkline/proto/ids';
import { checkAmend, checkPlace, checkReference, type Rules } from './validate-command.ts';

const SYMBOL = 'BTC/USDT:USDT';
const instrument = Instrument.fromPartial({
  symbol: SYMBOL,
  tickSize: '0.1',
  quantityStep: '0.001',
  minQuantity: '0.002',
  maxQuantity: '100',
  minNotional: '50',
});
const rules: Rules = {
  tag: literal(parseOrderTag, 'bin'),
  capabilities: Capabilities.fromPartial({
    orderTypes: [OrderType.LIMIT, OrderType.MARKET],
    timesInForce: [TimeInForce.GTC, TimeInForce.IOC],
    postOnly: true,
  }),
  instruments: new Map([[SYMBOL, instrument]]),
};
const good = {
  clientOrderId: 'bin_1_abcde0',
  symbol: SYMBOL,
  side: Side.BUY,
  type: OrderType.LIMIT,
  price: '60000.10',
  quantity: '0.0100',
};
const order = (changes: Partial<PlaceOrder>) => PlaceOrder.fromPartial({ ...good, ...changes });

/** Which field is refused, and by which rule. */
function refusal(changes: Partial<PlaceOrder>, at = '') {
  const checked = checkPlace(order(changes), rules, at);
  return checked.kind === 'valid' ? 'valid' : `${DenyRule[checked.denied.rule]} ${checked.denied.field}`;
}

test('what passes is complete and canonical', () => {
  const checked = checkPlace(order({}), rules, '');
  expect(checked).toMatchObject({
    kind: 'valid',
    value: { price: '60000.1', quantity: '0.01', timeInForce: TimeInForce.GTC, positionSide: PositionSide.BOTH },
  });
  const market = checkPlace(order({ type: OrderType.MARKET, price: undefined }), rules, '');
  expect(market).toMatchObject({ kind: 'valid', value: { timeInForce: TimeInForce.IOC, price: undefined } });
});

test('impossible content is refused with the name of its field', () => {
  const cases: [Partial<PlaceOrder>, string][] = [
    [{ clientOrderId: '' }, 'client_order_id'],
    [{ clientOrderId: 't_1_abcde0' }, 'client_order_id'],
    [{ clientOrderId: 'bin_1_abcde0'.padEnd(27, '0') }, 'client_order_id'],
    [{ clientOrderId: 'foe_1_abcde0' }, 'client_order_id'],
    [{ symbol: 'DOGE/USDT' }, 'symbol'],
    [{ symbol: '' }, 'symbol'],
    [{ side: Side.UNSPECIFIED }, 'side'],
    [{ side: Side.UNRECOGNIZED }, 'side'],
    [{ type: OrderType.UNSPECIFIED }, 'type'],
    [{ timeInForce: TimeInForce.UNRECOGNIZED }, 'time_in_force'],
    [{ positionSide: PositionSide.UNRECOGNIZED }, 'position_side'],
    [{ postOnly: true, timeInForce: TimeInForce.IOC }, 'post_only'],
    [{ price: undefined }, 'price'],
    [{ price: '' }, 'price'],
    [{ price: 'NaN' }, 'price'],
    [{ price: '1e5' }, 'price'],
    [{ price: '-1' }, 'price'],
    [{ price: '0' }, 'price'],
    [{ price: '60000.05' }, 'price'],
    [{ price: '9'.repeat(10_000_000) }, 'price'],
    [{ quantity: '' }, 'quantity'],
    [{ quantity: 'Infinity' }, 'quantity'],
    [{ quantity: '0' }, 'quantity'],
    [{ quantity: '-1' }, 'quantity'],
    [{ quantity: '0.001' }, 'quantity'],
    [{ quantity: '0.0105' }, 'quantity'],
    [{ quantity: '101' }, 'quantity'],
    [{ price: '1000', quantity: '0.002' }, 'quantity'],
    [{ type: OrderType.MARKET, price: '1' }, 'price'],
    [{ type: OrderType.MARKET, price: undefined, timeInForce: TimeInForce.GTC }, 'time_in_force'],
  ];
  for (const [changes, field] of cases) expect(refusal(changes)).toBe(`INVALID ${field}`);
  expect(refusal({ price: '60000.05' }, 'orders[2].')).toBe('INVALID orders[2].price');
});

test('what the venue lacks is unsupported, not invalid', () => {
  expect(refusal({ timeInForce: TimeInForce.FOK })).toBe('UNSUPPORTED time_in_force');
  expect(refusal({ reduceOnly: true })).toBe('UNSUPPORTED reduce_only');
});

test('a market order is taken on the sides that the venue counts in base asset', () => {
  const capabilities = { ...rules.capabilities, marketOrderSides: [Side.SELL] };
  const sided = (side: Side, type: OrderType) => {
    const price = type === OrderType.MARKET ? undefined : '60000';
    const checked = checkPlace(order({ side, type, price }), { ...rules, capabilities }, '');
    return checked.kind === 'valid' ? 'valid' : `${DenyRule[checked.denied.rule]} ${checked.denied.field}`;
  };
  expect(sided(Side.BUY, OrderType.MARKET)).toBe('UNSUPPORTED side');
  expect(sided(Side.SELL, OrderType.MARKET)).toBe('valid');
  expect(sided(Side.BUY, OrderType.LIMIT)).toBe('valid');
});

test('a refusal repeats no more of the input than a line holds', () => {
  for (const field of ['price', 'quantity', 'symbol', 'clientOrderId'] as const) {
    const checked = checkPlace(order({ [field]: 'x'.repeat(10_000_000) }), rules, '');
    expect(checked.kind === 'denied' && checked.denied.message.length).toBeLessThan(300);
  }
});

test('before the instruments are known nothing can be judged', () => {
  const checked = checkPlace(order({}), { ...rules, instruments: new Map() }, '');
  expect(checked).toMatchObject({ kind: 'denied', denied: { rule: DenyRule.NOT_READY } });
});

test('an order is referred to by one of its ids, and by ours only if it carries the tag', () => {
  const reference = { symbol: SYMBOL, clientOrderId: '', venueOrderId: '' };
  expect(checkReference(undefined, rules, 'order.')?.field).toBe('order');
  expect(checkReference(reference, rules, 'order.')?.field).toBe('order.client_order_id');
  expect(checkReference({ ...reference, clientOrderId: 'human1' }, rules, '')?.field).toBe('client_order_id');
  expect(checkReference({ ...reference, venueOrderId: 'a b' }, rules, '')?.field).toBe('venue_order_id');
  expect(checkReference({ ...reference, venueOrderId: '42' }, rules, '')).toBeUndefined();
  expect(checkReference({ ...reference, clientOrderId: 'bin_1_abcde0' }, rules, '')).toBeUndefined();
});

test('an amend is checked like an order, and needs an id of its own', () => {
  const amend = AmendOrder.fromPartial({
    order: { symbol: SYMBOL, clientOrderId: 'bin_1_abcde0' },
    newClientOrderId: 'bin_1_abcde1',
    side: Side.SELL,
    price: '60000.10',
    quantity: '0.01',
  });
  expect(checkAmend(amend, rules)).toMatchObject({ kind: 'valid', value: { price: '60000.1' } });
  expect(checkAmend({ ...amend, price: '60000.05' }, rules)).toMatchObject({ denied: { field: 'price' } });
  expect(checkAmend({ ...amend, newClientOrderId: '' }, rules)).toMatchObject({
    denied: { field: 'new_client_order_id' },
  });
  expect(checkAmend({ ...amend, order: undefined }, rules)).toMatchObject({ denied: { field: 'order' } });
});

test('a position side of its own is refused where the venue has no hedge mode', () => {
  expect(refusal({ positionSide: PositionSide.LONG })).toBe('UNSUPPORTED position_side');
  const positionModes = [PositionMode.ONE_WAY, PositionMode.HEDGE];
  const hedging = { ...rules, capabilities: { ...rules.capabilities, positionModes } };
  expect(checkPlace(order({ positionSide: PositionSide.LONG }), hedging, '').kind).toBe('valid');
});
