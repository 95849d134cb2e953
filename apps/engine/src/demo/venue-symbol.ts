/** The contract's symbol of a USDT perpetual, from the venue's own: BTCUSDT is BTC/USDT:USDT. */
export function symbolOfPerpetual(venueSymbol: string): string | undefined {
  const base = /^([A-Z0-9]{1,20})USDT$/.exec(venueSymbol)?.[1];
  return base === undefined ? undefined : `${base}/USDT:USDT`;
}
