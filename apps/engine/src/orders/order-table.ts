/**
 * The orders of one account that are held in memory, found by either id.
 *
 * B1  Every order that is not settled is here. Of settled ones the last `KEPT_SETTLED` are, so that late events find
 *     them without a read; older ones are in the journal.
 */
import { isSettled, isWorking, ORDER_STATUSES, type Order, type OrderStatus } from './order-state.ts';

const KEPT_SETTLED = 5_000;

export class OrderTable {
  readonly #orders = new Map<string, Order>();
  readonly #byVenueId = new Map<string, string>();
  readonly #live = new Map<string, Order>();
  readonly #settled: string[] = [];
  readonly #counts = new Map<OrderStatus, number>(ORDER_STATUSES.map((status) => [status, 0]));

  get(clientOrderId: string): Order | undefined {
    return this.#orders.get(clientOrderId);
  }

  findByVenueId(symbol: string, venueOrderId: string): Order | undefined {
    const id = this.#byVenueId.get(`${symbol} ${venueOrderId}`);
    return id === undefined ? undefined : this.#orders.get(id);
  }

  /** Orders that are not settled, oldest first; a stable copy. */
  live(): readonly Order[] {
    return [...this.#live.values()];
  }

  /** Takes a new or changed order. */
  put(order: Order): void {
    const before = this.#orders.get(order.clientOrderId);
    if (before) this.#count(before, -1);
    this.#count(order, 1);
    this.#hold(order, before !== undefined && isSettled(before));
  }

  /** Takes an order that the journal already counted. */
  restore(order: Order): void {
    this.#hold(order, false);
  }

  /** An intent that was never committed, and so never was. */
  forget(clientOrderId: string): void {
    const order = this.#orders.get(clientOrderId);
    if (order) this.#count(order, -1);
    this.#orders.delete(clientOrderId);
    this.#live.delete(clientOrderId);
  }

  /** Starts the counters from what the journal holds. */
  countRows(statuses: Iterable<string>): void {
    for (const status of statuses) {
      const found = ORDER_STATUSES.find((each) => each === status);
      if (found) this.#counts.set(found, this.count(found) + 1);
    }
  }

  /** How many of our orders are in this state, the journal's settled ones included. */
  count(status: OrderStatus): number {
    return this.#counts.get(status) ?? 0;
  }

  get working(): number {
    return this.live().filter((order) => isWorking(order.status)).length;
  }

  #hold(order: Order, wasSettled: boolean): void {
    const { clientOrderId } = order;
    this.#orders.set(clientOrderId, order);
    if (order.venueOrderId !== null) this.#byVenueId.set(`${order.terms.symbol} ${order.venueOrderId}`, clientOrderId);
    if (!isSettled(order)) {
      this.#live.set(clientOrderId, order);
      return;
    }
    this.#live.delete(clientOrderId);
    if (!wasSettled) this.#settled.push(clientOrderId);
    if (this.#settled.length > KEPT_SETTLED) this.#evict();
  }

  #evict(): void {
    const oldest = this.#settled.shift();
    const order = oldest === undefined ? undefined : this.#orders.get(oldest);
    if (!order || this.#live.has(order.clientOrderId)) return;
    this.#orders.delete(order.clientOrderId);
    if (order.venueOrderId !== null) this.#byVenueId.delete(`${order.terms.symbol} ${order.venueOrderId}`);
  }

  #count(order: Order, by: 1 | -1): void {
    if (order.origin === 'ours') this.#counts.set(order.status, this.count(order.status) + by);
  }
}
