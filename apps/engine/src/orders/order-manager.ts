/**
 * The life of one account's orders: opens what the journal holds, listens to the session, decides, watches, and stops.
 * Everything here is wiring; the rules are in the parts.
 *
 * M1  After a restart each intent without an answer is unknown, and is asked for, never sent again.
 * M2  What a session said is acknowledged after its commit, and told to listeners after that, in order.
 * M3  No new risk until reconciled; when a session does not resume, or says that something is missing, again.
 * M4  While the account is halted every order of ours is canceled, and canceled again until it is gone.
 */
import type { Logger } from '@trunkline/kit/log';
import { type Clock, sleep, type Timer } from '@trunkline/proto/clock';
import type { Price, Quantity } from '@trunkline/proto/decimal';
import type { CallContext, Exchange } from '@trunkline/proto/exchange';
import { clientOrderIdMint, type OrderTag } from '@trunkline/proto/ids';
import type { Rng } from '@trunkline/proto/rng';
import type { Established, SessionHandler, TradingSession } from '../exchange/trading-session.ts';
import type { CursorRow, Journal } from '../journal/journal.ts';
import { readBaseline } from '../positions/balance-ledger.ts';
import { readPositionRow } from '../positions/position.ts';
import { PositionBook } from '../positions/position-book.ts';
import { DayLoss } from '../risk/day-loss.ts';
import type { HaltBoard } from '../risk/halt-board.ts';
import type { AccountLimits, Quote } from '../risk/limits.ts';
import { AccountFacts } from './account-facts.ts';
import { AccountLedger } from './account-ledger.ts';
import type { AccountEnd, AccountListener } from './account-listener.ts';
import { accountQueries } from './account-queries.ts';
import { type AccountSummary, summarize } from './account-summary.ts';
import { JournalWriter } from './journal-writer.ts';
import { type CancelDecision, type HeldLease, OrderDesk, type PlaceDecision } from './order-desk.ts';
import type { OrderTerms } from './order-event.ts';
import { orderRiskCheck } from './order-risk.ts';
import { readOrderRow } from './order-rows.ts';
import { isEnded, type Order } from './order-state.ts';
import { OrderTable } from './order-table.ts';
import { Reconciler } from './reconciler.ts';
import { Resolver, type ResolverOptions } from './resolver.ts';
import { SentCommands } from './sent-commands.ts';
import { SessionInbox } from './session-inbox.ts';
import { VenueIntake } from './venue-intake.ts';

/** How often orders in flight are looked at; open orders each fifth time, positions each thirtieth. */
const WATCH_MS = 2_000;
const OPEN_ORDERS_EVERY = 5;
const POSITIONS_EVERY = 30;

export interface OrderManagerOptions {
  readonly account: string;
  readonly tag: OrderTag;
  readonly exchange: Exchange;
  readonly context: CallContext;
  readonly journal: Journal;
  readonly lease: HeldLease;
  readonly halts: HaltBoard;
  readonly limits: AccountLimits;
  readonly quote: (symbol: string) => Quote | undefined;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Logger;
  /** How the venue amends, and its request expiry, as Describe says. */
  readonly amend: 'none' | 'in_place' | 'replace';
  readonly requestExpiryMs: number;
  /** Whether the venue lists funding payments. */
  readonly hasFunding: boolean;
  /** How long a command may be under way before the connector drops it. */
  readonly commandTtlMs: number;
  /** Bound on the difference of clocks that leases and expiries allow for. */
  readonly skewMs: number;
  /** Commands without an end; beyond it new orders are denied. */
  readonly maxInFlight: number;
  readonly failpoint: (name: string) => void;
  /** A bug, an unreadable journal or an armed failpoint: ends the process. */
  readonly crash: (error: unknown) => void;
}

export interface OrderManager {
  /** What a session is to be opened with. */
  readonly handler: SessionHandler;
  /** The last event that is durable. */
  readonly lastSeen: { readonly bootId: string; readonly seq: number } | undefined;
  attach(session: TradingSession): void;
  place(terms: OrderTerms): Promise<PlaceDecision>;
  amend(clientOrderId: string, price: Price, quantity: Quantity): Promise<PlaceDecision>;
  cancel(clientOrderId: string): CancelDecision;
  cancelAll(): void;
  /** A person looked and found nothing at the venue: frees a lost order. False if it is not lost or unknown. */
  settle(clientOrderId: string, by: string, note: string): boolean;
  order(clientOrderId: string): Order | undefined;
  openOrders(): readonly Order[];
  /** New orders that the limit on their rate allows now. */
  orderRoom(): number;
  /** Signed position of a symbol in one-way mode, from fills. */
  position(symbol: string): Quantity;
  subscribe(listener: AccountListener): () => void;
  readonly ready: boolean;
  snapshot(): AccountSummary;
  /** Resolves true once no order of ours is open, unknown or short of fills, false after the time. */
  quiet(timeoutMs: number): Promise<boolean>;
  /** Takes no more orders, and resolves when all that was learnt is durable, or cannot be made so now. */
  close(): Promise<void>;
}

export async function openOrderManager(options: OrderManagerOptions): Promise<OrderManager> {
  const { account, tag, exchange, context, journal, lease, halts, limits, clock, rng, log, failpoint, crash } = options;
  const snapshot = await journal.loadAccount(account);
  const baseline = await readBaseline(journal, account);
  const failed = (error: unknown) => log.warn({ error: String(error) }, 'the day was not written');
  const dayLoss = await DayLoss.open({ journal, clock, account, failed });
  const rows = await journal.listOrders({ account });

  const table = new OrderTable();
  table.countRows(rows.filter((row) => !row.clientOrderId.startsWith('~')).map((row) => row.status));
  for (const row of snapshot.openOrders) table.restore(readOrderRow(row));
  const positions = new PositionBook(account, snapshot.positions.map(readPositionRow));
  const sent = new SentCommands();
  const listeners = new Set<AccountListener>();
  const listenersDo = (tell: (listener: AccountListener) => void) => {
    for (const listener of [...listeners]) tell(listener);
  };

  let session: TradingSession | undefined;
  let boots = 0;
  let closing = false;
  let ended: string | undefined;
  let deniedBefore = 0;
  let cursor = snapshot.cursor;

  const writer = new JournalWriter({
    journal,
    account,
    clock,
    claim: lease.claim,
    failpoint,
    crash,
    committed(entries, reached) {
      if (reached) {
        cursor = reached;
        session?.ack(reached.seq, reached.bootId);
      }
      for (const { order, fill } of entries) {
        if (order && fill) listenersDo((listener) => listener.filled?.(order, fill));
        if (order) listenersDo((listener) => listener.orderChanged?.(order));
      }
    },
    trouble(trouble) {
      if (trouble) log.error({ account, code: trouble.code, problem: trouble.message }, 'journal: no new orders');
      else log.info({ account }, 'journal: works again');
      if (trouble?.kind === 'refused') end({ kind: 'lease_lost', message: trouble.message });
    },
  });
  const ledger = new AccountLedger({
    account,
    clock,
    table,
    positions,
    push: (entry) => writer.push(entry),
    effect(order, effect) {
      const { clientOrderId } = order;
      if (effect.kind === 'ask_order') resolver.consider(order);
      if (effect.kind === 'ask_fills') soon(() => act(reconciler.recoverFills(clientOrderId)));
      if (effect.kind === 'anomaly') {
        const { code, detail } = effect;
        log.error({ account, order: clientOrderId, code, detail }, 'an order did what cannot be');
      }
    },
  });
  const intake = new VenueIntake({ account, tag, journal, table, ledger });
  const settleUs = (options.requestExpiryMs + options.skewMs) * 1_000;
  const stopped = new AbortController();
  const queries = accountQueries(exchange, { ...context, signal: stopped.signal });
  const resolving: ResolverOptions = {
    clock,
    log,
    table,
    ledger,
    intake,
    queries,
    settleMs: options.commandTtlMs + options.requestExpiryMs + options.skewMs,
    settledAtUs: (order) => order.validUntilUs + settleUs,
    probe: (order) => desk.probe(order),
    crash,
  };
  const resolver = new Resolver(resolving);
  const reconciler = new Reconciler({
    account,
    symbols: [...limits.symbols.keys()],
    clock,
    log,
    journal,
    queries,
    table,
    ledger,
    intake,
    positions,
    resolver,
    baseline,
    hasFunding: options.hasFunding,
    crash,
    balancesHeard: (heard) => facts.balancesHeard(heard),
    changed: (ready, reason) => listenersDo((listener) => listener.readyChanged?.(ready, reason)),
  });
  const facts = new AccountFacts({
    symbols: limits.symbols,
    positions,
    ledger,
    baselineUs: () => reconciler.baseline?.atUs,
    require: (reason) => reconciler.require(reason),
    draining: (deadlineUs, reason) => listenersDo((listener) => listener.draining?.(deadlineUs, reason)),
  });
  const gate = () => ({
    halt: halts.of(account),
    closing,
    draining: facts.draining,
    leaseHeld: ended === undefined && clock.wallUs() < lease.expiresAtUs() - options.skewMs * 1_000,
    journalWorking: writer.working,
    connected: session?.connected === true,
    reconciled: reconciler.ready,
    inFlight: sent.size + desk.committing,
    maxInFlight: options.maxInFlight,
  });
  const risk = orderRiskCheck({ limits, quote: options.quote, clock, table, positions, dayLoss, gate });
  const desk = new OrderDesk({
    ...{ account, clock, journal, lease, table, ledger, writer, sent, failpoint },
    session: () => session,
    mint: clientOrderIdMint({ tag, epoch: lease.claim.epoch, rng }),
    check: risk.check,
    gate: risk.gate,
    amend: options.amend,
    commandTtlMs: options.commandTtlMs,
    skewMs: options.skewMs,
  });
  const inbox = new SessionInbox({
    ...{ account, epoch: lease.claim.epoch, ledger, intake, sent, crash },
    reached: (cursor: CursorRow) => writer.reach(cursor),
    accountEvent: (event) => facts.take(event),
    unidentified: (fill) => reconciler.require(`trade ${fill.tradeId} names no order that is known`),
  });

  function act(work: Promise<unknown>): void {
    work.catch(crash);
  }

  function end(how: AccountEnd): void {
    if (ended !== undefined || closing) return;
    ended = `${how.kind.replace('_', ' ')}: ${how.message}`;
    log.error({ account, reason: ended }, 'the account is not ours any more');
    stop();
    listenersDo((listener) => listener.ended?.(how));
  }

  /** Gives the private stream a moment to bring it by itself; nothing is asked any more once we have stopped. */
  const asks = new Set<Timer>();
  function soon(ask: () => void): void {
    if (stopped.signal.aborted) return;
    const timer = clock.schedule(WATCH_MS, () => {
      asks.delete(timer);
      ask();
    });
    asks.add(timer);
  }

  let rounds = 0;
  let watchTimer: Timer | undefined;
  function watch(): void {
    watchTimer = clock.schedule(WATCH_MS, () => {
      watch();
      rounds += 1;
      const nowUs = clock.wallUs();
      for (const order of table.live()) {
        if (order.status !== 'intent' || desk.isCommitting(order.clientOrderId)) continue;
        if (nowUs <= order.validUntilUs + settleUs) continue;
        const message = 'no result came for the command';
        ledger.apply(order.clientOrderId, { kind: 'unknown', cause: 'TIMEOUT', venueCode: '', message });
      }
      desk.repeatCancels(halts.of(account).state === 'halted');
      if (session?.connected && writer.working && rounds % OPEN_ORDERS_EVERY === 0) act(reconciler.checkOrders());
      if (session?.connected && writer.working && rounds % POSITIONS_EVERY === 0) act(reconciler.checkPositions());
    });
  }

  const unwatchHalts = halts.watch(() => {
    if (halts.of(account).state === 'halted') desk.cancelAll();
  });
  function stop(): void {
    stopped.abort();
    watchTimer?.cancel();
    for (const timer of asks) timer.cancel();
    unwatchHalts();
    resolver.close();
    reconciler.close();
  }

  // M1
  for (const order of table.live()) {
    const { clientOrderId } = order;
    const words = { venueCode: '', message: 'the engine was restarted before an answer was durable' };
    if (order.status === 'intent') ledger.apply(clientOrderId, { kind: 'unknown', cause: 'RESTART', ...words });
    if (order.status === 'unknown' || order.status === 'lost') resolver.consider(order);
    for (const { amendId, fate } of order.amends) {
      if (fate === 'pending')
        ledger.apply(clientOrderId, { kind: 'amend_outcome', amendId, fate: 'unknown', ...words });
    }
  }
  watch();

  const handler: SessionHandler = {
    established(established: Established) {
      boots = established.boots;
      facts.venueStatus = established.venueStatus;
      facts.draining = false;
      if (!established.resumed) reconciler.require('the session did not resume');
      else if (!reconciler.ready) reconciler.require('the account was opened');
    },
    event: (event) => inbox.event(event),
    batchEnd: (lastSeq, bootId) => inbox.batchEnd(bootId, lastSeq),
    notDelivered: (seqs) => inbox.ends(seqs, 'not_delivered'),
    orphaned: (seqs) => inbox.ends(seqs, 'orphaned'),
    lost: (reason) => log.warn({ account, reason }, 'session lost'),
    ended(how) {
      if (how.kind !== 'closed') end(how);
    },
    quality() {},
  };

  return {
    handler,
    get lastSeen() {
      return cursor && { bootId: cursor.bootId, seq: cursor.seq };
    },
    attach(opened) {
      session = opened;
    },
    async place(terms) {
      const decision = await desk.place(terms);
      if (decision.kind === 'denied' && decision.clientOrderId === undefined) deniedBefore += 1;
      return decision;
    },
    amend: (clientOrderId, price, quantity) => desk.amend(clientOrderId, price, quantity),
    cancel: (clientOrderId) => desk.cancel(clientOrderId),
    cancelAll: () => desk.cancelAll(),
    settle(clientOrderId, by, note) {
      const status = table.get(clientOrderId)?.status;
      if (status !== 'lost' && status !== 'unknown') return false;
      ledger.apply(clientOrderId, { kind: 'settled', by, note });
      return true;
    },
    order: (clientOrderId) => table.get(clientOrderId),
    openOrders: () => table.live().filter((order) => order.origin === 'ours' && !isEnded(order.status)),
    orderRoom: () => risk.room(),
    position: (symbol) => positions.get(symbol).quantity,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    get ready() {
      return reconciler.ready;
    },
    snapshot: () =>
      summarize({
        ...{ account, table, positions, resolver, boots, ended, deniedBefore },
        ...{ balances: facts.balances, venueStatus: facts.venueStatus, settings: facts.settings },
        ...{ baseline: reconciler.baseline, gate: gate(), problem: reconciler.problem },
        markOf: (symbol) => options.quote(symbol)?.bid,
      }),
    async quiet(timeoutMs) {
      const untilUs = clock.monotonicUs() + timeoutMs * 1_000;
      const busy = () =>
        sent.size > 0 || table.live().some((order) => order.origin === 'ours' && order.status !== 'lost');
      while (busy() && clock.monotonicUs() < untilUs) await sleep(clock, 50);
      return !busy();
    },
    async close() {
      closing = true;
      stop();
      await writer.close();
    },
  };
}
