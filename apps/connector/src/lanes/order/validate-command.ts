/**
 * Whether a command's content is possible at all, before anything else is asked. Impossible content is
 * denied{RULE_INVALID, field}, what the venue lacks is denied{RULE_UNSUPPORTED, field}; the session goes on.
 *
 * X1  What passes is complete: defaults are filled in, every number is a canonical decimal on the venue's grid, every id
 *     and symbol is one of ours.
 * X2  The message names what is allowed, and repeats no more of the input than a line holds.
 */
import { shown } from '@trunkline/kit/text';
import { compare, isMultipleOf, isPositive, multiply, parseDecimal } from '@trunkline/proto/decimal';
import { PositionMode } from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import type { Capabilities } from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import type { Instrument } from '@trunkline/proto/gen/trunkline/exchange/v1/instrument';
import {
  type AmendOrder,
  type Denied,
  DenyRule,
  type OrderReference,
  OrderType,
  type PlaceOrder,
  PositionSide,
  Side,
  TimeInForce,
} from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { type OrderTag, parseClientOrderId, parseVenueOrderId, readClientOrderId } from '@trunkline/proto/ids';
import { denied } from './outcome.ts';

/** What content is judged by. `instruments` is empty until the venue told them. */
export interface Rules {
  readonly tag: OrderTag;
  readonly capabilities: Capabilities;
  readonly instruments: ReadonlyMap<string, Instrument>;
}

export type Checked<T> =
  | { readonly kind: 'valid'; readonly value: T }
  | { readonly kind: 'denied'; readonly denied: Denied };

/** `at` is the path of the order in its command, e.g. `orders[2].`; empty where it is the command itself. */
export function checkPlace(order: PlaceOrder, rules: Rules, at: string): Checked<PlaceOrder> {
  const instrument = rules.instruments.get(order.symbol);
  const refusal =
    checkOurId(order.clientOrderId, rules, `${at}client_order_id`) ??
    checkSymbol(order.symbol, rules, at) ??
    checkSide(order.side, at) ??
    checkKind(order, rules.capabilities, at) ??
    (instrument && checkAmounts(order, instrument, at));
  if (refusal) return { kind: 'denied', denied: refusal };
  const positionSide = order.positionSide === PositionSide.UNSPECIFIED ? PositionSide.BOTH : order.positionSide;
  const value = { ...order, ...canonicalAmounts(order), positionSide, timeInForce: timeInForceOf(order) };
  return { kind: 'valid', value };
}

export function checkAmend(amend: AmendOrder, rules: Rules): Checked<AmendOrder> {
  const instrument = rules.instruments.get(amend.order?.symbol ?? '');
  const refusal =
    checkOurId(amend.newClientOrderId, rules, 'new_client_order_id') ??
    checkReference(amend.order, rules, 'order.') ??
    checkSide(amend.side, '') ??
    (instrument && checkAmounts({ ...amend, reduceOnly: false }, instrument, ''));
  if (refusal) return { kind: 'denied', denied: refusal };
  return { kind: 'valid', value: { ...amend, ...canonicalAmounts(amend) } };
}

/** An order that is to be cancelled or amended: ours by its client id, or named by the venue's. */
export function checkReference(order: OrderReference | undefined, rules: Rules, at: string): Denied | undefined {
  if (order === undefined) return invalid(at, 'is missing');
  const { clientOrderId, venueOrderId } = order;
  if (clientOrderId === '' && venueOrderId === '') return invalid(`${at}client_order_id`, 'at least one id is needed');
  if (venueOrderId !== '' && parseVenueOrderId(venueOrderId) === undefined) {
    return invalid(`${at}venue_order_id`, `${shown(venueOrderId)} is no order id`);
  }
  const badId = clientOrderId === '' ? undefined : checkOurId(clientOrderId, rules, `${at}client_order_id`);
  return badId ?? checkSymbol(order.symbol, rules, at);
}

export function checkSymbol(symbol: string, { instruments }: Rules, at: string): Denied | undefined {
  if (instruments.has(symbol)) return undefined;
  if (instruments.size === 0) return denied(DenyRule.NOT_READY, 'the instruments are not loaded yet', `${at}symbol`);
  return invalid(`${at}symbol`, `${shown(symbol)} is not served; allowed: ${[...instruments.keys()].join(', ')}`);
}

function checkOurId(id: string, { tag }: Rules, field: string): Denied | undefined {
  if (parseClientOrderId(id) === undefined) {
    return invalid(field, `${shown(id)}: 1 to 26 of A-Z a-z 0-9 _, not starting with t`);
  }
  return readClientOrderId(id, tag) ? undefined : invalid(field, `${id} does not carry the account's tag ${tag}`);
}

function checkSide(side: Side, at: string): Denied | undefined {
  return side === Side.BUY || side === Side.SELL ? undefined : invalid(`${at}side`, 'must be BUY or SELL');
}

function timeInForceOf(order: PlaceOrder): TimeInForce {
  if (order.timeInForce !== TimeInForce.UNSPECIFIED) return order.timeInForce;
  return order.type === OrderType.MARKET ? TimeInForce.IOC : TimeInForce.GTC;
}

function checkKind(order: PlaceOrder, capabilities: Capabilities, at: string): Denied | undefined {
  const timeInForce = timeInForceOf(order);
  const isMarket = order.type === OrderType.MARKET;
  if (!isMarket && order.type !== OrderType.LIMIT) return invalid(`${at}type`, 'must be LIMIT or MARKET');
  if (!capabilities.orderTypes.includes(order.type)) return unsupported(`${at}type`);
  const { marketOrderSides } = capabilities;
  if (isMarket && marketOrderSides.length > 0 && !marketOrderSides.includes(order.side))
    return unsupported(`${at}side`);
  if (!KNOWN_TIMES_IN_FORCE.has(timeInForce)) return invalid(`${at}time_in_force`, 'must be GTC, IOC or FOK');
  if (isMarket && timeInForce !== TimeInForce.IOC) return invalid(`${at}time_in_force`, 'a market order is IOC');
  if (!isMarket && !capabilities.timesInForce.includes(timeInForce)) return unsupported(`${at}time_in_force`);
  if (!KNOWN_POSITION_SIDES.has(order.positionSide))
    return invalid(`${at}position_side`, 'must be BOTH, LONG or SHORT');
  const sided = order.positionSide === PositionSide.LONG || order.positionSide === PositionSide.SHORT;
  if (sided && !capabilities.positionModes.includes(PositionMode.HEDGE)) return unsupported(`${at}position_side`);
  if (order.postOnly && (isMarket || timeInForce !== TimeInForce.GTC)) {
    return invalid(`${at}post_only`, 'only a GTC limit order can be post-only');
  }
  if (order.postOnly && !capabilities.postOnly) return unsupported(`${at}post_only`);
  if (order.reduceOnly && !capabilities.reduceOnly) return unsupported(`${at}reduce_only`);
  if (isMarket && order.price !== undefined) return invalid(`${at}price`, 'a market order has no price');
  if (!isMarket && order.price === undefined) return invalid(`${at}price`, 'a limit order needs a price');
  return undefined;
}

const KNOWN_TIMES_IN_FORCE: ReadonlySet<TimeInForce> = new Set([TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK]);
const KNOWN_POSITION_SIDES: ReadonlySet<PositionSide> = new Set([
  PositionSide.UNSPECIFIED,
  PositionSide.BOTH,
  PositionSide.LONG,
  PositionSide.SHORT,
]);

type Amounts = Pick<PlaceOrder, 'price' | 'quantity' | 'reduceOnly'>;

function checkAmounts(amounts: Amounts, instrument: Instrument, at: string): Denied | undefined {
  const quantity = parseDecimal(amounts.quantity);
  const field = `${at}quantity`;
  if (quantity === undefined || !isPositive(quantity)) {
    return invalid(field, `${shown(amounts.quantity)} is not a decimal above zero`);
  }
  const { quantityStep, minQuantity, maxQuantity, minNotional, tickSize } = limitsOf(instrument);
  if (compare(quantity, minQuantity) < 0) return invalid(field, `${quantity} is below the minimum ${minQuantity}`);
  if (!isMultipleOf(quantity, quantityStep)) return invalid(field, `${quantity} is off the step ${quantityStep}`);
  if (maxQuantity && compare(quantity, maxQuantity) > 0) {
    return invalid(field, `${quantity} is above the maximum ${maxQuantity}`);
  }
  if (amounts.price === undefined) return undefined;
  const price = parseDecimal(amounts.price);
  if (price === undefined || !isPositive(price)) {
    return invalid(`${at}price`, `${shown(amounts.price)} is not a decimal above zero`);
  }
  if (!isMultipleOf(price, tickSize)) return invalid(`${at}price`, `${price} is off the tick ${tickSize}`);
  const value = multiply(price, quantity);
  // A position may be closed whatever little is left of it: venues waive the minimum for reduce-only orders.
  if (minNotional && !amounts.reduceOnly && compare(value, minNotional) < 0) {
    return invalid(field, `${price} times ${quantity} is below the minimum notional ${minNotional}`);
  }
  return undefined;
}

/** Of amounts that were checked. */
function canonicalAmounts<T extends { price?: string | undefined; quantity: string }>({ price, quantity }: T) {
  return {
    quantity: required(quantity, 'quantity'),
    ...(price === undefined ? {} : { price: required(price, 'price') }),
  };
}

function limitsOf(instrument: Instrument) {
  const { symbol } = instrument;
  return {
    tickSize: required(instrument.tickSize, `${symbol} tick_size`),
    quantityStep: required(instrument.quantityStep, `${symbol} quantity_step`),
    minQuantity: required(instrument.minQuantity, `${symbol} min_quantity`),
    maxQuantity: parseDecimal(instrument.maxQuantity),
    minNotional: parseDecimal(instrument.minNotional),
  };
}

/** What was checked, or what the venue layer promises: anything but a decimal is a bug. */
function required(text: string, name: string) {
  const value = parseDecimal(text);
  if (value === undefined) throw new Error(`${name} is no decimal: ${JSON.stringify(text)}`);
  return value;
}

function invalid(field: string, message: string): Denied {
  return denied(DenyRule.INVALID, message, field.replace(/\.$/, ''));
}

function unsupported(field: string): Denied {
  return denied(DenyRule.UNSUPPORTED, 'the venue does not offer it', field);
}
