/**
 * The filters of a pair: how exchangeInfo lists them, and the average price that some of them are measured against.
 */
import { add, decimal, divide, multiply, ONE, type Price, subtract, sum, ZERO } from '@trunkline/proto/decimal';
import type { Core } from '../../../core/core-api.ts';
import type { Instrument } from '../../../core/types.ts';
import { fixed } from '../../decimal-text.ts';

const PLACES = 8;
/** The window of the average price. */
export const AVERAGE_MINUTES = 5;
const AVERAGE_US = AVERAGE_MINUTES * 60_000_000;
const KEPT_TRADES = 1_000;
/** The inner side of PERCENT_PRICE_BY_SIDE: so far below the average a buy, so far above it a sell may be. */
export const INNER_BOUNDS = { bidDown: decimal('0.2'), askUp: decimal('5') } as const;
const MAX_NOTIONAL = decimal('9000000');
const MAX_PRICE = decimal('1000000');
const MAX_ALGO_ORDERS = 5;

export interface AveragePrice {
  readonly price: Price | typeof ZERO;
  /** Of the last trade in it. */
  readonly closeUs: number;
}

/** Weighted by quantity over the last minutes, as far as trades are remembered; the last price when none traded. */
export function averagePriceOf(core: Core, symbol: string, nowUs: number): AveragePrice | undefined {
  const trades = core.trades(symbol, KEPT_TRADES);
  const last = trades.at(-1);
  if (last === undefined) return undefined;
  const recent = trades.filter((trade) => trade.timeUs >= nowUs - AVERAGE_US);
  if (recent.length === 0) return { price: last.price, closeUs: last.timeUs };
  const volume = sum(recent.map((trade) => trade.quantity));
  const value = sum(recent.map((trade) => multiply(trade.price, trade.quantity)));
  return { price: divide(value, volume, PLACES, 'half-even'), closeUs: last.timeUs };
}

export function filtersOf(instrument: Instrument) {
  const eight = (value: Parameters<typeof fixed>[0]) => fixed(value, PLACES);
  const { minQuantity, maxQuantity, stepSize, tickSize, priceBand } = instrument;
  return [
    { filterType: 'PRICE_FILTER', minPrice: eight(tickSize), maxPrice: eight(MAX_PRICE), tickSize: eight(tickSize) },
    { filterType: 'LOT_SIZE', minQty: eight(minQuantity), maxQty: eight(maxQuantity), stepSize: eight(stepSize) },
    { filterType: 'MARKET_LOT_SIZE', minQty: eight(ZERO), maxQty: eight(maxQuantity), stepSize: eight(ZERO) },
    {
      filterType: 'PERCENT_PRICE_BY_SIDE',
      bidMultiplierUp: fixed(add(ONE, priceBand), 1),
      bidMultiplierDown: INNER_BOUNDS.bidDown,
      askMultiplierUp: INNER_BOUNDS.askUp,
      askMultiplierDown: fixed(subtract(ONE, priceBand), 1),
      avgPriceMins: AVERAGE_MINUTES,
    },
    {
      filterType: 'NOTIONAL',
      minNotional: eight(instrument.minNotional),
      applyMinToMarket: true,
      maxNotional: eight(MAX_NOTIONAL),
      applyMaxToMarket: false,
      avgPriceMins: AVERAGE_MINUTES,
    },
    { filterType: 'MAX_NUM_ORDERS', maxNumOrders: instrument.maxOpenOrders },
    { filterType: 'MAX_NUM_ALGO_ORDERS', maxNumAlgoOrders: MAX_ALGO_ORDERS },
  ];
}
