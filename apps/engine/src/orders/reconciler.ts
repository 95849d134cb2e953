/**
 * Brings what we believe into agreement with the venue, and says whether it is.
 *
 * N1  A full run asks for open orders, looks at every order of ours that they do not name, reads the trade lists, and
 *     compares positions. It ends only when all that was answered and positions agree; until then the account opens no
 *     new risk. A run that fails is repeated.
 * N2  Fills come from trade lists alone; a position difference is reported and never booked.
 * N3  Orders of others are recorded, and never touched.
 * N4  Snapshots race with the stream: an order that changed since shortly before the question is left for the next run.
 */
import type { Logger } from '@trunkline/kit/log';
import { type Clock, sleep } from '@trunkline/proto/clock';
import { type Decimal, isZero } from '@trunkline/proto/decimal';
import type { Journal } from '../journal/journal.ts';
import { type AccountBaseline, readBalances, writeBaseline } from '../positions/balance-ledger.ts';
import { type PositionBook, readVenuePosition } from '../positions/position-book.ts';
import type { AccountLedger } from './account-ledger.ts';
import type { AccountQueries } from './account-queries.ts';
import { FillRecovery } from './fill-recovery.ts';
import { isWorking, missingFills, type Order } from './order-state.ts';
import type { OrderTable } from './order-table.ts';
import type { Resolver } from './resolver.ts';
import type { VenueIntake } from './venue-intake.ts';

/** N4: the time by which a venue's list may lag behind its stream. */
const LIST_LAG_US = 2_000_000;
const RETRY_MS = 1_000;

export interface ReconcilerOptions {
  readonly account: string;
  readonly symbols: readonly string[];
  readonly clock: Clock;
  readonly log: Logger;
  readonly journal: Journal;
  readonly queries: AccountQueries;
  readonly table: OrderTable;
  readonly ledger: AccountLedger;
  readonly intake: VenueIntake;
  readonly positions: PositionBook;
  readonly resolver: Resolver;
  readonly baseline: AccountBaseline | undefined;
  readonly balancesHeard: (balances: Readonly<Record<string, Decimal>>) => void;
  /** Called whenever `ready` changes. */
  readonly changed: (ready: boolean, reason: string) => void;
  readonly crash: (error: unknown) => void;
}

type Outcome = { readonly kind: 'ok' } | { readonly kind: 'failed'; readonly message: string };
const OK: Outcome = { kind: 'ok' };

export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #recovery: FillRecovery;
  readonly #end = new AbortController();
  #baseline: AccountBaseline | undefined;
  #ready = false;
  #wanted: string | undefined;
  #running = false;
  #lastProblem = '';

  constructor(options: ReconcilerOptions) {
    this.#options = options;
    this.#baseline = options.baseline;
    this.#recovery = new FillRecovery(options);
  }

  /** True while belief and venue agree, as far as was asked. */
  get ready(): boolean {
    return this.#ready;
  }

  get problem(): string {
    return this.#lastProblem;
  }

  get baseline(): AccountBaseline | undefined {
    return this.#baseline;
  }

  /** Closes the account to new risk until a full run that begins after this has agreed. */
  require(reason: string): void {
    this.#wanted = reason;
    this.#set(false, reason);
    if (this.#running) return;
    this.#running = true;
    this.#untilAgreed().catch(this.#options.crash);
  }

  /** The frequent check of open orders, their missing fills, and orders in doubt. Quiet while a full run is on. */
  async checkOrders(): Promise<void> {
    if (this.#running) return;
    const orders = await this.#orders();
    const fills = orders.kind === 'ok' ? await this.#missingFills() : orders;
    if (fills.kind === 'failed') this.#options.log.warn({ problem: fills.message }, 'open orders could not be checked');
  }

  /** The rare check of positions: a difference that lasts closes the account and starts a full run. */
  async checkPositions(): Promise<void> {
    if (this.#running) return;
    const first = await this.#positionsAgree();
    if (first.kind === 'ok' || this.#running) return;
    await sleep(this.#options.clock, RETRY_MS, this.#end.signal);
    const second = await this.#positionsAgree();
    if (second.kind === 'failed' && !this.#end.signal.aborted) this.require(second.message);
  }

  /** Reads the fills of one order, if some are still missing. */
  async recoverFills(clientOrderId: string): Promise<void> {
    const order = this.#options.table.get(clientOrderId);
    if (order && !isZero(missingFills(order))) await this.#recovery.order(order);
  }

  close(): void {
    this.#end.abort();
  }

  async #untilAgreed(): Promise<void> {
    while (this.#wanted !== undefined && !this.#end.signal.aborted) {
      const reason = this.#wanted;
      this.#wanted = undefined;
      const outcome = await this.#full(reason);
      if (outcome.kind === 'failed') {
        if (outcome.message !== this.#lastProblem) {
          this.#options.log.warn({ problem: outcome.message }, 'not reconciled');
          this.#options.ledger.note('reconcile_failed', { reason, problem: outcome.message });
        }
        this.#lastProblem = outcome.message;
        this.#wanted ??= reason;
        await sleep(this.#options.clock, RETRY_MS, this.#end.signal);
      } else if (this.#wanted === undefined) {
        this.#lastProblem = '';
        this.#options.ledger.note('reconciled', { reason });
        this.#set(true, reason);
      }
    }
    this.#running = false;
  }

  async #full(reason: string): Promise<Outcome> {
    const { symbols } = this.#options;
    const first = await this.#takeBaseline();
    if (first.kind === 'failed') return first;
    const orders = await this.#orders();
    if (orders.kind === 'failed') return orders;
    for (const symbol of symbols) {
      const fills = await this.#recovery.symbol(symbol, this.#baseline?.atUs ?? 0);
      if (fills.kind === 'failed') return fills;
    }
    const missing = await this.#missingFills();
    if (missing.kind === 'failed') return missing;
    const positions = await this.#positionsAgree();
    this.#recovery.judged(positions.kind === 'ok');
    if (positions.kind === 'ok') this.#options.log.info({ reason }, 'account reconciled');
    return positions;
  }

  /** The wallet and the positions before our first fill, once in an account's life. */
  async #takeBaseline(): Promise<Outcome> {
    const { queries, positions, ledger, journal, account, symbols, balancesHeard } = this.#options;
    const wallet = await queries.balances();
    if (wallet.kind === 'failed') return { kind: 'failed', message: `balances: ${wallet.message}` };
    const balances = readBalances(wallet.value.balances);
    balancesHeard(balances);
    if (this.#baseline) return OK;
    const held = await queries.positions();
    if (held.kind === 'failed') return { kind: 'failed', message: `positions: ${held.message}` };
    for (const message of held.value) {
      const position = readVenuePosition(message);
      if (!position?.entryPrice || isZero(position.quantity) || !symbols.includes(position.symbol)) continue;
      if (positions.has(position.symbol, position.side)) continue;
      const { side, quantity, entryPrice } = position;
      ledger.baseline(position.symbol, { side, quantity, entryPrice });
    }
    const baseline = { atUs: wallet.value.askedAtUs, balances };
    try {
      await writeBaseline(journal, account, baseline);
    } catch (error) {
      // The journal cannot be written now: without the baseline the account does not open, and the run is repeated.
      return { kind: 'failed', message: `baseline: ${error instanceof Error ? error.message : String(error)}` };
    }
    ledger.note('baseline', baseline);
    this.#baseline = baseline;
    return OK;
  }

  async #orders(): Promise<Outcome> {
    const { queries, intake, table, clock, resolver } = this.#options;
    const askedUs = clock.wallUs();
    const open = await queries.openOrders();
    if (open.kind === 'failed') return { kind: 'failed', message: `open orders: ${open.message}` };
    await intake.prepare(open.value);
    const named = new Set<string>();
    for (const message of open.value) {
      const order = intake.order(message, `open orders at ${askedUs}`);
      if (order) named.add(order.clientOrderId);
    }
    for (const order of table.live()) {
      if (named.has(order.clientOrderId) || !isWorking(order.status)) continue;
      if (order.updatedAtUs > askedUs - LIST_LAG_US && this.#ready) continue;
      const answered = await resolver.glance(order.clientOrderId);
      if (!answered && !this.#settledMeanwhile(order)) {
        return {
          kind: 'failed',
          message: `order ${order.clientOrderId} is not among the open orders, and was not found`,
        };
      }
    }
    return OK;
  }

  #settledMeanwhile(order: Order): boolean {
    const now = this.#options.table.get(order.clientOrderId);
    return now === undefined || !isWorking(now.status);
  }

  async #missingFills(): Promise<Outcome> {
    for (const order of this.#options.table.live()) {
      if (isZero(missingFills(order))) continue;
      const outcome = await this.#recovery.order(order);
      if (outcome.kind === 'failed') return outcome;
    }
    return OK;
  }

  async #positionsAgree(): Promise<Outcome> {
    const { queries, positions, symbols } = this.#options;
    const held = await queries.positions();
    if (held.kind === 'failed') return { kind: 'failed', message: `positions: ${held.message}` };
    positions.heard(held.value, true);
    const [difference] = positions.differences().filter(({ symbol }) => symbols.includes(symbol));
    if (!difference) return OK;
    const { symbol, side, ours, venue } = difference;
    return { kind: 'failed', message: `position ${symbol} ${side}: ours ${ours}, the venue's ${venue}` };
  }

  #set(ready: boolean, reason: string): void {
    if (this.#ready === ready) return;
    this.#ready = ready;
    this.#options.changed(ready, reason);
  }
}
