/**
 * Orders: place, test, cancel, replace, cancel-all, and queries of orders.
 *
 * R1  Placing costs a weight of 1 and counts against the account's order limits; canceling counts not.
 */
import type { VenueAccount } from '../../venue-front.ts';
import { type Answer, answer, type Params, type Route, type VenueContext } from '../call.ts';
import { isRefused, refuse } from '../errors.ts';
import { optional, optionalBoolean, optionalInteger, pageLimit, timeBounds } from '../params.ts';
import { commissionRates } from './account-view.ts';
import { cancelReplace } from './cancel-replace.ts';
import { refuseSpot } from './errors.ts';
import type { OrderDesk } from './order-desk.ts';
import { readInstrument, readOrderRef } from './order-input.ts';
import { orderState } from './order-view.ts';

const LIST = { usual: 500, most: 1_000 } as const;
const ONE_ORDER = { short: 1, long: 1 } as const;
const DAY_US = 86_400_000_000;

const ACCESS = ['timestamp', 'recvWindow', 'signature', 'apiKey'] as const;
const NEW_ORDER = [
  ...ACCESS,
  'symbol',
  'side',
  'type',
  'timeInForce',
  'quantity',
  'quoteOrderQty',
  'price',
  'newClientOrderId',
  'strategyId',
  'strategyType',
  'stopPrice',
  'trailingDelta',
  'icebergQty',
  'newOrderRespType',
  'selfTradePreventionMode',
] as const;
const NEW_ORDER_PARAMETERS: ReadonlySet<string> = new Set(NEW_ORDER);
const TEST_PARAMETERS: ReadonlySet<string> = new Set([...NEW_ORDER, 'computeCommissionRates']);
const REPLACE_PARAMETERS: ReadonlySet<string> = new Set([
  ...NEW_ORDER,
  'cancelReplaceMode',
  'cancelNewClientOrderId',
  'cancelOrigClientOrderId',
  'cancelOrderId',
  'cancelRestrictions',
  'orderRateLimitExceededMode',
]);
const CANCEL_PARAMETERS: ReadonlySet<string> = new Set([
  ...ACCESS,
  'symbol',
  'orderId',
  'origClientOrderId',
  'newClientOrderId',
  'cancelRestrictions',
]);

export function orderRoutes({ core }: VenueContext, desk: OrderDesk): readonly Route[] {
  const place = (params: Params, account: VenueAccount): Answer => {
    const input = desk.check(params, account);
    return isRefused(input) ? input : desk.place(input);
  };

  const test = (params: Params, account: VenueAccount): Answer => {
    const rates = optionalBoolean(params, 'computeCommissionRates');
    if (isRefused(rates)) return rates;
    const input = desk.check(params, account);
    if (isRefused(input)) return input;
    if (rates !== true) return answer({});
    const { standardCommission, specialCommission, taxCommission, discount } = commissionRates(input.instrument);
    return answer({
      standardCommissionForOrder: perRole(standardCommission),
      specialCommissionForOrder: perRole(specialCommission),
      taxCommissionForOrder: perRole(taxCommission),
      discount,
    });
  };

  const cancel = (params: Params, account: VenueAccount): Answer => {
    const instrument = readInstrument(params, core);
    if (isRefused(instrument)) return instrument;
    const ref = readOrderRef(params);
    return isRefused(ref) ? ref : desk.cancel(instrument.symbol, ref, params, account);
  };

  const cancelAll = (params: Params, account: VenueAccount): Answer => {
    const instrument = readInstrument(params, core);
    return isRefused(instrument) ? instrument : desk.cancelAll(instrument.symbol, account);
  };

  const query = (params: Params, account: VenueAccount): Answer => {
    const instrument = readInstrument(params, core);
    if (isRefused(instrument)) return instrument;
    const ref = readOrderRef(params);
    if (isRefused(ref)) return ref;
    const order = core.order(account.name, instrument.symbol, ref);
    return order === undefined ? refuse('NO_SUCH_ORDER') : answer(orderState(order));
  };

  const openOrders = (params: Params, account: VenueAccount): Answer => {
    if (optional(params, 'symbol') === undefined) return answer(core.openOrders(account.name).map(orderState));
    const instrument = readInstrument(params, core);
    return isRefused(instrument)
      ? instrument
      : answer(core.openOrders(account.name, instrument.symbol).map(orderState));
  };

  const allOrders = (params: Params, account: VenueAccount): Answer => {
    const instrument = readInstrument(params, core);
    if (isRefused(instrument)) return instrument;
    const limit = pageLimit(params, LIST.usual, LIST.most);
    if (isRefused(limit)) return limit;
    const bounds = timeBounds(params);
    if (isRefused(bounds)) return bounds;
    const { startUs, endUs } = bounds;
    if (startUs !== undefined && endUs !== undefined && endUs - startUs > DAY_US + 999) {
      return refuseSpot('LONG_INTERVAL', '24');
    }
    const fromId = optionalInteger(params, 'orderId');
    if (isRefused(fromId)) return fromId;
    const filter = { ...bounds, limit, ...(fromId === undefined ? {} : { fromId: String(fromId) }) };
    return answer(core.orders(account.name, instrument.symbol, filter).map(orderState));
  };

  const signed = { security: 'signed' } as const;
  const order = { ...signed, path: '/api/v3/order' } as const;
  return [
    { ...order, method: 'POST', weight: 1, orders: ONE_ORDER, accepts: NEW_ORDER_PARAMETERS, handle: place },
    { ...order, method: 'DELETE', weight: 1, accepts: CANCEL_PARAMETERS, handle: cancel },
    { ...order, method: 'GET', weight: 4, handle: query },
    {
      ...signed,
      method: 'POST',
      path: '/api/v3/order/test',
      weight: (params) => (params.get('computeCommissionRates') === 'true' ? 20 : 1),
      accepts: TEST_PARAMETERS,
      handle: test,
    },
    {
      ...signed,
      method: 'POST',
      path: '/api/v3/order/cancelReplace',
      weight: 1,
      orders: ONE_ORDER,
      accepts: REPLACE_PARAMETERS,
      handle: (params, account) => cancelReplace(params, account, desk),
    },
    {
      ...signed,
      method: 'GET',
      path: '/api/v3/openOrders',
      weight: (params) => (params.has('symbol') ? 6 : 80),
      handle: openOrders,
    },
    { ...signed, method: 'DELETE', path: '/api/v3/openOrders', weight: 1, handle: cancelAll },
    { ...signed, method: 'GET', path: '/api/v3/allOrders', weight: 20, handle: allOrders },
  ];
}

function perRole({ maker, taker }: { readonly maker: string; readonly taker: string }) {
  return { maker, taker };
}
