/** One symbol of exchangeInfo (GET /fapi/v1/.., /api/v3/..) as an instrument, and its rate limits as budgets. */
import { Instrument, InstrumentStatus, MarketType } from '@trunkline/proto/gen/trunkline/exchange/v1/instrument';
import { amount, amountAboveZero, type Json, list, record, text, whole } from '../fields.ts';
import type { Budget } from '../rate-budget.ts';
import type { MarketName } from '../venue-config.ts';

export function readInstrument(info: Json, symbol: string, market: MarketName): Instrument {
  const filters = new Map(
    list(info['filters'], 'filters').map((entry) => {
      const filter = record(entry, 'filter');
      return [text(filter, 'filterType'), filter] as const;
    }),
  );
  const price = record(filters.get('PRICE_FILTER'), 'PRICE_FILTER');
  const lot = record(filters.get('LOT_SIZE'), 'LOT_SIZE');
  const spot = market === 'spot';
  // USD-M and older spot listings have MIN_NOTIONAL; the two markets name its amount differently.
  const notional = filters.get('NOTIONAL') ?? filters.get('MIN_NOTIONAL');
  return Instrument.fromPartial({
    symbol,
    venueSymbol: text(info, 'symbol'),
    base: text(info, 'baseAsset'),
    quote: text(info, 'quoteAsset'),
    settle: text(info, spot ? 'quoteAsset' : 'marginAsset'),
    marketType: spot ? MarketType.SPOT : MarketType.PERPETUAL,
    status: readInstrumentStatus(text(info, 'status')),
    tickSize: amount(price, 'tickSize'),
    quantityStep: amount(lot, 'stepSize'),
    minQuantity: amount(lot, 'minQty'),
    maxQuantity: amountAboveZero(lot, 'maxQty'),
    minNotional: notional === undefined ? undefined : amountAboveZero(notional, spot ? 'minNotional' : 'notional'),
    contractSize: '1',
  });
}

const INTERVAL_MS: ReadonlyMap<string, number> = new Map([
  ['SECOND', 1_000],
  ['MINUTE', 60_000],
  ['HOUR', 3_600_000],
  ['DAY', 86_400_000],
]);
const INTERVAL_LETTER: ReadonlyMap<string, string> = new Map([
  ['SECOND', 's'],
  ['MINUTE', 'm'],
  ['HOUR', 'h'],
  ['DAY', 'd'],
]);

/** `rateLimits` of exchangeInfo; names are those of the headers that report them. */
export function readBudgets(rateLimits: unknown): Budget[] {
  return list(rateLimits, 'rateLimits').flatMap((entry) => {
    const limit = record(entry, 'rateLimit');
    const name = budgetName(limit);
    const unitMs = INTERVAL_MS.get(text(limit, 'interval'));
    if (unitMs === undefined || name === undefined) return [];
    const kind = name.startsWith('orders') ? 'orders' : 'requests';
    const windowMs = whole(limit, 'intervalNum') * unitMs;
    return [{ name, kind, limit: whole(limit, 'limit'), windowMs } as const];
  });
}

/** e.g. "weight_1m", "orders_10s"; undefined for limits that no call of ours counts in. */
export function budgetName(limit: Json): string | undefined {
  const type = text(limit, 'rateLimitType');
  const letter = INTERVAL_LETTER.get(text(limit, 'interval'));
  if (letter === undefined || (type !== 'REQUEST_WEIGHT' && type !== 'ORDERS')) return undefined;
  return `${type === 'ORDERS' ? 'orders' : 'weight'}_${whole(limit, 'intervalNum')}${letter}`;
}

function readInstrumentStatus(word: string): InstrumentStatus {
  if (word === 'TRADING') return InstrumentStatus.TRADING;
  return word === 'CLOSE' ? InstrumentStatus.DELISTED : InstrumentStatus.HALTED;
}
