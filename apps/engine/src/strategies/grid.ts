/**
 * A slot-based grid market maker: post-only orders in `levels` slots a side of an anchor, refilled as they fill,
 * re-centred when the market has moved, within an inventory limit and never tighter than the fees.
 *
 * It plans at most once a timer tick, so a burst of quotes costs one plan; it places no more than the account's order
 * rate has room for, nearest to the market first; after a refusal it waits before it places again, so that a venue or a
 * limit that says no is not asked in a loop.
 */
import type { Decimal, Price } from '@trunkline/proto/decimal';
import { type GridSettings, hasDrifted, innermost, latticeStep, midPrice, planGrid } from './grid-plan.ts';
import type { Strategy, StrategyContext, StrategyQuote } from './strategy.ts';

/** How long no order is placed after one was denied or rejected. */
const REFUSAL_PAUSE_US = 500_000;

interface Anchor {
  readonly price: Price;
  readonly step: Decimal;
}

export function createGrid(settings: GridSettings, context: StrategyContext): Strategy {
  const { instrument, clock } = context;
  let quote: StrategyQuote | undefined;
  let anchor: Anchor | undefined;
  let pausedUntilUs = 0;
  let dirty = false;

  function plan(): void {
    if (!dirty || !quote) return;
    dirty = false;
    const middle = midPrice(quote);
    if (!anchor || hasDrifted(anchor.price, middle, anchor.step)) {
      anchor = { price: middle, step: anchor?.step ?? latticeStep(settings, instrument, middle) };
    }
    const position = context.position();
    const orders = context.openOrders();
    const decided = planGrid({
      settings,
      instrument,
      anchor: anchor.price,
      step: anchor.step,
      quote,
      position,
      orders,
    });
    for (const clientOrderId of decided.cancel) context.cancel(clientOrderId);
    const room = clock.monotonicUs() < pausedUntilUs ? 0 : context.orderRoom();
    // What finds no room now is planned anew at the next tick.
    if (decided.place.length > room) dirty = true;
    for (const slot of innermost(decided.place, quote, room)) {
      context.place({ ...slot, quantity: settings.quantity, postOnly: true });
    }
  }

  function pause(): void {
    pausedUntilUs = clock.monotonicUs() + REFUSAL_PAUSE_US;
    dirty = true;
  }

  return {
    name: 'grid',
    onQuote(next) {
      quote = next;
      dirty = true;
    },
    onFill() {
      dirty = true;
    },
    onOrderEnded() {
      dirty = true;
    },
    onRefused: pause,
    onTimer: plan,
  };
}
