/**
 * Leaves the account as it was found: cancels what a card left open, and trades back what its fills made. What is too
 * small to be traded back stays.
 */
import { compare, decimal, isNegative, isZero, multiply, roundToStep, subtract, ZERO } from '@trunkline/proto/decimal';
import { MarketType } from '@trunkline/proto/gen/trunkline/exchange/v1/instrument';
import { type Fill, type PositionSide, Side } from '@trunkline/proto/gen/trunkline/exchange/v1/order';
import type { Bench } from './bench.ts';
import { filledBy, netOf, read, type Session } from './session.ts';

/** A market may move away from one try. */
const TRIES = 4;
/** For the fills of the last cancels to arrive. */
const SETTLE_MS = 150;

export async function flatten(
  bench: Bench,
  session: Session,
  sessions: readonly Session[],
  placed: readonly string[],
): Promise<void> {
  const mine = new Set(placed);
  const open = (await bench.openOrders()).filter(({ clientOrderId }) => mine.has(clientOrderId));
  for (const { clientOrderId, venueOrderId } of open) {
    await session.cancel(bench.reference(clientOrderId, venueOrderId));
  }
  if (open.length > 0) await bench.sleep(SETTLE_MS);
  const fills = fillsOf(sessions, mine);
  for (const positionSide of new Set(fills.map((fill) => fill.positionSide))) {
    await tradeBack(
      bench,
      session,
      positionSide,
      fills.filter((fill) => fill.positionSide === positionSide),
    );
  }
}

async function tradeBack(bench: Bench, session: Session, positionSide: PositionSide, fills: readonly Fill[]) {
  const { capabilities, instrument } = bench.target;
  let left = netOf(fills, ({ side }) => side === Side.BUY);
  // Spot fees are taken out of what was bought.
  for (const { side, fee, feeAsset } of fills) {
    const isTakenOut = instrument.marketType === MarketType.SPOT && side === Side.BUY && feeAsset === instrument.base;
    if (isTakenOut) left = subtract(left, read(fee, 'fill.fee'));
  }
  for (let attempt = 0; attempt < TRIES && !isZero(left); attempt++) {
    const side = isNegative(left) ? Side.BUY : Side.SELL;
    const amount = isNegative(left) ? subtract(ZERO, left) : left;
    const quantity = roundToStep(amount, bench.orders.step, 'down');
    if (compare(quantity, read(instrument.minQuantity, 'min_quantity')) < 0) return;
    const quote = await bench.quote();
    const changes = { quantity, positionSide, reduceOnly: capabilities.reduceOnly };
    const order = bench.orders.taking(side, quote, changes);
    const least = instrument.minNotional === undefined ? ZERO : read(instrument.minNotional, 'min_notional');
    const isTooSmall = compare(multiply(read(order.price, 'price'), quantity), least) < 0;
    if (isTooSmall && !order.reduceOnly) return;
    const outcome = await session.place(order);
    if (outcome.fate?.$case !== 'accepted') return bench.note('what was left could not be traded back');
    const ended = await session.ended(order.clientOrderId);
    const done = read(ended.filledQuantity, 'filled_quantity');
    left = isNegative(left) ? subtract(left, multiply(done, decimal('-1'))) : subtract(left, done);
  }
}

/** Each fill once, by what makes it unique. */
function fillsOf(sessions: readonly Session[], mine: ReadonlySet<string>): Fill[] {
  const byId = new Map<string, Fill>();
  for (const { events } of sessions) {
    for (const { event } of events) {
      if (event?.$case !== 'fill' || !mine.has(event.value.clientOrderId)) continue;
      byId.set(`${event.value.tradeId} ${event.value.venueOrderId}`, event.value);
    }
  }
  return [...byId.values()].filter((fill) => filledBy([fill]) !== ZERO);
}
