/** The account: balances, commissions, fills, order counts, its key's rights. */
import { ZERO } from '@trunkline/proto/decimal';
import { milliseconds } from '../../decimal-text.ts';
import type { VenueAccount } from '../../venue-front.ts';
import { type Answer, answer, type Params, type Route, type VenueContext } from '../call.ts';
import { isRefused, refuse } from '../errors.ts';
import { type Limits, rateLimitRows } from '../limits.ts';
import { optionalBoolean, optionalInteger, pageLimit, timeBounds } from '../params.ts';
import { accountView, commissionRates, restrictions } from './account-view.ts';
import { refuseSpot } from './errors.ts';
import { readInstrument } from './order-input.ts';
import { userTrade } from './order-view.ts';

const TRADES = { usual: 500, most: 1_000 } as const;
const DAY_US = 86_400_000_000;

export function accountRoutes(context: VenueContext, limits: Limits): readonly Route[] {
  const { core, clock } = context;

  const account = (params: Params, owner: VenueAccount): Answer => {
    const omitZeroBalances = optionalBoolean(params, 'omitZeroBalances');
    if (isRefused(omitZeroBalances)) return omitZeroBalances;
    const state = core.account(owner.name);
    if (state === undefined) return refuseSpot('REJECTED_API_KEY');
    const rates = core.instruments()[0] ?? { makerFeeRate: ZERO, takerFeeRate: ZERO };
    return answer(accountView(owner, state, rates, omitZeroBalances ?? false));
  };

  const commission = (params: Params): Answer => {
    const instrument = readInstrument(params, core);
    return isRefused(instrument) ? instrument : answer(commissionRates(instrument));
  };

  const trades = (params: Params, owner: VenueAccount): Answer => {
    const instrument = readInstrument(params, core);
    if (isRefused(instrument)) return instrument;
    const limit = pageLimit(params, TRADES.usual, TRADES.most);
    if (isRefused(limit)) return limit;
    const bounds = timeBounds(params);
    if (isRefused(bounds)) return bounds;
    const fromId = optionalInteger(params, 'fromId');
    if (isRefused(fromId)) return fromId;
    const orderId = optionalInteger(params, 'orderId');
    if (isRefused(orderId)) return orderId;
    const { startUs, endUs } = bounds;
    if ((fromId !== undefined || orderId !== undefined) && (startUs ?? endUs) !== undefined) {
      return refuse('BAD_COMBINATION');
    }
    if (startUs !== undefined && endUs !== undefined && endUs - startUs > DAY_US + 999) {
      return refuseSpot('LONG_INTERVAL', '24');
    }
    const fills = core.fills(owner.name, instrument.symbol, {
      ...bounds,
      limit,
      ...(fromId === undefined ? {} : { fromId: String(fromId) }),
      ...(orderId === undefined ? {} : { venueOrderId: String(orderId) }),
    });
    return answer(fills.map(userTrade));
  };

  const orderCounts = (_params: Params, owner: VenueAccount): Answer => {
    const [, short, long] = rateLimitRows(limits.options);
    const used = limits.orderCounts(owner.name, milliseconds(clock.wallUs()));
    return answer([
      { ...short, count: used.short },
      { ...long, count: used.long },
    ]);
  };

  const get = (
    path: string,
    weight: Route['weight'],
    handle: (params: Params, account: VenueAccount) => Answer,
  ): Route => ({ method: 'GET', path, weight, security: 'signed', handle });

  return [
    get('/api/v3/account', 20, account),
    get('/api/v3/account/commission', 20, commission),
    get('/api/v3/myTrades', (params) => (params.has('orderId') ? 5 : 20), trades),
    get('/api/v3/rateLimit/order', 40, orderCounts),
    get('/sapi/v1/account/apiRestrictions', 1, (_params, owner) => answer(restrictions(owner))),
  ];
}
