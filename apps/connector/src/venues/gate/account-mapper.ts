/**
 * Gate's balances, positions, settings and funding as the contract's (APIv4 `FuturesAccount`, `SpotAccount`,
 * `Position`, `FuturesAccountBook`; `futures.balances`, `futures.positions`, `spot.balances`).
 */
import { add, type Decimal, decimal, subtract } from '@trunkline/proto/decimal';
import {
  AccountSettings,
  Balance,
  FundingPayment,
  MarginMode,
  Position,
  PositionMode,
} from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import { PositionSide, type Source } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import { flag, type Json, list, optionalText, record, text, Unreadable } from '../fields.ts';
import { readPositionSize } from './futures-orders.ts';
import type { Heard } from './heard.ts';
import { decimalAboveZeroAt, decimalAt, optionalDecimalAt, optionalTimeAt, timeAt } from './numbers.ts';
import type { GateSymbols } from './symbols.ts';

/** GET /futures/usdt/accounts. `total` is the wallet: it leaves unrealised profit out. */
export function readFuturesBalance(body: Json): Balance {
  return Balance.fromPartial({
    asset: text(body, 'currency').toUpperCase(),
    total: decimalAt(body, 'total'),
    available: decimalAt(body, 'available'),
  });
}

/** GET /spot/accounts. */
export function readSpotBalances(body: unknown): Balance[] {
  return list(body, 'accounts').map((entry) => {
    const account = record(entry, 'account');
    const available = decimalAt(account, 'available');
    const total = add(available, decimalAt(account, 'locked'));
    return Balance.fromPartial({ asset: text(account, 'currency'), total, available });
  });
}

/** One entry of `spot.balances`. */
export function readSpotBalanceChange(entry: Json): Balance {
  return Balance.fromPartial({
    asset: text(entry, 'currency'),
    total: decimalAt(entry, 'total'),
    available: decimalAt(entry, 'available'),
  });
}

/**
 * One entry of `futures.balances`. It does not say what is available: that is the last known value moved by the change
 * of the wallet, so margin taken since by orders and positions is not in it. GetBalances is exact.
 */
export function readFuturesBalanceChange(entry: Json, last: ReadonlyMap<string, Balance>): Balance {
  const asset = (optionalText(entry, 'currency') ?? 'USDT').toUpperCase();
  const total = decimalAt(entry, 'balance');
  const known = last.get(asset);
  return Balance.fromPartial({ asset, total, available: known === undefined ? total : moved(known, total) });
}

/** The configured symbols' positions of a list: GET /futures/usdt/positions, or the entries of `futures.positions`. */
export function readPositions(body: unknown, symbols: GateSymbols): Position[] {
  return list(body, 'positions').flatMap((entry) => {
    const position = record(entry, 'position');
    const symbol = symbols.fromVenue(text(position, 'contract'));
    return symbol === undefined ? [] : [readPosition(position, symbol, symbols.contractSize(symbol))];
  });
}

/** How a symbol is traded, from its position and the account's mode. Undefined: it was never touched. */
export function readSettings(
  position: Json | undefined,
  positionMode: PositionMode,
  { symbol, receivedAtUs }: Heard,
): AccountSettings {
  if (position === undefined) return AccountSettings.fromPartial({ symbol, positionMode, receivedAtUs });
  return AccountSettings.fromPartial({
    symbol,
    leverage: readLeverage(position),
    marginMode: readMargin(position),
    positionMode,
    venueTimeUs: optionalTimeAt(position, 'update_time') ?? 0,
    receivedAtUs,
  });
}

export function readPositionMode(account: Json): PositionMode {
  if (account['in_dual_mode'] === undefined) throw new Unreadable('in_dual_mode is missing');
  return flag(account, 'in_dual_mode') ? PositionMode.HEDGE : PositionMode.ONE_WAY;
}

/**
 * One entry of the ledger of type `fund`. Its id differs between the ledger and the stream, so the payment is told by
 * its time and amount, which both carry: in dual mode each side has an entry of its own.
 */
export function readFunding(entry: Json, heard: Heard, source: Source): FundingPayment {
  const venueTimeUs = timeAt(entry, 'time');
  const amount = decimalAt(entry, 'change');
  return FundingPayment.fromPartial({
    paymentId: `${Math.floor(venueTimeUs / 1_000_000)}:${amount}`,
    symbol: heard.symbol,
    positionSide: PositionSide.UNSPECIFIED,
    asset: 'USDT',
    amount,
    venueTimeUs,
    receivedAtUs: heard.receivedAtUs,
    source,
  });
}

/** Leverage 0 is cross margin, which has a limit of its own. */
export function readMargin(position: Json): MarginMode {
  const word = optionalText(position, 'pos_margin_mode');
  if (word === 'cross') return MarginMode.CROSS;
  if (word === 'isolated') return MarginMode.ISOLATED;
  return decimalAt(position, 'leverage') === '0' ? MarginMode.CROSS : MarginMode.ISOLATED;
}

export function readLeverage(position: Json): number | undefined {
  const own = decimalAboveZeroAt(position, 'leverage') ?? decimalAboveZeroAt(position, 'cross_leverage_limit');
  return own === undefined || !/^\d{1,4}$/.test(own) ? undefined : Number(own);
}

function readPosition(body: Json, symbol: string, contractSize: Decimal): Position {
  return Position.fromPartial({
    symbol,
    side: readPositionSide(optionalText(body, 'mode')),
    quantity: readPositionSize(body, contractSize),
    entryPrice: decimalAboveZeroAt(body, 'entry_price'),
    markPrice: decimalAboveZeroAt(body, 'mark_price'),
    unrealizedPnl: optionalDecimalAt(body, 'unrealised_pnl'),
    leverage: readLeverage(body),
    marginMode: readMargin(body),
    venueTimeUs: timeAt(body, 'time_ms', 'update_time', 'time'),
  });
}

function readPositionSide(mode: string | undefined): PositionSide {
  if (mode === 'dual_long') return PositionSide.LONG;
  return mode === 'dual_short' ? PositionSide.SHORT : PositionSide.BOTH;
}

function moved(known: Balance, total: Decimal): Decimal {
  return add(decimal(known.available), subtract(total, decimal(known.total)));
}
