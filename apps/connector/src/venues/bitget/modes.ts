/**
 * How the account trades, as last heard: one position mode for all, a margin mode and a leverage for each symbol. A
 * futures order names its margin mode, so it is read at start and kept.
 */
import { MarginMode, PositionMode } from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import type { HeldMode } from '../position-mode.ts';

export interface Modes extends HeldMode {
  marginMode(symbol: string): MarginMode;
  setMarginMode(symbol: string, mode: MarginMode): void;
}

export function modes(): Modes {
  const margin = new Map<string, MarginMode>();
  return {
    mode: PositionMode.UNSPECIFIED,
    marginMode: (symbol) => margin.get(symbol) ?? MarginMode.CROSS,
    setMarginMode(symbol, mode) {
      if (mode !== MarginMode.UNSPECIFIED) margin.set(symbol, mode);
    },
  };
}
