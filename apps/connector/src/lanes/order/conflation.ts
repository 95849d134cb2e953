/**
 * Balances, positions and rate budgets that wait for a number: only the latest of each counts, so while the engine
 * takes no events they are merged here instead of filling the log.
 *
 * C1  Bounded by what there is: one entry an asset, one a position, one a budget.
 * C2  Whatever was merged carries the newest times of what it stands for.
 */
import type {
  Balance,
  BalanceUpdate,
  Position,
  PositionUpdate,
} from '@trunkline/proto/gen/trunkline/exchange/v1/account';
import type { RateBudget } from '@trunkline/proto/gen/trunkline/exchange/v1/session';
import type { VenueEvent } from '../../venues/venue.ts';
import type { EventBody } from './event-log.ts';

export type ConflatedEvent = Extract<VenueEvent, { kind: 'balances' | 'positions' | 'rate_budgets' }>;

export class Conflation {
  readonly #balances = new Map<string, Balance>();
  readonly #positions = new Map<string, Position>();
  readonly #budgets = new Map<string, RateBudget>();
  #balanceUpdate: BalanceUpdate | undefined;
  #positionUpdate: PositionUpdate | undefined;

  add(event: ConflatedEvent): void {
    if (event.kind === 'balances') {
      this.#balanceUpdate = event.update;
      for (const balance of event.update.balances) this.#balances.set(balance.asset, balance);
    } else if (event.kind === 'positions') {
      this.#positionUpdate = event.update;
      for (const position of event.update.positions) {
        this.#positions.set(`${position.symbol}|${position.side}`, position);
      }
    } else {
      for (const budget of event.budgets) this.#budgets.set(budget.name, budget);
    }
  }

  /** Everything that waits, as at most three events; then nothing waits. */
  take(): EventBody[] {
    const bodies: EventBody[] = [];
    if (this.#balanceUpdate !== undefined) {
      const value = { ...this.#balanceUpdate, balances: [...this.#balances.values()] };
      bodies.push({ $case: 'balances', value });
    }
    if (this.#positionUpdate !== undefined) {
      const value = { ...this.#positionUpdate, positions: [...this.#positions.values()] };
      bodies.push({ $case: 'positions', value });
    }
    if (this.#budgets.size > 0) bodies.push({ $case: 'rateBudgets', value: { budgets: [...this.#budgets.values()] } });
    this.#balances.clear();
    this.#positions.clear();
    this.#budgets.clear();
    this.#balanceUpdate = undefined;
    this.#positionUpdate = undefined;
    return bodies;
  }
}
