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
import type { AccountChangeReason, CoreEvent, Listener, OrderExecution } from './events.ts';
import type { MarketEvent } from './market.ts';
import type { Truth } from './truth.ts';
import type { TruthFact, TruthRequest, TruthVerdict } from './truth-entry.ts';
import type { Fill, Order } from './types.ts';

export interface Outbox {
  transact<T>(run: () => T): T;
  /** The running transaction's time, or the present one. */
  nowUs(): number;
  request(request: TruthRequest, verdict: TruthVerdict): void;
  order(execution: OrderExecution, order: Order): void;
  fill(order: Order, fill: Fill): void;
  /** The account's balance of `asset` (and position in `symbol`) changed: both are read when the transaction ends. */
  accountTouched(accountId: string, reason: AccountChangeReason, asset: string, symbol?: string): void;
  leverage(accountId: string, symbol: string, leverage: number): void;
  reserveIds(fact: Extract<TruthFact, { kind: 'ids' }>): void;
  publish(event: MarketEvent): void;
}

interface Touched {
  readonly reason: AccountChangeReason;
  readonly assets: Set<string>;
  readonly symbols: Set<string>;
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
  /** Lets the markets publish what changed. */
  readonly flushMarkets: () => void;
  readonly deliver: Listener;
}

export function createOutbox({ clock, truth, accounts, flushMarkets, deliver }: OutboxOptions): Outbox {
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

  function settleAccount(done: Transaction, accountId: string, { reason, assets, symbols }: Touched): void {
    const balances = Array.from(assets, (asset) => accounts.balance(accountId, asset));
    const positions = Array.from(symbols, (symbol) => accounts.position(accountId, symbol));
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
    accountTouched(accountId, reason, asset, symbol) {
      const { touched } = within();
      const entry = touched.get(accountId) ?? { reason, assets: new Set(), symbols: new Set() };
      entry.assets.add(asset);
      if (symbol !== undefined) entry.symbols.add(symbol);
      touched.set(accountId, entry);
    },
    leverage(accountId, symbol, leverage) {
      const { facts, events, timeUs } = within();
      facts.push({ kind: 'leverage', accountId, symbol, leverage });
      events.push({ kind: 'leverage', accountId, symbol, leverage, timeUs });
    },
    reserveIds: (fact) => transact(() => within().facts.push(fact)),
    publish: (event) => within().market.push(event),
  };
}
