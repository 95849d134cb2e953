/**
 * Accounts and positions of contracts, as REST answers them and the streams push them.
 *
 * V1  `leverage` 0 is cross margin, `cross_leverage_limit` then the leverage; above 0 it is isolated at that leverage.
 */
import { absolute, type Decimal, divide, isZero, ZERO } from '@trunkline/proto/decimal';
import type { Core } from '../../../core/core-api.ts';
import type { Account, AccountAsset, Instrument, MarkedPosition, Position, PositionSide } from '../../../core/types.ts';
import { milliseconds } from '../../decimal-text.ts';
import type { VenueAccount } from '../../venue-front.ts';
import { contracts, float, seconds } from '../print.ts';
import type { History } from './histories.ts';

const PRICE_PLACES = 8;

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

/** V1. */
function leverageOf({ marginType, leverage }: MarkedPosition) {
  return marginType === 'cross'
    ? { leverage: '0', cross_leverage_limit: String(leverage) }
    : { leverage: String(leverage), cross_leverage_limit: '0' };
}

function entryPrice({ quantity, cost }: Position): Decimal {
  return isZero(quantity) ? ZERO : divide(absolute(cost), absolute(quantity), PRICE_PLACES, 'half-even');
}
