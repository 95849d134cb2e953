/** Questions to Gate's USDT futures, and the account's settings there. */
import { ExchangeError } from '@trunkline/proto/exchange-error';
import { type AccountSettings, MarginMode, PositionMode } from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import {
  GetBalancesResponse,
  GetFundingRateResponse,
  type ListFundingPaymentsRequest,
  ListFundingPaymentsResponse,
  ListPositionsResponse,
} from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import { Source } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { ErrorReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { toExchangeError } from '../caller.ts';
import { type Json, list, record } from '../fields.ts';
import type { VenueQueries } from '../venue-side.ts';
import {
  readFunding,
  readFuturesBalance,
  readLeverage,
  readMargin,
  readPositionMode,
  readPositions,
  readSettings,
} from './account-mapper.ts';
import { type Asking, get, heardOf } from './asking.ts';
import type { Request } from './client.ts';
import { NO_CHANGE, POSITION_NOT_FOUND } from './errors.ts';
import { decimalAt, optionalTimeAt } from './numbers.ts';
import { commonQueries } from './queries.ts';
import { costOf, type Endpoint } from './rest.ts';

/** Ledger entries asked for in one page. */
const LEDGER_PAGE = 1_000;
const USUAL_PAYMENTS = 500;
/** Of hourly funding that is years. */
const MAX_LEDGER_PAGES = 20;

export function futuresQueries(asking: Asking): VenueQueries {
  const { client, caller, kind, clock, nowUs, symbols, venueSymbol, held } = asking;

  const account = async (): Promise<Json> => {
    const body = record(await get(asking, 'accounts', '/accounts'), 'account');
    held.mode = readPositionMode(body);
    return body;
  };

  /** The symbol's position, or the first of its two; undefined where it was never touched. */
  const positionOf = async (symbol: string): Promise<Json | undefined> => {
    const prefix = held.mode === PositionMode.HEDGE ? '/dual_comp' : '';
    const path = `${kind.root}${prefix}/positions/${venueSymbol(symbol)}`;
    const result = await caller.call({ cost: costOf('position'), priority: 'query' }, () =>
      client.ask({ method: 'GET', path }),
    );
    if (result.kind === 'answered') return first(result.body);
    if (result.kind === 'failed' && result.code === POSITION_NOT_FOUND) return undefined;
    throw toExchangeError(result);
  };

  /** Settings that stand already are refused with a label of their own; that is what was wanted. */
  const set = async (endpoint: Endpoint, request: Request): Promise<unknown> => {
    const result = await caller.call({ cost: costOf(endpoint), priority: 'query' }, () => client.ask(request));
    if (result.kind === 'answered') return result.body;
    if (result.kind === 'failed' && result.code === NO_CHANGE) return undefined;
    throw toExchangeError(result);
  };

  const sided = (path: string) => `${kind.root}${held.mode === PositionMode.HEDGE ? '/dual_comp' : ''}${path}`;

  return {
    ...commonQueries(asking),

    async getBalances() {
      const askedAtUs = clock.wallUs();
      return GetBalancesResponse.fromPartial({ balances: [readFuturesBalance(await account())], askedAtUs });
    },

    async listPositions() {
      const askedAtUs = clock.wallUs();
      const positions = readPositions(await get(asking, 'positions', '/positions'), symbols());
      return ListPositionsResponse.fromPartial({ positions, askedAtUs });
    },

    async listFundingPayments(request: ListFundingPaymentsRequest) {
      const askedAtUs = clock.wallUs();
      const heard = heardOf(asking, request.symbol);
      const since = sinceSecond(request);
      const query = { contract: venueSymbol(request.symbol), type: 'fund', limit: LEDGER_PAGE, from: since };
      const entries: Json[] = [];
      for (let page = 0; page < MAX_LEDGER_PAGES; page++) {
        const paged = { ...query, to: Math.ceil(nowUs() / 1_000_000), offset: page * LEDGER_PAGE };
        const found = list(await get(asking, 'account_book', '/account_book', paged), 'ledger');
        entries.push(...found.map((entry) => record(entry, 'ledger entry')));
        if (found.length < LEDGER_PAGE) break;
      }
      const payments = entries
        .map((entry) => readFunding(entry, heard, Source.QUERY))
        .filter((payment) => payment.venueTimeUs >= request.sinceUs)
        .sort((a, b) => a.venueTimeUs - b.venueTimeUs);
      const size = request.pageSize === 0 ? USUAL_PAYMENTS : request.pageSize;
      const skip = Number(/^\d+\.(\d+)$/.exec(request.pageToken)?.[1] ?? 0);
      const page = payments.slice(skip, skip + size);
      const more = skip + page.length < payments.length;
      const nextPageToken = more ? `${since}.${skip + page.length}` : '';
      return ListFundingPaymentsResponse.fromPartial({ payments: page, nextPageToken, askedAtUs });
    },

    async getAccountSettings(symbol: string): Promise<AccountSettings> {
      await account();
      return readSettings(await positionOf(symbol), held.mode, heardOf(asking, symbol));
    },

    async getFundingRate(symbol: string) {
      const path = `${kind.root}/contracts/${venueSymbol(symbol)}`;
      const body = await caller.query(costOf('instruments'), () => client.ask({ method: 'GET', path, isPublic: true }));
      const contract = record(body, 'contract');
      return GetFundingRateResponse.fromPartial({
        symbol,
        fundingRate: decimalAt(contract, 'funding_rate'),
        nextFundingTimeUs: optionalTimeAt(contract, 'funding_next_apply'),
        venueTimeUs: Math.round(nowUs()),
      });
    },

    /** In cross margin the leverage itself is 0, and a limit of its own counts. */
    async setLeverage(symbol: string, leverage: number): Promise<number> {
      await account();
      const position = await positionOf(symbol);
      const isCross = position !== undefined && readMargin(position) === MarginMode.CROSS;
      const query = isCross ? { leverage: 0, cross_leverage_limit: leverage } : { leverage };
      const path = sided(`/positions/${venueSymbol(symbol)}/leverage`);
      const body = await set('leverage', { method: 'POST', path, query });
      return body === undefined ? leverage : (readLeverage(first(body)) ?? leverage);
    },

    async setMarginMode(symbol: string, mode: MarginMode): Promise<void> {
      await account();
      const body = { mode: mode === MarginMode.ISOLATED ? 'ISOLATED' : 'CROSS', contract: venueSymbol(symbol) };
      await set('cross_mode', { method: 'POST', path: sided('/positions/cross_mode'), body });
    },

    async setPositionMode(mode: PositionMode): Promise<void> {
      const query = { dual_mode: mode === PositionMode.HEDGE };
      await set('dual_mode', { method: 'POST', path: `${kind.root}/dual_mode`, query });
      held.mode = mode;
    },
  };
}

/** Of the two sides of dual mode both are set alike. */
function first(body: unknown): Json {
  return record(Array.isArray(body) ? body[0] : body, 'position');
}

/** Pages of one list begin at the same second, whatever was paid in between. */
function sinceSecond({ pageToken, sinceUs }: ListFundingPaymentsRequest): number {
  if (pageToken === '') return Math.max(0, Math.floor(sinceUs / 1_000_000));
  const [, second] = /^(\d{1,12})\.\d{1,9}$/.exec(pageToken) ?? [];
  if (second === undefined)
    throw new ExchangeError(ErrorReason.INVALID_FIELD, 'not a page token of this list', 'page_token');
  return Number(second);
}
