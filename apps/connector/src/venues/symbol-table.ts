/** The configured symbols and the venue's names for them. What is not in it belongs to somebody else. */

export interface SymbolTable {
  readonly symbols: readonly string[];
  toVenue(symbol: string): string | undefined;
  fromVenue(venueSymbol: string): string | undefined;
}

export function symbolTable(pairs: readonly (readonly [symbol: string, venueSymbol: string])[]): SymbolTable {
  const toVenue = new Map(pairs);
  const fromVenue = new Map(pairs.map(([symbol, venueSymbol]) => [venueSymbol, symbol] as const));
  return {
    symbols: pairs.map(([symbol]) => symbol),
    toVenue: (symbol) => toVenue.get(symbol),
    fromVenue: (venueSymbol) => fromVenue.get(venueSymbol),
  };
}
