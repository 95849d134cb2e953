/**
 * What the pre-trade check is shown of an account: gathered at the moment of the decision, from the orders and
 * positions themselves.
 */
import type { Clock } from '@trunkline/proto/clock';
import { add, asQuantity, type Decimal, type Quantity, subtract, ZERO } from '@trunkline/proto/decimal';
import type { PositionBook } from '../positions/position-book.ts';
import type { DayLoss } from '../risk/day-loss.ts';
import type { AccountLimits, Quote } from '../risk/limits.ts';
import { OrderRate } from '../risk/order-rate.ts';
import { checkOrder, type Denial } from '../risk/risk-check.ts';
import { checkGate, type GateView } from '../risk/trading-gate.ts';
import type { OrderTerms } from './order-event.ts';
import { exposureOf, isEnded, type Order } from './order-state.ts';
import type { OrderTable } from './order-table.ts';

export interface OrderRiskOptions {
  readonly limits: AccountLimits;
  readonly quote: (symbol: string) => Quote | undefined;
  readonly clock: Clock;
  readonly table: OrderTable;
  readonly positions: PositionBook;
  readonly dayLoss: DayLoss;
  readonly gate: () => GateView;
}

export interface OrderRisk {
  gate(terms: OrderTerms): Denial | undefined;
  /** Gate and limits. `amended` is the order whose terms these replace. An order that passes counts for the rate. */
  check(terms: OrderTerms, amended: Order | undefined): Denial | undefined;
  /** New orders that the limit on their rate allows now. */
  room(): number;
}

export function orderRiskCheck(options: OrderRiskOptions): OrderRisk {
  const { limits, quote, clock, table, positions, dayLoss, gate } = options;
  const rate = new OrderRate(clock);
  return {
    gate: (terms) => checkGate(gate(), terms),
    room: () => Math.max(0, limits.maxOrdersPerSecond - rate.count()),
    check(terms, amended) {
      const closed = checkGate(gate(), terms);
      if (closed) return closed;
      const others = table.live().filter((order) => order !== amended && order.origin === 'ours' && mayFill(order));
      const totals = positions.totals((symbol) => quote(symbol)?.bid);
      const denial = checkOrder(withoutFilled(terms, amended), {
        limits,
        nowUs: clock.monotonicUs(),
        quote: quote(terms.symbol),
        position: positions.get(terms.symbol, terms.positionSide).quantity,
        exposure: exposureBeside(terms, others),
        openOrders: others.length,
        ordersInLastSecond: rate.count(),
        dayLoss: dayLoss.now(totals),
      });
      if (!denial) rate.add();
      return denial;
    },
  };
}

function mayFill(order: Order): boolean {
  return !isEnded(order.status) || exposureOf(order) !== '0';
}

function exposureBeside(terms: OrderTerms, others: readonly Order[]): Quantity {
  const { symbol, side, positionSide } = terms;
  const same = others.filter(
    (order) =>
      order.terms.symbol === symbol &&
      order.terms.side === side &&
      order.terms.positionSide === positionSide &&
      !order.terms.reduceOnly,
  );
  return asQuantity(same.reduce<Decimal>((sum, order) => add<Decimal>(sum, exposureOf(order)), ZERO));
}

/** An amend states the total; what is filled of it is in the position already. */
function withoutFilled(terms: OrderTerms, amended: Order | undefined): OrderTerms {
  return amended ? { ...terms, quantity: subtract(terms.quantity, amended.filled) } : terms;
}
