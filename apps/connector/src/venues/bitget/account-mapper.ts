/**
 * Bitget's balances, positions, settings and funding payments as the contract's (bitget.com/api-doc: "Get Account List",
 * "Get Account Assets", "Get All Position", "Account Channel", "Position Channel", "Get Account Bill").
 */
import { absolute, add, decimal, negate, subtract } from '@trunkline/proto/decimal';
import {
  AccountSettings,
  Balance,
  FundingPayment,
  MarginMode,
  Position,
  PositionMode,
} from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import { PositionSide, Source } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
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
import type { Heard } from './order-mapper.ts';
import { readMarginMode, readPositionMode } from './words.ts';

/** Spot, query and stream: `frozen` by orders, `locked` by services. */
export function readSpotBalance(entry: unknown): Balance {
  const asset = record(entry, 'asset');
  const available = amount(asset, 'available');
  const frozen = optionalAmount(asset, 'frozen') ?? decimal('0');
  const locked = optionalAmount(asset, 'locked') ?? decimal('0');
  return Balance.fromPartial({ asset: text(asset, 'coin'), total: add(add(available, frozen), locked), available });
}

/** Futures, GET accounts. Equity has the unrealized profit in it, which is no balance yet. */
export function readFuturesBalance(entry: unknown): Balance {
  const account = record(entry, 'account');
  const unrealized = optionalAmount(account, 'unrealizedPL') ?? decimal('0');
  return Balance.fromPartial({
    asset: text(account, 'marginCoin'),
    total: subtract(amount(account, 'accountEquity'), unrealized),
    // `available` there is before what open orders hold.
    available: amount(account, 'crossedMaxAvailable'),
  });
}

/** Futures, the account channel. */
export function readFuturesBalanceChange(entry: unknown): Balance {
  const account = record(entry, 'account');
  const unrealized = optionalAmount(account, 'unrealizedPL') ?? decimal('0');
  return Balance.fromPartial({
    asset: text(account, 'marginCoin'),
    total: subtract(amount(account, 'equity'), unrealized),
    available: amount(account, 'maxOpenPosAvailable'),
  });
}

/** The configured symbols' positions: GET all-position names them `symbol`, the channel `instId`. */
export function readPositions(entries: unknown, symbols: SymbolTable): Position[] {
  return list(entries, 'positions').flatMap((entry) => {
    const position = record(entry, 'position');
    const symbol = symbols.fromVenue(optionalText(position, 'instId') ?? text(position, 'symbol'));
    return symbol === undefined ? [] : [readPosition(position, symbol)];
  });
}

function readPosition(position: Json, symbol: string): Position {
  const long = text(position, 'holdSide') === 'long';
  const total = absolute(amount(position, 'total'));
  const hedged = readPositionMode(optionalText(position, 'posMode')) === PositionMode.HEDGE;
  return Position.fromPartial({
    symbol,
    side: hedged ? (long ? PositionSide.LONG : PositionSide.SHORT) : PositionSide.BOTH,
    quantity: long ? total : negate(total),
    entryPrice: amountAboveZero(position, 'openPriceAvg'),
    markPrice: amountAboveZero(position, 'markPrice'),
    unrealizedPnl: optionalAmount(position, 'unrealizedPL'),
    leverage: leverageOf(position, 'leverage'),
    marginMode: readMarginMode(optionalText(position, 'marginMode')),
    venueTimeUs: timeUs(position, optionalText(position, 'uTime') === undefined ? 'cTime' : 'uTime'),
  });
}

/**
 * The account channel of positions pushes all that are open: one that was open and is not in it is flat.
 * `last` are those of the push before.
 */
export function withClosed(now: readonly Position[], last: readonly Position[], venueTimeUs: number): Position[] {
  const isOpen = ({ symbol, side }: Position) => now.some((each) => each.symbol === symbol && each.side === side);
  const closed = last
    .filter((position) => position.quantity !== '0' && !isOpen(position))
    .map(({ symbol, side, leverage, marginMode }) =>
      Position.fromPartial({ symbol, side, quantity: '0', leverage, marginMode, venueTimeUs }),
    );
  return [...now, ...closed];
}

/** GET /api/v2/mix/account/account. Isolated margin has a leverage for each side; they are told when they agree. */
export function readSettings(body: Json, heard: Heard, venueTimeUs: number): AccountSettings {
  const marginMode = readMarginMode(optionalText(body, 'marginMode'));
  const long = leverageOf(body, 'isolatedLongLever');
  const isolated = long === leverageOf(body, 'isolatedShortLever') ? long : undefined;
  return AccountSettings.fromPartial({
    symbol: heard.symbol,
    leverage: marginMode === MarginMode.ISOLATED ? isolated : leverageOf(body, 'crossedMarginLeverage'),
    marginMode,
    positionMode: readPositionMode(optionalText(body, 'posMode')),
    venueTimeUs,
    receivedAtUs: heard.receivedAtUs,
  });
}

/** A bill of `contract_settle_fee`: positive was received. It does not tell the position's side. */
export function readFunding(bill: Json, heard: Heard): FundingPayment {
  return FundingPayment.fromPartial({
    paymentId: text(bill, 'billId'),
    symbol: heard.symbol,
    positionSide: PositionSide.UNSPECIFIED,
    asset: text(bill, 'coin'),
    amount: amount(bill, 'amount'),
    venueTimeUs: timeUs(bill, 'cTime'),
    receivedAtUs: heard.receivedAtUs,
    source: Source.QUERY,
  });
}

/** Text, or on the position channel a number. */
export function leverageOf(from: Json, key: string): number | undefined {
  const leverage = optionalText(from, key);
  return leverage !== undefined && /^\d{1,3}$/.test(leverage) ? Number(leverage) : undefined;
}
