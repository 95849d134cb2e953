/** Which fields of the contract are decimals, and whether their text is canonical. */
import { parseDecimal } from '@trunkline/proto/decimal';

const DECIMALS: ReadonlySet<string> = new Set([
  ...['total', 'available', 'entryPrice', 'markPrice', 'unrealizedPnl', 'amount', 'tickSize', 'quantityStep'],
  ...['minQuantity', 'maxQuantity', 'minNotional', 'contractSize', 'makerFeeRate', 'takerFeeRate', 'price', 'quantity'],
  ...['filledQuantity', 'averagePrice', 'fee', 'realizedPnl', 'bidPrice', 'bidQuantity', 'askPrice', 'askQuantity'],
  ...['open', 'high', 'low', 'close', 'volume', 'indexPrice', 'fundingRate', 'lastPrice', 'openPrice24h'],
  ...['highPrice24h', 'lowPrice24h', 'baseVolume24h', 'quoteVolume24h'],
]);

/** Every decimal in a message that is not canonical, by its path; absent ones are no decimals. */
export function badDecimals(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item: unknown, index) => badDecimals(item, `${path}[${index}]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) => {
    const at = path === '' ? name : `${path}.${name}`;
    if (!DECIMALS.has(name) || typeof inner === 'object' || inner === undefined) return badDecimals(inner, at);
    return parseDecimal(inner) === inner ? [] : [`${at} = ${JSON.stringify(inner)}`];
  });
}
