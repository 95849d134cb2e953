/**
 * Runs one strategy of one account and symbol: feeds it, gives it the order door, and stops it when it fails.
 *
 * J1  A strategy that throws is stopped for good, its orders are cancelled, and `onFailed` is called once.
 * J2  While the quote is stale or the account may not open new risk, the strategy is not asked to plan.
 */
import type { Clock, Timer } from '@trunkline/proto/clock';
import { price as readPrice, quantity as readQuantity } from '@trunkline/proto/decimal';
import { parseClientOrderId } from '@trunkline/proto/ids';
import type { OrderManager } from '../orders/order-manager.ts';
import { exposureOf, isEnded, type Order, workingTerms } from '../orders/order-state.ts';
import type { Strategy, StrategyContext, StrategyInstrument, StrategyOrder, StrategyQuote } from './strategy.ts';

const TIMER_MS = 100;

export interface StrategyHostOptions {
  readonly instrument: StrategyInstrument;
  readonly orders: OrderManager;
  readonly clock: Clock;
  readonly create: (context: StrategyContext) => Strategy;
  readonly onFailed: (error: unknown) => void;
}

export interface StrategyHost {
  onQuote(quote: StrategyQuote): void;
  /** The quote may not be relied on until the next one comes. */
  onStale(): void;
  /** Stops planning. Its open orders stay until somebody cancels them. */
  stop(): void;
}

export function hostStrategy(options: StrategyHostOptions): StrategyHost {
  const { instrument, orders, clock } = options;
  const { symbol } = instrument;
  let live = false;
  let stopped = false;
  let timer: Timer | undefined;

  const strategy = options.create({
    instrument,
    clock,
    position: () => orders.position(symbol),
    openOrders: () => ownOrders(orders, symbol),
    orderRoom: () => orders.orderRoom(),
    place({ side, price, quantity, postOnly }) {
      const terms = { symbol, side, price, quantity, postOnly, positionSide: 'both', type: 'limit' } as const;
      orders.place({ ...terms, timeInForce: 'gtc', reduceOnly: false }).then((decision) => {
        if (decision.kind === 'denied') guarded(() => strategy.onRefused(decision.denial.message));
      }, fail);
    },
    cancel(clientOrderId) {
      orders.cancel(clientOrderId);
    },
  });
  const unsubscribe = orders.subscribe({
    filled(order, { side, price, quantity }) {
      const clientOrderId = parseClientOrderId(order.clientOrderId);
      if (order.terms.symbol !== symbol || clientOrderId === undefined) return;
      guarded(() =>
        strategy.onFill({ clientOrderId, side, price: readPrice(price), quantity: readQuantity(quantity) }),
      );
    },
    orderChanged(order) {
      if (order.terms.symbol !== symbol || order.origin !== 'ours') return;
      if (order.status === 'rejected') guarded(() => strategy.onRefused(order.refusal?.message ?? ''));
      if (isEnded(order.status)) guarded(() => strategy.onOrderEnded());
    },
  });
  tick();

  function tick(): void {
    timer = clock.schedule(TIMER_MS, () => {
      tick();
      if (live && orders.ready) guarded(() => strategy.onTimer());
    });
  }

  function guarded(call: () => void): void {
    if (stopped) return;
    try {
      call();
    } catch (error) {
      fail(error);
    }
  }

  function fail(error: unknown): void {
    if (stopped) return;
    stop();
    for (const order of ownOrders(orders, symbol)) orders.cancel(order.clientOrderId);
    options.onFailed(error);
  }

  function stop(): void {
    stopped = true;
    timer?.cancel();
    unsubscribe();
  }

  return {
    onQuote(quote) {
      live = true;
      guarded(() => strategy.onQuote(quote));
    },
    onStale() {
      live = false;
    },
    stop,
  };
}

/** Limit orders of ours in the symbol that may still trade; unknown ones among them. */
function ownOrders(orders: OrderManager, symbol: string): StrategyOrder[] {
  return orders.openOrders().flatMap((order) => (order.terms.symbol === symbol ? (strategyOrder(order) ?? []) : []));
}

function strategyOrder(order: Order): StrategyOrder | undefined {
  const clientOrderId = parseClientOrderId(order.clientOrderId);
  const { price } = workingTerms(order);
  if (clientOrderId === undefined || price === null) return undefined;
  const { side } = order.terms;
  return { clientOrderId, side, price, remaining: exposureOf(order), canceling: order.cancelRequestedAtUs !== null };
}
