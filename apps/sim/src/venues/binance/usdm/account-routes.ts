/** The account: balances, positions, fills and income, its key's rights, and the listen key. */
import { asPrice, isZero, ZERO } from '@trunkline/proto/decimal';
import type { MarkedPosition, PositionSide } from '../../../core/types.ts';
import type { VenueAccount } from '../../venue-front.ts';
import { type Answer, answer, type Params, type Route, type VenueContext } from '../call.ts';
import { isRefused, type Refused, refuse } from '../errors.ts';
import { optional, optionalInteger, pageLimit, timeBounds } from '../params.ts';
import {
  accountV2,
  accountV3,
  balances,
  type HeldPosition,
  leverageBracket,
  positionRiskV2,
  positionRiskV3,
} from './account-view.ts';
import { incomeRows } from './income.ts';
import type { ListenKeys } from './listen-keys.ts';
import { readInstrument } from './order-input.ts';
import { userTrade } from './order-view.ts';

const TRADES = { usual: 500, most: 1_000 } as const;
const INCOME = { usual: 100, most: 1_000 } as const;

const ONE_WAY_SIDES = ['both'] as const;
const HEDGE_SIDES = ['long', 'short'] as const;

type Handler = (params: Params, account: VenueAccount) => Answer;

export function accountRoutes(context: VenueContext & { readonly listenKeys: ListenKeys }): readonly Route[] {
  const { core, listenKeys } = context;

  /** Every symbol, flat where the account never touched it; in hedge mode each has a long and a short position. */
  const held = (account: VenueAccount): HeldPosition[] => {
    const positions = core.account(account.name)?.positions ?? [];
    const sides = core.positionMode(account.name) === 'hedge' ? HEDGE_SIDES : ONE_WAY_SIDES;
    return core.instruments().flatMap((instrument) =>
      sides.map((side) => {
        const { symbol } = instrument;
        const found = positions.find((one) => one.symbol === symbol && one.positionSide === side);
        const settings = {
          leverage: core.leverage(account.name, symbol),
          marginType: core.marginType(account.name, symbol),
        };
        return { instrument, position: found ?? untouched(symbol, side, settings, markOf(symbol)) };
      }),
    );
  };
  const markOf = (symbol: string) => core.markPrice(symbol)?.markPrice ?? asPrice(ZERO);

  const overview =
    (view: (account: VenueAccount, state: NonNullable<ReturnType<typeof core.account>>) => unknown): Handler =>
    (_params, account) => {
      const state = core.account(account.name);
      return state === undefined ? refuse('REJECTED_API_KEY', '') : answer(view(account, state));
    };

  const positions =
    (admit: (entry: HeldPosition) => boolean, view: (entry: HeldPosition) => unknown): Handler =>
    (params, account) => {
      const symbol = optional(params, 'symbol');
      if (symbol !== undefined && core.instrument(symbol) === undefined) return refuse('BAD_SYMBOL');
      const entries = held(account).filter((entry) => symbol === undefined || entry.instrument.symbol === symbol);
      return answer(entries.filter(admit).map(view));
    };

  const brackets: Handler = (params) => {
    if (optional(params, 'symbol') === undefined) return answer(core.instruments().map(leverageBracket));
    const instrument = readInstrument(params, core);
    return isRefused(instrument) ? instrument : answer([leverageBracket(instrument)]);
  };

  const commissionRate: Handler = (params) => {
    const instrument = readInstrument(params, core);
    if (isRefused(instrument)) return instrument;
    return answer({
      symbol: instrument.symbol,
      makerCommissionRate: instrument.makerFeeRate,
      takerCommissionRate: instrument.takerFeeRate,
    });
  };

  const userTrades: Handler = (params, account) => {
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
    const timed = bounds.startUs !== undefined || bounds.endUs !== undefined;
    if (fromId !== undefined && timed) return refuse('BAD_COMBINATION');
    const fills = core.fills(account.name, instrument.symbol, {
      ...bounds,
      limit,
      ...(fromId === undefined ? {} : { fromId: String(fromId) }),
      ...(orderId === undefined ? {} : { venueOrderId: String(orderId) }),
    });
    return answer(fills.map((fill) => userTrade(fill, instrument)));
  };

  const income: Handler = (params, account) => {
    const limit = pageLimit(params, INCOME.usual, INCOME.most);
    if (isRefused(limit)) return limit;
    const bounds = timeBounds(params);
    if (isRefused(bounds)) return bounds;
    const symbols = symbolsAsked(params);
    if (isRefused(symbols)) return symbols;
    const incomeType = optional(params, 'incomeType');
    return answer(incomeRows(core, account.name, symbols, { bounds, limit, incomeType }));
  };

  const symbolsAsked = (params: Params): readonly string[] | Refused => {
    if (optional(params, 'symbol') === undefined) return core.instruments().map((instrument) => instrument.symbol);
    const instrument = readInstrument(params, core);
    return isRefused(instrument) ? instrument : [instrument.symbol];
  };

  const keepAlive: Handler = (_params, account) => {
    const listenKey = listenKeys.keepAlive(account.name);
    return listenKey === undefined ? refuse('NO_LISTEN_KEY') : answer({ listenKey });
  };

  const signed = (method: Route['method'], path: string, weight: number, handle: Handler): Route => ({
    method,
    path,
    weight,
    security: 'signed',
    handle,
  });
  const keyed = (method: Route['method'], path: string, weight: number, handle: Handler): Route => ({
    method,
    path,
    weight,
    security: 'key',
    handle,
  });
  const balanceList = overview(balances);
  return [
    signed(
      'GET',
      '/fapi/v2/account',
      5,
      overview((account, state) => accountV2(account, state, held(account))),
    ),
    signed(
      'GET',
      '/fapi/v3/account',
      5,
      overview((account, state) => accountV3(state, held(account))),
    ),
    signed('GET', '/fapi/v2/balance', 5, balanceList),
    signed('GET', '/fapi/v3/balance', 5, balanceList),
    signed(
      'GET',
      '/fapi/v2/positionRisk',
      5,
      positions(() => true, positionRiskV2),
    ),
    signed('GET', '/fapi/v3/positionRisk', 5, positions(isHeld, positionRiskV3)),
    signed('GET', '/fapi/v1/leverageBracket', 1, brackets),
    signed('GET', '/fapi/v1/commissionRate', 20, commissionRate),
    signed('GET', '/fapi/v1/userTrades', 5, userTrades),
    signed('GET', '/fapi/v1/income', 30, income),
    signed('GET', '/sapi/v1/account/apiRestrictions', 1, (_params, account) => answer(restrictions(account))),
    keyed('POST', '/fapi/v1/listenKey', 1, (_params, account) => answer({ listenKey: listenKeys.open(account.name) })),
    keyed('PUT', '/fapi/v1/listenKey', 1, keepAlive),
    keyed('DELETE', '/fapi/v1/listenKey', 1, (_params, account) =>
      listenKeys.drop(account.name) ? answer({}) : refuse('NO_LISTEN_KEY'),
    ),
  ];
}

function isHeld({ position }: HeldPosition): boolean {
  return !isZero(position.quantity);
}

function untouched(
  symbol: string,
  positionSide: PositionSide,
  settings: Pick<MarkedPosition, 'leverage' | 'marginType'>,
  markPrice: MarkedPosition['markPrice'],
): MarkedPosition {
  return {
    symbol,
    positionSide,
    quantity: ZERO,
    cost: ZERO,
    entryPrice: asPrice(ZERO),
    realizedPnl: ZERO,
    updatedUs: 0,
    markPrice,
    ...settings,
    unrealizedPnl: ZERO,
    notional: ZERO,
    initialMargin: ZERO,
    isolatedMargin: ZERO,
    maintenanceMargin: ZERO,
  };
}

function restrictions(account: VenueAccount) {
  return {
    ipRestrict: false,
    createTime: 0,
    enableReading: true,
    enableWithdrawals: account.canWithdraw,
    enableInternalTransfer: false,
    enableMargin: false,
    enableFutures: true,
    permitsUniversalTransfer: false,
    enableVanillaOptions: false,
    enableFixApiTrade: false,
    enableFixReadOnly: false,
    enableSpotAndMarginTrading: false,
    enablePortfolioMarginTrading: false,
  };
}
