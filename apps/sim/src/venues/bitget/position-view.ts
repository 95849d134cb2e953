/**
 * Positions of the futures market, as REST lists them and as the stream pushes them. A position that is flat is not
 * told of: the venue lists open ones alone.
 */
import {
  absolute,
  add,
  type Decimal,
  divide,
  isNegative,
  isZero,
  min,
  subtract,
  sum,
  ZERO,
} from '@trunkline/proto/decimal';
import type { Account, MarginType, MarkedPosition, Order, PositionSide } from '../../core/types.ts';
import { fixed } from '../decimal-text.ts';
import type { VenueContext } from './call.ts';
import { directionOf, marginModeText } from './order-view.ts';
import { averageOf, type Round } from './position-rounds.ts';
import { money, paid, precisionOf, wireTime } from './print.ts';

const EVERY_PAYMENT = 1_000_000;
const RATE_PLACES = 8;

type PositionKey = Pick<MarkedPosition, 'symbol' | 'positionSide'>;

export function openPositions(account: Account, { core }: VenueContext): readonly MarkedPosition[] {
  return account.positions
    .filter(({ quantity }) => !isZero(quantity))
    .toSorted((a, b) => b.updatedUs - a.updatedUs)
    .filter(({ symbol }) => core.instrument(symbol) !== undefined);
}

/** An element of `all-position` and `single-position`. */
export function restPosition(position: MarkedPosition, account: Account, context: VenueContext) {
  const { locked, orders, marginRate, posId: _, ...fields } = sharedFields(position, account, context);
  return {
    symbol: position.symbol,
    ...fields,
    locked,
    openDelegateSize: sum(orders.filter((order) => !reduces(order)).map(remaining)),
    leverage: String(position.leverage),
    marginRatio: marginRate,
    takeProfit: '',
    stopLoss: '',
    takeProfitId: '',
    stopLossId: '',
    assetMode: 'single',
    autoMargin: 'off',
  };
}

/** An element of the `positions` channel. */
export function pushedPosition(position: MarkedPosition, account: Account, context: VenueContext) {
  const { locked, orders: _, posId, ...fields } = sharedFields(position, account, context);
  return {
    posId,
    instId: position.symbol,
    ...fields,
    frozen: locked,
    leverage: position.leverage,
    unrealizedPLR: rate(position.unrealizedPnl, position.initialMargin),
    assetMode: 'single',
    autoMargin: 'off',
  };
}

/** A round that is over, with what it paid and got for funding while it lasted. */
export interface ClosedRound {
  readonly round: Round;
  readonly positionSide: PositionSide;
  readonly funding: Decimal;
  readonly marginType: MarginType;
  readonly quote: string;
}

/** The rounds of one position that are over, oldest first. */
export function closedRounds(accountId: string, position: PositionKey, context: VenueContext): readonly ClosedRound[] {
  return context.rounds.of(accountId, position).closed.map((round) => ended(accountId, position, round, context));
}

export function lastClosedRound(
  accountId: string,
  position: PositionKey,
  context: VenueContext,
): ClosedRound | undefined {
  const round = context.rounds.of(accountId, position).closed.at(-1);
  return round === undefined ? undefined : ended(accountId, position, round, context);
}

function ended(accountId: string, position: PositionKey, round: Round, context: VenueContext): ClosedRound {
  const { symbol, positionSide } = position;
  return {
    round,
    positionSide,
    funding: fundingOf(accountId, position, { startUs: round.openedUs, endUs: round.updatedUs }, context),
    marginType: context.core.marginType(accountId, symbol),
    quote: context.core.instrument(symbol)?.quote ?? '',
  };
}

/** An element of `history-position`. */
export function closedPosition({ round, positionSide, funding, marginType, quote }: ClosedRound) {
  const fees = add(round.openFee, round.closeFee);
  return {
    positionId: round.id,
    marginCoin: quote,
    symbol: round.symbol,
    holdSide: round.holdSide,
    openAvgPrice: averageOf(round.openedCost, round.openedQuantity),
    closeAvgPrice: averageOf(round.closedCost, round.closedQuantity),
    marginMode: marginModeText(marginType),
    openTotalPos: round.openedQuantity,
    closeTotalPos: round.closedQuantity,
    pnl: money(round.realizedPnl),
    netProfit: money(add(subtract(round.realizedPnl, fees), funding)),
    totalFunding: money(funding),
    openFee: paid(round.openFee),
    closeFee: paid(round.closeFee),
    posMode: directionOf({ side: 'buy', positionSide }).posMode,
    ctime: wireTime(round.openedUs),
    utime: wireTime(round.updatedUs),
    cTime: wireTime(round.openedUs),
    uTime: wireTime(round.updatedUs),
  };
}

/** An element of the `positions-history` channel. */
export function pushedClosedPosition(closed: ClosedRound) {
  const view = closedPosition(closed);
  return {
    posId: view.positionId,
    instId: view.symbol,
    marginCoin: view.marginCoin,
    marginMode: view.marginMode,
    holdSide: view.holdSide,
    posMode: view.posMode,
    openPriceAvg: view.openAvgPrice,
    closePriceAvg: view.closeAvgPrice,
    openSize: view.openTotalPos,
    closeSize: view.closeTotalPos,
    achievedProfits: view.pnl,
    settleFee: view.totalFunding,
    openFee: view.openFee,
    closeFee: view.closeFee,
    cTime: view.cTime,
    uTime: view.uTime,
  };
}

function sharedFields(position: MarkedPosition, account: Account, context: VenueContext) {
  const { core } = context;
  const { symbol, quantity, entryPrice } = position;
  const instrument = core.instrument(symbol);
  const orders = core
    .openOrders(account.accountId, symbol)
    .filter((order) => order.positionSide === position.positionSide);
  const total = absolute(quantity);
  const locked = min<Decimal>(total, sum(orders.filter(reduces).map(remaining)));
  const { open } = context.rounds.of(account.accountId, position);
  const asset = account.assets.find(({ asset }) => asset === instrument?.quote);
  const funding =
    open === undefined ? ZERO : fundingOf(account.accountId, position, { startUs: open.openedUs }, context);
  const fees = open === undefined ? '0' : money(add(open.openFee, open.closeFee));
  return {
    posId: open?.id ?? symbol,
    marginCoin: instrument?.quote ?? '',
    holdSide: isNegative(quantity) ? 'short' : 'long',
    posMode: directionOf({ side: 'buy', positionSide: position.positionSide }).posMode,
    marginMode: marginModeText(position.marginType),
    marginSize: money(position.initialMargin),
    total,
    available: subtract(total, locked),
    locked,
    openPriceAvg: entryPrice,
    achievedProfits: money(open?.realizedPnl ?? position.realizedPnl),
    unrealizedPL: money(position.unrealizedPnl),
    liquidationPrice: '0',
    keepMarginRate: instrument?.maintenanceMarginRate ?? '0',
    marginRate: asset === undefined ? '0' : rate(asset.maintenanceMargin, asset.marginBalance),
    markPrice: fixed(position.markPrice, instrument === undefined ? RATE_PLACES : precisionOf(instrument).price),
    breakEvenPrice: entryPrice,
    totalFee: isZero(funding) ? '' : money(funding),
    deductedFee: fees,
    cTime: wireTime(open?.openedUs ?? position.updatedUs),
    uTime: wireTime(position.updatedUs),
    orders,
  };
}

/** Below zero was paid. */
function fundingOf(
  accountId: string,
  { symbol, positionSide }: PositionKey,
  during: { readonly startUs: number; readonly endUs?: number },
  { core }: VenueContext,
): Decimal {
  const payments = core.fundingPayments(accountId, symbol, { ...during, limit: EVERY_PAYMENT });
  return sum(payments.filter((payment) => payment.positionSide === positionSide).map(({ amount }) => amount));
}

function reduces(order: Order): boolean {
  return directionOf(order).reduces;
}

function remaining({ quantity, executedQuantity }: Order): Decimal {
  return subtract(quantity, executedQuantity);
}

function rate(part: Decimal, whole: Decimal): Decimal {
  return isZero(whole) ? whole : divide(part, whole, RATE_PLACES, 'half-even');
}
