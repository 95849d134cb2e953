/**
 * Accounts, positions and the account book of contracts, as REST answers them and the streams push them.
 *
 * V1  `leverage` 0 is cross margin, `cross_leverage_limit` then the leverage; above 0 it is isolated at that leverage.
 * V2  `balance` of a row of the account book is the wallet after it. Rows are made of fills and funding payments, so
 *     the deposit an account began with has none.
 */
import { absolute, add, type Decimal, divide, isZero, negate, subtract, ZERO } from '@trunkline/proto/decimal';
import type { Core } from '../../../core/core-api.ts';
import type {
  Account,
  AccountAsset,
  Fill,
  FundingPayment,
  Instrument,
  MarkedPosition,
  Position,
  PositionSide,
} from '../../../core/types.ts';
import { milliseconds } from '../../decimal-text.ts';
import type { VenueAccount } from '../../venue-front.ts';
import { contracts, float, seconds } from '../print.ts';

const PRICE_PLACES = 8;
const ALL = { limit: 200_000 } as const;

const MODES = { both: 'single', long: 'dual_long', short: 'dual_short' } as const satisfies Record<
  PositionSide,
  string
>;

export function accountView(account: Account, asset: AccountAsset, history: History) {
  const isDual = account.positionMode === 'hedge';
  return {
    total: asset.walletBalance,
    unrealised_pnl: asset.unrealizedPnl,
    position_margin: asset.positionInitialMargin,
    order_margin: asset.openOrderInitialMargin,
    available: asset.availableBalance,
    point: '0',
    currency: asset.asset,
    in_dual_mode: isDual,
    position_mode: isDual ? 'dual' : 'single',
    margin_mode: 0,
    enable_credit: true,
    enable_evolved_classic: true,
    enable_new_dual_mode: true,
    enable_tiered_mm: true,
    position_initial_margin: asset.positionInitialMargin,
    maintenance_margin: asset.maintenanceMargin,
    bonus: '0',
    cross_order_margin: asset.openOrderInitialMargin,
    cross_initial_margin: asset.positionInitialMargin,
    cross_maintenance_margin: asset.maintenanceMargin,
    cross_unrealised_pnl: asset.unrealizedPnl,
    cross_available: asset.availableBalance,
    cross_margin_balance: asset.marginBalance,
    cross_mmr: '0',
    cross_imr: '0',
    isolated_position_margin: '0',
    history: {
      dnw: '0',
      pnl: history.pnl,
      fee: history.fee,
      refr: '0',
      fund: history.fund,
      point_dnw: '0',
      point_fee: '0',
      point_refr: '0',
      bonus_dnw: '0',
      bonus_offset: '0',
    },
  };
}

export function positionView(core: Core, position: MarkedPosition, instrument: Instrument, account: VenueAccount) {
  const { symbol } = position;
  const isFlat = isZero(position.quantity);
  return {
    user: Number(account.uid),
    contract: symbol,
    size: contracts(position.quantity, instrument),
    ...leverageOf(position),
    leverage_max: String(instrument.maxLeverage),
    risk_limit: '1000000',
    maintenance_rate: instrument.maintenanceMarginRate,
    value: absolute(position.notional),
    margin: position.isolatedMargin,
    entry_price: entryPrice(position),
    liq_price: '0',
    mark_price: position.markPrice,
    initial_margin: position.initialMargin,
    maintenance_margin: position.maintenanceMargin,
    unrealised_pnl: position.unrealizedPnl,
    realised_pnl: position.realizedPnl,
    pnl_pnl: position.realizedPnl,
    pnl_fund: '0',
    pnl_fee: '0',
    history_pnl: position.realizedPnl,
    last_close_pnl: '0',
    realised_point: '0',
    history_point: '0',
    adl_ranking: isFlat ? 6 : 5,
    pending_orders: core.openOrders(account.name, symbol).length,
    close_order: null,
    mode: MODES[position.positionSide],
    pos_margin_mode: position.marginType,
    update_time: seconds(position.updatedUs),
    update_id: 1,
    open_time: isFlat ? 0 : seconds(position.updatedUs),
  };
}

/** One row of `futures.positions`. */
export function positionUpdate(
  core: Core,
  position: Position,
  instrument: Instrument,
  account: VenueAccount,
  updateId: number,
) {
  const { name, uid } = account;
  const { symbol } = position;
  const leverage = core.leverage(name, symbol);
  const isCross = core.marginType(name, symbol) === 'cross';
  return {
    contract: symbol,
    cross_leverage_limit: isCross ? leverage : 0,
    entry_price: float(entryPrice(position)),
    history_pnl: float(position.realizedPnl),
    history_point: 0,
    last_close_pnl: 0,
    leverage: isCross ? 0 : leverage,
    leverage_max: instrument.maxLeverage,
    liq_price: 0,
    maintenance_rate: float(instrument.maintenanceMarginRate),
    margin: 0,
    mode: MODES[position.positionSide],
    realised_pnl: float(position.realizedPnl),
    realised_point: 0,
    risk_limit: 1_000_000,
    size: contracts(position.quantity, instrument),
    time: seconds(position.updatedUs),
    time_ms: milliseconds(position.updatedUs),
    update_id: updateId,
    user: uid,
  };
}

/** What the account paid and got, over all contracts. */
export interface History {
  readonly pnl: Decimal;
  readonly fee: Decimal;
  readonly fund: Decimal;
}

export interface BookRow {
  readonly timeUs: number;
  readonly change: Decimal;
  readonly type: 'pnl' | 'fee' | 'fund';
  readonly text: string;
  readonly contract: string;
  readonly tradeId: string;
  readonly id: string;
}

/** The rows of the account book, oldest first. A fill makes one for its fee and one for what it realised. */
export function bookRows(core: Core, accountId: string): readonly BookRow[] {
  const rows = core
    .instruments()
    .flatMap(({ symbol }) => [
      ...core.fills(accountId, symbol, ALL).flatMap(fillRows),
      ...core.fundingPayments(accountId, symbol, ALL).map(fundingRow),
    ]);
  return rows.sort((a, b) => a.timeUs - b.timeUs);
}

export function fillRows(fill: Fill): readonly BookRow[] {
  const { timeUs, symbol, tradeId, venueOrderId, fee, realizedPnl } = fill;
  const common = { timeUs, contract: symbol, tradeId, text: `${symbol}:${venueOrderId}` };
  const feeRow = { ...common, change: negate(fee), type: 'fee', id: `${tradeId}1` } as const;
  if (isZero(realizedPnl)) return [feeRow];
  return [feeRow, { ...common, change: realizedPnl, type: 'pnl', id: `${tradeId}2` }];
}

export function fundingRow({ timeUs, symbol, amount, paymentId }: FundingPayment): BookRow {
  return { timeUs, contract: symbol, text: symbol, tradeId: '', change: amount, type: 'fund', id: `${paymentId}3` };
}

export function historyOf(rows: readonly BookRow[]): History {
  const history = { pnl: ZERO, fee: ZERO, fund: ZERO };
  for (const { type, change } of rows) history[type] = add(history[type], change);
  return history;
}

/** V2: backwards from what the wallet is now. Newest first. */
export function bookView(rows: readonly BookRow[], wallet: Decimal) {
  let balance = wallet;
  return [...rows].reverse().map((row) => {
    const after = balance;
    balance = subtract(balance, row.change);
    return {
      time: seconds(row.timeUs),
      change: row.change,
      balance: after,
      type: row.type,
      text: row.text,
      contract: row.contract,
      trade_id: row.tradeId,
      id: row.id,
    };
  });
}

/** V1. */
function leverageOf({ marginType, leverage }: MarkedPosition) {
  return marginType === 'cross'
    ? { leverage: '0', cross_leverage_limit: String(leverage) }
    : { leverage: String(leverage), cross_leverage_limit: '0' };
}

function entryPrice({ quantity, cost }: Position): Decimal {
  return isZero(quantity) ? ZERO : divide(absolute(cost), absolute(quantity), PRICE_PLACES, 'half-even');
}
