/** Questions to Binance USD-M whose answers are the contract's responses, and the account's settings. */

import { AccountSettings, MarginMode, PositionMode } from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import {
  GetBalancesResponse,
  GetFundingRateResponse,
  type ListFundingPaymentsRequest,
  ListPositionsResponse,
} from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import { toExchangeError } from '../caller.ts';
import { amount, list, record, text, timeUs, Unreadable, whole } from '../fields.ts';
import type { HeldMode } from '../position-mode.ts';
import type { Cost } from '../rate-budget.ts';
import { readBalances, readPositions } from './account-mapper.ts';
import type { BinanceClient } from './client.ts';
import { type CommonQueryOptions, commonQueries } from './common-queries.ts';
import { listFundingPayments } from './funding.ts';
import { COSTS } from './rest.ts';

export interface QueryOptions extends CommonQueryOptions {
  readonly client: BinanceClient;
  readonly held: HeldMode;
}

/** "No need to change margin type", "... position side". */
const UNCHANGED: ReadonlySet<string> = new Set(['-4046', '-4059']);

export function binanceQueries(options: QueryOptions) {
  const { client, caller, venueSymbol, nowMs, clock, symbols, held } = options;

  /** Settings that stand already are refused with a code of their own; that is what was wanted. */
  const set = async (cost: Cost, send: () => Promise<unknown>): Promise<unknown> => {
    const result = await caller.call({ cost, priority: 'query' }, send);
    if (result.kind === 'answered') return result.body;
    if (result.kind === 'failed' && UNCHANGED.has(result.code)) return undefined;
    throw toExchangeError(result);
  };

  return {
    ...commonQueries(options),

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
