/** The scripted fault of a book delta that never arrives. */
export interface DeltaFault {
  /** The n-th next delta of the symbol will be dropped; 1 is the very next. Several may be armed. */
  arm(symbol: string, nth: number): void;
  /** Counts a delta of the symbol and says whether it is to be dropped. */
  drops(symbol: string): boolean;
}

export function createDeltaFault(): DeltaFault {
  const armed = new Map<string, readonly number[]>();
  return {
    arm: (symbol, nth) => armed.set(symbol, [...(armed.get(symbol) ?? []), nth]),
    drops(symbol) {
      const counts = armed.get(symbol);
      if (counts === undefined) return false;
      const left = counts.map((count) => count - 1);
      armed.set(
        symbol,
        left.filter((count) => count > 0),
      );
      return left.includes(0);
    },
  };
}
