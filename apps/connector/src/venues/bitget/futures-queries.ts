/** What only a futures account can be asked or told; the spot account refuses each with the reason that Describe gives. */
import { ExchangeError } from '@trunkline/proto/exchange-error';
import type { AccountSettings } from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import {
  GetFundingRateResponse,
  ListPositionsResponse,
} from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import { ErrorReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { amount, list, optionalText, record } from '../fields.ts';
import type { SymbolTable } from '../symbol-table.ts';
import type { VenueQueries } from '../venue-side.ts';
import { readPositions } from './account-mapper.ts';
import { absenceReason } from './capabilities.ts';
import type { BitgetClient } from './client.ts';
import { answeredAtUs, dataOf } from './endpoints.ts';
import { listFundingPayments } from './funding.ts';
import type { LookupOptions } from './lookup.ts';
import type { Modes } from './modes.ts';
import { MARGIN_COIN } from './product.ts';
import { costOf } from './rest.ts';
import { bitgetSettings } from './settings.ts';

export interface FuturesQueryOptions extends LookupOptions {
  readonly client: BitgetClient;
  readonly modes: Modes;
  readonly symbols: () => SymbolTable;
  readonly changed: (settings: AccountSettings) => void;
}

export type FuturesQueries = Pick<
  VenueQueries,
  | 'listPositions'
  | 'listFundingPayments'
  | 'getAccountSettings'
  | 'getFundingRate'
  | 'setLeverage'
  | 'setMarginMode'
  | 'setPositionMode'
>;

export function futuresQueries(options: FuturesQueryOptions): FuturesQueries {
  const { client, caller, clock, symbols, venueSymbol, product } = options;
  return {
    ...bitgetSettings(options),

    async listPositions() {
      const askedAtUs = clock.wallUs();
      const parameters = { ...product.scope, marginCoin: MARGIN_COIN };
      const body = await caller.query(costOf('positions'), () =>
        client.privateMixGetV2MixPositionAllPosition(parameters),
      );
      return ListPositionsResponse.fromPartial({ positions: readPositions(dataOf(body), symbols()), askedAtUs });
    },

    listFundingPayments: (request) => listFundingPayments(options, request),

    async getFundingRate(symbol) {
      const parameters = { ...product.scope, symbol: venueSymbol(symbol) };
      const body = await caller.query(costOf('funding_rate'), () =>
        client.publicMixGetV2MixMarketCurrentFundRate(parameters),
      );
      const rate = record(list(dataOf(body), 'funding rates')[0], 'funding rate');
      const next = optionalText(rate, 'nextUpdate');
      return GetFundingRateResponse.fromPartial({
        symbol,
        fundingRate: amount(rate, 'fundingRate'),
        nextFundingTimeUs: next === undefined || next === '' ? undefined : Number(next) * 1_000,
        venueTimeUs: answeredAtUs(body),
      });
    },
  };
}

export function spotRefusals(): FuturesQueries {
  const refuse = (method: string) => async () => {
    throw new ExchangeError(ErrorReason.UNSUPPORTED, absenceReason(method));
  };
  return {
    listPositions: refuse('ListPositions'),
    listFundingPayments: refuse('ListFundingPayments'),
    getAccountSettings: refuse('GetAccountSettings'),
    getFundingRate: refuse('GetFundingRate'),
    setLeverage: refuse('SetLeverage'),
    setMarginMode: refuse('SetMarginMode'),
    setPositionMode: refuse('SetPositionMode'),
  };
}
