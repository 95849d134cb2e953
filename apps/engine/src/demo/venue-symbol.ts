/** The contract's symbol from a venue's own: BTCUSDT or BTC_USDT is BTC/USDT, as a perpetual BTC/USDT:USDT. */
import type { MarketName } from './demo-plan.ts';

/** What is not a pair with USDT is given back as it is. */
export function contractSymbol(venueSymbol: string, market: MarketName): string {
  const base = /^([A-Z0-9]{1,20}?)_?USDT$/.exec(venueSymbol)?.[1];
  if (base === undefined) return venueSymbol;
  return market === 'spot' ? `${base}/USDT` : `${base}/USDT:USDT`;
}
