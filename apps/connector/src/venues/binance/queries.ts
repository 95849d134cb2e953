/** Questions to Binance USD-M whose answers are the contract's responses, and the account's settings. */

import type { Clock } from '@trunkline/proto/clock';
import { ExchangeError } from '@trunkline/proto/exchange-error';
import { AccountSettings, MarginMode, PositionMode } from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import {
  GetBalancesResponse,
  GetFundingRateResponse,
  type ListCandlesRequest,
  ListCandlesResponse,
  type ListFillsRequest,
  ListFillsResponse,
  type ListFundingPaymentsRequest,
  type ListOpenOrdersRequest,
  type ListOpenOrdersResponse,
  ListPositionsResponse,
} from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import { Source } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { ErrorReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { toExchangeError } from '../caller.ts';
import { amount, list, record, text, timeUs, Unreadable, whole } from '../fields.ts';
import { openOrdersPage } from '../open-orders.ts';
import type { HeldMode } from '../position-mode.ts';
import type { Cost } from '../rate-budget.ts';
import type { SymbolTable } from '../symbol-table.ts';
import { readBalances, readPositions } from './account-mapper.ts';
import { listFills } from './fills.ts';
import { listFundingPayments } from './funding.ts';
import { askTrades, type LookupOptions } from './lookup.ts';
import { readCandleRow } from './market-mapper.ts';
import { readOrder } from './order-mapper.ts';
import { COSTS } from './rest.ts';
import { intervalName } from './words.ts';

export interface QueryOptions extends LookupOptions {
  readonly clock: Clock;
  readonly symbols: () => SymbolTable;
  readonly held: HeldMode;
}

const USUAL_PAGE = 500;
const MAX_CANDLES = 1_000;
/** "No need to change margin type", "... position side". */
const UNCHANGED: ReadonlySet<string> = new Set(['-4046', '-4059']);

export function binanceQueries(options: QueryOptions) {
  const { client, caller, venueSymbol, heard, nowMs, clock, symbols, held } = options;

  /** Settings that stand already are refused with a code of their own; that is what was wanted. */
  const set = async (cost: Cost, send: () => Promise<unknown>): Promise<unknown> => {
    const result = await caller.call({ cost, priority: 'query' }, send);
    if (result.kind === 'answered') return result.body;
    if (result.kind === 'failed' && UNCHANGED.has(result.code)) return undefined;
    throw toExchangeError(result);
  };

  return {
    async listOpenOrders(request: ListOpenOrdersRequest): Promise<ListOpenOrdersResponse> {
      const askedAtUs = clock.wallUs();
      const wanted = request.symbol === '' ? symbols().symbols : [request.symbol];
      const answers = await Promise.all(
        wanted.map(async (symbol) => {
          const params = { symbol: venueSymbol(symbol) };
          const body = await caller.query(COSTS.openOrders, () => client.fapiPrivateGetOpenOrders(params));
          return list(body, 'orders').map((entry) => readOrder(record(entry, 'order'), heard(symbol), Source.QUERY));
        }),
      );
      return openOrdersPage(answers.flat(), request, askedAtUs);
    },

    async listFills(request: ListFillsRequest): Promise<ListFillsResponse> {
      const askedAtUs = clock.wallUs();
      const ask = askTrades(options, request.symbol);
      const page = await listFills(request, { ask, heard: heard(request.symbol), nowMs: nowMs() });
      return ListFillsResponse.fromPartial({ ...page, askedAtUs });
    },

    async getBalances(): Promise<GetBalancesResponse> {
      const askedAtUs = clock.wallUs();
      const body = await caller.query(COSTS.account, () => client.fapiPrivateV3GetAccount());
      return GetBalancesResponse.fromPartial({ balances: readBalances(record(body, 'account')), askedAtUs });
    },

    async listPositions(): Promise<ListPositionsResponse> {
      const askedAtUs = clock.wallUs();
      const body = await caller.query(COSTS.positions, () => client.fapiPrivateV3GetPositionRisk());
      return ListPositionsResponse.fromPartial({ positions: readPositions(body, symbols()), askedAtUs });
    },

    listFundingPayments: (request: ListFundingPaymentsRequest) => listFundingPayments(request, options),

    async getAccountSettings(symbol: string): Promise<AccountSettings> {
      const params = { symbol: venueSymbol(symbol) };
      const body = await caller.query(COSTS.symbolConfig, () => client.fapiPrivateGetSymbolConfig(params));
      const [config] = list(body, 'symbol configs').map((entry) => record(entry, 'symbol config'));
      if (config === undefined) throw new Unreadable('there is no config of the symbol');
      const settings = { symbol, leverage: whole(config, 'leverage'), positionMode: held.mode };
      const marginMode = text(config, 'marginType') === 'ISOLATED' ? MarginMode.ISOLATED : MarginMode.CROSS;
      const receivedAtUs = clock.wallUs();
      return AccountSettings.fromPartial({ ...settings, marginMode, venueTimeUs: nowMs() * 1_000, receivedAtUs });
    },

    async openInterest(symbol: string): Promise<{ readonly quantity: string; readonly venueTimeUs: number }> {
      const params = { symbol: venueSymbol(symbol) };
      const body = await caller.query(COSTS.openInterest, () => client.fapiPublicGetOpenInterest(params));
      const interest = record(body, 'open interest');
      return { quantity: amount(interest, 'openInterest'), venueTimeUs: timeUs(interest, 'time') };
    },

    async listCandles(request: ListCandlesRequest): Promise<ListCandlesResponse> {
      const interval = intervalName(request.interval);
      if (interval === undefined) {
        throw new ExchangeError(ErrorReason.INVALID_FIELD, 'not an interval of this venue', 'interval');
      }
      const limit = Math.min(request.pageSize === 0 ? USUAL_PAGE : request.pageSize, MAX_CANDLES);
      const startTime = request.pageToken === '' ? Math.ceil(request.sinceUs / 1_000) : Number(request.pageToken);
      if (!Number.isSafeInteger(startTime)) {
        throw new ExchangeError(ErrorReason.INVALID_FIELD, 'not a page token of this list', 'page_token');
      }
      const endTime = Math.ceil(request.untilUs / 1_000) - 1;
      const until = request.untilUs === 0 ? {} : { endTime };
      const params = { symbol: venueSymbol(request.symbol), interval, startTime, limit, ...until };
      const body = await caller.query(COSTS.klines, () => client.fapiPublicGetKlines(params));
      const candles = list(body, 'candles').map((row) => readCandleRow(row, request.interval, nowMs()));
      const last = candles.at(-1);
      const nextTime = last === undefined ? 0 : last.openTimeUs / 1_000 + 1;
      // The venue refuses a start after the end.
      const isLast = candles.length < limit || (request.untilUs !== 0 && nextTime > endTime);
      const nextPageToken = isLast ? '' : String(nextTime);
      return ListCandlesResponse.fromPartial({ candles, nextPageToken });
    },

    async getFundingRate(symbol: string): Promise<GetFundingRateResponse> {
      const params = { symbol: venueSymbol(symbol) };
      const body = record(
        await caller.query(COSTS.premiumIndex, () => client.fapiPublicGetPremiumIndex(params)),
        'funding',
      );
      const next = timeUs(body, 'nextFundingTime');
      return GetFundingRateResponse.fromPartial({
        symbol,
        fundingRate: amount(body, 'lastFundingRate'),
        nextFundingTimeUs: next === 0 ? undefined : next,
        venueTimeUs: timeUs(body, 'time'),
      });
    },

    async setLeverage(symbol: string, leverage: number): Promise<number> {
      const params = { symbol: venueSymbol(symbol), leverage };
      const body = await set(COSTS.setting, () => client.fapiPrivatePostLeverage(params));
      return whole(record(body, 'leverage'), 'leverage');
    },

    async setMarginMode(symbol: string, mode: MarginMode): Promise<void> {
      const marginType = mode === MarginMode.ISOLATED ? 'ISOLATED' : 'CROSSED';
      const params = { symbol: venueSymbol(symbol), marginType };
      await set(COSTS.setting, () => client.fapiPrivatePostMarginType(params));
    },

    async setPositionMode(mode: PositionMode): Promise<void> {
      const params = { dualSidePosition: String(mode === PositionMode.HEDGE) };
      await set(COSTS.setting, () => client.fapiPrivatePostPositionSideDual(params));
      held.mode = mode;
    },

    async armDeadMan(symbol: string, countdownMs: number): Promise<void> {
      const params = { symbol: venueSymbol(symbol), countdownTime: countdownMs };
      await set(COSTS.countdown, () => client.fapiPrivatePostCountdownCancelAll(params));
    },
  };
}
