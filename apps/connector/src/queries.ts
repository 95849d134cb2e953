/**
 * The unary queries and settings: who may ask, whether the question makes sense, then the venue's answer.
 *
 * Q1  Every one rejects with `ExchangeError` only. A fault of the venue layer itself is INTERNAL and is logged.
 * Q2  A symbol that this connector does not serve is refused here: connectors with other symbols may share the account.
 */
import type { Logger } from '@trunkline/kit/log';
import type { CallContext, Exchange } from '@trunkline/proto/exchange';
import { ExchangeError } from '@trunkline/proto/exchange-error';
import { MarginMode, PositionMode } from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import type { DescribeResponse } from '@trunkline/proto/gen/trunkline/exchange/v1/exchange_service';
import { ErrorReason } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import { type Grant, type Grants, refuseCaller } from './grants.ts';
import { clampPageSize, pageOf } from './paging.ts';
import type { Venue } from './venues/venue.ts';

export type Queries = Omit<
  Exchange,
  'trade' | 'marketData' | 'placeOrder' | 'amendOrder' | 'cancelOrder' | 'cancelAllOrders'
>;

export interface QueryOptions {
  readonly venue: Venue;
  readonly symbols: readonly string[];
  readonly grants: Grants;
  readonly describe: () => DescribeResponse;
  readonly log: Pick<Logger, 'error'>;
}

const READERS: readonly Grant[] = ['trade', 'observe', 'tool'];
const SETTERS: readonly Grant[] = ['trade', 'tool'];
// What is absent or from a later contract is no mode: a venue must never be set by a guess.
const MARGIN_MODES: readonly MarginMode[] = [MarginMode.CROSS, MarginMode.ISOLATED];
const POSITION_MODES: readonly PositionMode[] = [PositionMode.ONE_WAY, PositionMode.HEDGE];

export function createQueries(options: QueryOptions): Queries {
  const { venue, symbols, describe } = options;
  const read = guarded(options, READERS);
  const set = guarded(options, SETTERS);
  const served = (symbol: string) => checkServed(symbol, symbols);
  const servedOrEmpty = (symbol: string) => {
    if (symbol !== '') served(symbol);
  };
  return {
    describe: read(async () => describe()),
    listInstruments: read(async (request) => {
      for (const symbol of request.symbols) served(symbol);
      const wanted = request.symbols.length === 0 ? symbols : request.symbols;
      const page = pageOf(
        venue.instruments.filter(({ symbol }) => wanted.includes(symbol)),
        request,
      );
      return { instruments: page.items, nextPageToken: page.nextPageToken };
    }),
    getOrder: read(async (request) => {
      if (request.order === undefined) throw invalid('order', 'is missing');
      served(request.order.symbol);
      if (request.order.clientOrderId === '' && request.order.venueOrderId === '') {
        throw invalid('order.client_order_id', 'or order.venue_order_id is needed');
      }
      return venue.getOrder(request);
    }),
    listOpenOrders: read(async (request) => {
      servedOrEmpty(request.symbol);
      return venue.listOpenOrders({ ...request, pageSize: clampPageSize(request.pageSize) });
    }),
    listFills: read(async (request) => {
      served(request.symbol);
      return venue.listFills({ ...request, pageSize: clampPageSize(request.pageSize) });
    }),
    getBalances: read(async () => venue.getBalances()),
    listPositions: read(async (request) => {
      const answer = await venue.listPositions();
      const page = pageOf(answer.positions, request);
      return { positions: page.items, nextPageToken: page.nextPageToken, askedAtUs: answer.askedAtUs };
    }),
    listFundingPayments: read(async (request) => {
      served(request.symbol);
      return venue.listFundingPayments({ ...request, pageSize: clampPageSize(request.pageSize) });
    }),
    getAccountSettings: read(async ({ symbol }) => {
      served(symbol);
      return { settings: await venue.getAccountSettings(symbol) };
    }),
    listCandles: read(async (request) => {
      served(request.symbol);
      if (!venue.profile.capabilities.candleIntervals.includes(request.interval)) {
        throw invalid('interval', 'is not one that Describe names');
      }
      return venue.listCandles({ ...request, pageSize: clampPageSize(request.pageSize) });
    }),
    getFundingRate: read(async ({ symbol }) => {
      served(symbol);
      return venue.getFundingRate(symbol);
    }),
    getServerTime: read(async () => venue.getServerTime()),
    setLeverage: set(async ({ symbol, leverage }) => {
      served(symbol);
      if (!Number.isSafeInteger(leverage) || leverage < 1) throw invalid('leverage', 'must be 1 or more');
      return { leverage: await venue.setLeverage(symbol, leverage) };
    }),
    setMarginMode: set(async ({ symbol, marginMode }) => {
      served(symbol);
      if (!MARGIN_MODES.includes(marginMode)) throw invalid('margin_mode', 'must be CROSS or ISOLATED');
      await venue.setMarginMode(symbol, marginMode);
      return {};
    }),
    setPositionMode: set(async ({ positionMode }) => {
      if (!POSITION_MODES.includes(positionMode)) throw invalid('position_mode', 'must be ONE_WAY or HEDGE');
      await venue.setPositionMode(positionMode);
      return {};
    }),
  };
}

/** Refuses a symbol that is not this connector's. */
function checkServed(symbol: string, symbols: readonly string[]): void {
  if (symbols.includes(symbol)) return;
  const message = `not a symbol of this connector; it has ${symbols.join(', ')}`;
  throw new ExchangeError(ErrorReason.UNKNOWN_SYMBOL, message, 'symbol');
}

type Handler<Request, Response> = (request: Request, context: CallContext) => Promise<Response>;

/** Wraps a unary handler: the grant before, nothing but `ExchangeError` after (Q1). */
export function guarded({ grants, log }: Pick<QueryOptions, 'grants' | 'log'>, needed: readonly Grant[]) {
  return <Request, Response>(handler: Handler<Request, Response>): Handler<Request, Response> =>
    async (request, context) => {
      const refusal = refuseCaller(grants, context.caller, needed);
      if (refusal) throw refusal;
      try {
        return await handler(request, context);
      } catch (error) {
        if (error instanceof ExchangeError) throw error;
        log.error({ error }, 'a call broke the connector');
        throw new ExchangeError(ErrorReason.INTERNAL, 'internal fault; the connector has logged it');
      }
    };
}

function invalid(field: string, message: string): ExchangeError {
  return new ExchangeError(ErrorReason.INVALID_FIELD, `${field} ${message}`, field);
}
