/**
 * Binance USD-M's balances and positions as the contract's (GET /fapi/v3/account and /fapi/v3/positionRisk,
 * ACCOUNT_UPDATE of the user stream).
 */

import { add, type Decimal, decimal, subtract } from '@trunkline/proto/decimal';
import { Balance, MarginMode, Position } from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import {
  amount,
  amountAboveZero,
  type Json,
  list,
  optionalAmount,
  optionalText,
  record,
  text,
  timeUs,
} from '../fields.ts';
import type { SymbolTable } from '../symbol-table.ts';
import { readPositionSide } from './words.ts';

/** GET /fapi/v3/account. */
export function readBalances(body: Json): Balance[] {
  return list(body['assets'], 'assets').map((entry) => {
    const asset = record(entry, 'asset');
    return Balance.fromPartial({
      asset: text(asset, 'asset'),
      total: amount(asset, 'walletBalance'),
      available: amount(asset, 'availableBalance'),
    });
  });
}

/**
 * The balances of an ACCOUNT_UPDATE. The stream does not say what is available: it is the last known value moved by
 * the change of the wallet, so margin taken since by orders and positions is not in it. GetBalances is exact.
 */
export function readBalanceChanges(account: Json, last: ReadonlyMap<string, Balance>): Balance[] {
  return list(account['B'], 'B').map((entry) => {
    const change = record(entry, 'B');
    const asset = text(change, 'a');
    const total = amount(change, 'wb');
    const known = last.get(asset);
    const available = known === undefined ? total : moved(known, total);
    return Balance.fromPartial({ asset, total, available });
  });
}

/** The configured symbols' positions of an ACCOUNT_UPDATE. */
export function readPositionChanges(account: Json, symbols: SymbolTable, venueTimeUs: number): Position[] {
  return list(account['P'] ?? [], 'P').flatMap((entry) => {
    const change = record(entry, 'P');
    const symbol = symbols.fromVenue(text(change, 's'));
    if (symbol === undefined) return [];
    return Position.fromPartial({
      symbol,
      side: readPositionSide(optionalText(change, 'ps')),
      quantity: amount(change, 'pa'),
      entryPrice: amountAboveZero(change, 'ep'),
      unrealizedPnl: optionalAmount(change, 'up'),
      marginMode: readMarginMode(optionalText(change, 'mt')),
      venueTimeUs,
    });
  });
}

/** GET /fapi/v3/positionRisk: only symbols with a position or an open order. */
export function readPositions(body: unknown, symbols: SymbolTable): Position[] {
  return list(body, 'positions').flatMap((entry) => {
    const risk = record(entry, 'position');
    const symbol = symbols.fromVenue(text(risk, 'symbol'));
    if (symbol === undefined) return [];
    return Position.fromPartial({
      symbol,
      side: readPositionSide(optionalText(risk, 'positionSide')),
      quantity: amount(risk, 'positionAmt'),
      entryPrice: amountAboveZero(risk, 'entryPrice'),
      markPrice: amountAboveZero(risk, 'markPrice'),
      unrealizedPnl: optionalAmount(risk, 'unRealizedProfit'),
      leverage: leverageOf(risk),
      // v3 carries no margin type: isolated margin above zero tells it.
      marginMode: readMarginMode(
        optionalText(risk, 'marginType') ?? (amountAboveZero(risk, 'isolatedMargin') ? 'isolated' : 'cross'),
      ),
      venueTimeUs: timeUs(risk, 'updateTime'),
    });
  });
}

function leverageOf(risk: Json): number | undefined {
  const leverage = optionalText(risk, 'leverage');
  return leverage !== undefined && /^\d{1,3}$/.test(leverage) ? Number(leverage) : undefined;
}

function readMarginMode(word: string | undefined): MarginMode {
  if (word === 'isolated') return MarginMode.ISOLATED;
  return word === 'cross' ? MarginMode.CROSS : MarginMode.UNSPECIFIED;
}

function moved(known: Balance, total: Decimal): Decimal {
  return add(decimal(known.available), subtract(total, decimal(known.total)));
}
