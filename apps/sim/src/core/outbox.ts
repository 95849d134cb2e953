/**
 * The core's transactions: everything that one request or one act of a market does, as one atomic step.
 *
 * O1  A transaction has one time. Nested ones join the outermost.
 * O2  At its end the markets publish their changes, the truth gets one record of all its facts (the request first), and
 *     only then do listeners hear of it, in the order of events.ts V1.
 * O3  A listener that calls back into the core starts a transaction of its own, whose events follow those being delivered.
 */
import type { Clock } from '@trunkline/proto/clock';
import type { AccountBook } from './accounts.ts';
import type { Balances } from './balances.ts';
import type { AccountChangeReason, CoreEvent, Listener, OrderExecution } from './events.ts';
import type { MarketEvent } from './market.ts';
import type { Truth } from './truth.ts';
import type { TruthFact, TruthRequest, TruthVerdict } from './truth-entry.ts';
import type { Fill, FundingPayment, Order, PositionSide } from './types.ts';

export interface Outbox {
  transact<T>(run: () => T): T;
  /** The running transaction's time, or the present one. */
  nowUs(): number;
  request(request: TruthRequest, verdict: TruthVerdict): void;
  order(execution: OrderExecution, order: Order): void;
  fill(order: Order, fill: Fill): void;
  /** These balances (and the position) changed: what they are now is read when the transaction ends. */
  accountTouched(
    accountId: string,
    reason: AccountChangeReason,
    assets: readonly string[],
    position?: PositionName,
  ): void;
  funding(payment: FundingPayment): void;
  setting(setting: Setting): void;
  reserveIds(fact: Extract<TruthFact, { kind: 'ids' }>): void;
  publish(event: MarketEvent): void;
}

export interface PositionName {
  readonly symbol: string;
  readonly positionSide: PositionSide;
}

/** A changed setting: a fact of the truth and, with a time, an event. */
export type Setting = Extract<TruthFact, { kind: 'leverage' | 'margin_type' | 'position_mode' }>;

interface Touched {
  readonly reason: AccountChangeReason;
  readonly assets: Set<string>;
  /** By symbol and side. */
  readonly positions: Map<string, PositionName>;
}

interface Transaction {
  readonly timeUs: number;
  readonly requests: TruthFact[];
  readonly facts: TruthFact[];
  readonly events: CoreEvent[];
  readonly market: MarketEvent[];
  readonly touched: Map<string, Touched>;
}

interface OutboxOptions {
  readonly clock: Clock;
  readonly truth: Truth;
  readonly accounts: AccountBook;
  readonly balances: Balances;
  /** Lets the markets publish what changed. */
  readonly flushMarkets: () => void;
  readonly deliver: Listener;
}

export function createOutbox({ clock, truth, accounts, balances: held, flushMarkets, deliver }: OutboxOptions): Outbox {
  let current: Transaction | undefined;
  const undelivered: CoreEvent[] = [];
  let delivering = false;

  function within(): Transaction {
    if (current === undefined) throw new Error('a change of the core outside of a transaction');
    return current;
  }

  function commit(done: Transaction): void {
    flushMarkets();
    for (const [accountId, touched] of done.touched) settleAccount(done, accountId, touched);
    const facts = done.requests.concat(done.facts);
    if (facts.length > 0) truth.append(done.timeUs, facts);
    for (const event of done.events) undelivered.push(event);
    for (const event of done.market) undelivered.push(event);
  }

  function settleAccount(done: Transaction, accountId: string, touched: Touched): void {
    const { reason } = touched;
    const balances = Array.from(touched.assets, (asset) => held.balance(accountId, asset));
    const positions = Array.from(touched.positions.values(), ({ symbol, positionSide }) =>
      accounts.position(accountId, symbol, positionSide),
    );
    for (const balance of balances) done.facts.push({ kind: 'balance', accountId, balance });
    for (const position of positions) done.facts.push({ kind: 'position', accountId, position });
    done.events.push({ kind: 'account', accountId, reason, balances, positions, timeUs: done.timeUs });
  }

  function deliverAll(): void {
    if (delivering) return;
    delivering = true;
    try {
      for (let event = undelivered.shift(); event !== undefined; event = undelivered.shift()) deliver(event);
    } finally {
      delivering = false;
    }
  }

  function transact<T>(run: () => T): T {
    if (current !== undefined) return run();
    const own = { timeUs: clock.wallUs(), requests: [], facts: [], events: [], market: [], touched: new Map() };
    current = own;
    let result: T;
    try {
      result = run();
      commit(own);
    } finally {
      current = undefined;
    }
    deliverAll();
    return result;
  }

  return {
    transact,
    nowUs: () => current?.timeUs ?? clock.wallUs(),
    request: (request, verdict) => within().requests.push({ kind: 'request', request, verdict }),
    order(execution, order) {
      const { facts, events, timeUs } = within();
      facts.push({ kind: 'order', order });
      events.push({ kind: 'order', execution, order, timeUs });
    },
    fill(order, fill) {
      const { facts, events, timeUs } = within();
      facts.push({ kind: 'order', order }, { kind: 'fill', fill });
      events.push({ kind: 'fill', order, fill, timeUs });
    },
    accountTouched(accountId, reason, assets, position) {
      const { touched } = within();
      const entry: Touched = touched.get(accountId) ?? { reason, assets: new Set(), positions: new Map() };
      for (const asset of assets) entry.assets.add(asset);
      if (position !== undefined) entry.positions.set(`${position.symbol}/${position.positionSide}`, position);
      touched.set(accountId, entry);
    },
    funding(payment) {
      const { facts, events, timeUs } = within();
      facts.push({ kind: 'funding', payment });
      events.push({ kind: 'funding', payment, timeUs });
    },
    setting(setting) {
      const { facts, events, timeUs } = within();
      facts.push(setting);
      events.push({ ...setting, timeUs });
    },
    reserveIds: (fact) => transact(() => within().facts.push(fact)),
    publish: (event) => within().market.push(event),
  };
}
