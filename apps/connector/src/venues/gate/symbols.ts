/** The configured symbols with what a contract of each is worth in base asset. */
import type { Decimal } from '@trunkline/proto/decimal';
import { decimal } from '@trunkline/proto/decimal';
import type { Instrument } from '@trunkline/proto/gen/trunkline/exchange/v1/instrument';
import { type SymbolTable, symbolTable } from '../symbol-table.ts';
import { SPOT_SIZE } from './contracts.ts';

export interface GateSymbols extends SymbolTable {
  contractSize(symbol: string): Decimal;
}

export function gateSymbols(instruments: readonly Instrument[]): GateSymbols {
  const sizes = new Map(instruments.map(({ symbol, contractSize }) => [symbol, decimal(contractSize)] as const));
  return {
    ...symbolTable(instruments.map(({ symbol, venueSymbol }) => [symbol, venueSymbol] as const)),
    contractSize: (symbol) => sizes.get(symbol) ?? SPOT_SIZE,
  };
}
