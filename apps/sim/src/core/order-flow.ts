/**
 * A synthetic market: seeded participants who place, cancel and take around a slow random walk, through the same
 * matching engine as the accounts.
 *
 * W1  What happens is a function of seed, clock and the accounts' own requests.
 * W2  Participants come at exponential intervals, `actionsPerSecond` on average. After a stall (a stopped process) at
 *     most `MAX_CATCH_UP` actions are made up for.
 * W3  The next `DEPTH_TICKS` ticks around the walk are kept populated, so each side shows some 50 levels or more.
 *
 * Participants decide in ticks and lots, whole numbers; prices and quantities are made of them exactly. Their tick is the
 * instrument's, or a multiple of it where that is a tiny part of the price: a market moves by its worth, not by the
 * number of decimals that a venue prints.
 */
import type { Timer } from '@trunkline/proto/clock';
import {
  asPrice,
  asQuantity,
  compare,
  type Decimal,
  decimal,
  multiply,
  type Price,
  type Quantity,
  toApproximateNumber,
} from '@trunkline/proto/decimal';
import type { Rng } from '@trunkline/proto/rng';
import type { Market, MarketHost } from './market.ts';
import { createMatchingEngine } from './matching.ts';
import type { Instrument, Side } from './types.ts';

export const DEFAULT_ACTIONS_PER_SECOND = 200;
const MAX_CATCH_UP = 1_000;
const DEPTH_TICKS = 90;
/** Orders further from the walk than this are withdrawn. */
const STALE_TICKS = 140;
/** Resting orders beyond which participants rather cancel than place. */
const TARGET_ORDERS = 2.6 * DEPTH_TICKS;
/** A typical order is worth this much quote currency. */
const TYPICAL_NOTIONAL = 2_000;
const WALK_TICKS_PER_SQRT_SECOND = 4;
const MARKET_ORDER_SHARE = 0.18;
const NEAR_SHARE = 0.4;
/** A participant's tick is at least this part of the price. */
const LEAST_TICK_SHARE = 1.5e-6;

export interface OrderFlowOptions {
  readonly instrument: Instrument;
  readonly startPrice: Price;
  readonly actionsPerSecond: number;
  readonly rng: Rng;
}

export function createOrderFlowMarket(options: OrderFlowOptions, host: MarketHost): Market {
  const { instrument, rng, actionsPerSecond } = options;
  const engine = createMatchingEngine(instrument, host);
  /** Synthetic resting orders; some may have been filled since. */
  let resting: string[] = [];
  const tick = participantsTick(instrument, options.startPrice);
  let fairTick = Math.round(toApproximateNumber(options.startPrice) / toApproximateNumber(tick));
  const lotsPerOrder = typicalLots(instrument, options.startPrice);
  let timer: Timer | undefined;
  let nextActionUs = 0;
  let isRunning = false;

  const priceAt = (ticks: number): Price => asPrice(multiply(decimal(String(ticks)), tick));
  const pickSide = (): Side => (rng.next() < 0.5 ? 'buy' : 'sell');

  function size(typicalOrders: number): Quantity {
    // Skewed: mostly below the typical size, now and then several times it.
    const factor = typicalOrders * (0.1 - Math.log(1 - rng.next()) * 0.7);
    const lots = Math.max(1, Math.round(lotsPerOrder * factor));
    const wanted = asQuantity(multiply(decimal(String(lots)), instrument.stepSize));
    if (compare(wanted, instrument.minQuantity) < 0) return instrument.minQuantity;
    return compare(wanted, instrument.maxQuantity) > 0 ? instrument.maxQuantity : wanted;
  }

  function placeAt(side: Side, ticksAway: number): void {
    const ticks = Math.max(1, Math.round(fairTick) + (side === 'buy' ? -ticksAway : ticksAway));
    const venueOrderId = engine.submitSynthetic(side, priceAt(ticks), size(1), true);
    if (venueOrderId !== undefined) resting.push(venueOrderId);
  }

  /** What a taker pays at most: no burst of them walks through the book to orders that nobody would have reached. */
  function furthestPrice(side: Side): Price {
    const ticks = Math.round(fairTick) + (side === 'buy' ? STALE_TICKS : -STALE_TICKS);
    return priceAt(Math.max(1, ticks));
  }

  function emptyTicksAway(side: Side): number {
    const taken = new Set(Array.from(engine.book.levels(side), ([price]) => price));
    for (let away = 1; away <= DEPTH_TICKS; away++) {
      const ticks = Math.round(fairTick) + (side === 'buy' ? -away : away);
      if (!taken.has(priceAt(ticks))) return away;
    }
    return 1 + rng.integer(DEPTH_TICKS);
  }

  function cancelOne(): void {
    const index = rng.integer(resting.length);
    const venueOrderId = resting[index];
    const last = resting.pop();
    if (venueOrderId === undefined || last === undefined) return;
    if (last !== venueOrderId) resting[index] = last;
    engine.book.remove(venueOrderId);
  }

  function withdrawStale(): void {
    const low = priceAt(Math.max(1, Math.round(fairTick) - STALE_TICKS));
    const high = priceAt(Math.round(fairTick) + STALE_TICKS);
    resting = resting.filter((venueOrderId) => {
      const order = engine.book.get(venueOrderId);
      if (order === undefined) return false;
      const isStale = compare(order.price, low) < 0 || compare(order.price, high) > 0;
      if (isStale) engine.book.remove(venueOrderId);
      return !isStale;
    });
  }

  function act(): void {
    const step = (rng.next() - 0.5) * Math.sqrt(12 / actionsPerSecond) * WALK_TICKS_PER_SQRT_SECOND;
    fairTick = Math.max(STALE_TICKS, fairTick + step);
    const side = pickSide();
    const choice = rng.next();
    if (choice < MARKET_ORDER_SHARE) engine.submitSynthetic(side, furthestPrice(side), size(2.5), false);
    else if (resting.length > 2 * TARGET_ORDERS) cancelOne();
    else if (choice > 0.85) cancelOne();
    else if (rng.next() < NEAR_SHARE) placeAt(side, 1 + Math.floor(-Math.log(1 - rng.next()) * 8));
    else placeAt(side, emptyTicksAway(side));
    if (rng.integer(50) === 0) withdrawStale();
  }

  function populate(): void {
    for (let away = 1; away <= DEPTH_TICKS; away++) {
      placeAt('buy', away);
      placeAt('sell', away);
    }
  }

  function wake(): void {
    const nowUs = host.clock.monotonicUs();
    for (let made = 0; nextActionUs <= nowUs; made++) {
      if (made >= MAX_CATCH_UP) nextActionUs = nowUs;
      host.transact(act);
      nextActionUs += intervalUs();
    }
    timer = host.clock.schedule((nextActionUs - nowUs) / 1_000, wake);
  }

  const intervalUs = (): number => 1 + Math.round((-Math.log(1 - rng.next()) * 1_000_000) / actionsPerSecond);

  return {
    ...engine,
    isOpen: () => isRunning,
    start() {
      isRunning = true;
      host.transact(populate);
      nextActionUs = host.clock.monotonicUs() + intervalUs();
      wake();
    },
    close() {
      timer?.cancel();
      isRunning = false;
    },
  };
}

function typicalLots(instrument: Instrument, price: Price): number {
  const lotNotional = toApproximateNumber(multiply(price, instrument.stepSize));
  return Math.max(1, Math.round(TYPICAL_NOTIONAL / lotNotional));
}

/** The instrument's tick, or the least multiple of it that is `LEAST_TICK_SHARE` of the price. */
function participantsTick({ tickSize }: Instrument, price: Price): Decimal {
  const share = (toApproximateNumber(price) * LEAST_TICK_SHARE) / toApproximateNumber(tickSize);
  return multiply(tickSize, decimal(String(Math.max(1, Math.ceil(share)))));
}
