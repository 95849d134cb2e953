/**
 * Brings what we believe into agreement with the venue, and says whether it is.
 *
 * N1  A full run asks for open orders, looks at every order of ours that they do not name, reads the trade lists, and
 *     compares positions (of spot: balances). It ends only when all that was answered and they agree; until then the
 *     account opens no new risk. A run that fails is repeated.
 * N2  Fills come from trade lists alone, funding from the venue's ledger; a position difference is reported and never
 *     booked (holdings.ts).
 * N3  Orders of others are recorded, and never touched.
 * N4  Snapshots race with the stream: an order that changed since shortly before the question is left for the next run.
 */
import type { Logger } from '@trunkline/kit/log';
import { type Clock, sleep } from '@trunkline/proto/clock';
import { type Decimal, isZero } from '@trunkline/proto/decimal';
import type { Journal } from '../journal/journal.ts';
import { type AccountBaseline, isSpot, readBalances, writeBaseline } from '../positions/balance-ledger.ts';
import { lastPaymentUs, readFundingPayment } from '../positions/funding.ts';
import { type PositionBook, readVenuePosition } from '../positions/position-book.ts';
import type { AccountLedger } from './account-ledger.ts';
import { type AccountQueries, LIST_LAG_US } from './account-queries.ts';
import { FillRecovery } from './fill-recovery.ts';
import { type Agreement, createHoldings, type Holdings } from './holdings.ts';
import { isWorking, missingFills, type Order } from './order-state.ts';
import type { OrderTable } from './order-table.ts';
import type { Resolver } from './resolver.ts';
import type { VenueIntake } from './venue-intake.ts';

const RETRY_MS = 1_000;
/** Venues list a payment some time after its funding time, and not always in order. */
const FUNDING_OVERLAP_US = 86_400_000_000;

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
  /** Whether the venue lists funding payments. */
  readonly hasFunding: boolean;
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
  readonly #holdings: Holdings;
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
    this.#holdings = createHoldings(options);
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
    const first = await this.#holdings.compare(this.#baseline);
    if (first.kind === 'ok' || this.#running) return;
    await sleep(this.#options.clock, RETRY_MS, this.#end.signal);
    const second = await this.#holdings.compare(this.#baseline);
    if (second.kind !== 'ok' && !this.#end.signal.aborted) this.require(second.message);
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
    const fills = await this.#recovery.symbols(symbols, this.#baseline?.atUs ?? 0);
    if (fills.kind === 'failed') return fills;
    const missing = await this.#missingFills();
    if (missing.kind === 'failed') return missing;
    const funding = await this.#funding();
    if (funding.kind === 'failed') return funding;
    const held = await this.#holdings.compare(this.#baseline);
    const readAllTrades = this.#recovery.reachedBaseline;
    this.#recovery.judged(held.kind === 'ok');
    if (held.kind === 'ok') {
      this.#options.log.info({ reason }, 'account reconciled');
      return OK;
    }
    await this.#explain(held, readAllTrades);
    return { kind: 'failed', message: held.message };
  }

  /** A difference that no trade makes: the next run agrees, if it was a transfer. */
  async #explain(difference: Agreement, readAllTrades: boolean): Promise<void> {
    const { ledger, log, account } = this.#options;
    const moved = this.#baseline && this.#holdings.explain(this.#baseline, difference, readAllTrades);
    if (!moved || difference.kind !== 'differs') return;
    if ((await this.#keepBaseline(moved)).kind === 'failed') return;
    log.warn({ account, difference: difference.message }, 'a balance moved without a trade: a transfer');
    ledger.note('transfer', { evidence: difference.message, moved: Object.fromEntries(difference.by) });
  }

  /** Payments since the last known one, with an overlap: what is known teaches nothing. */
  async #funding(): Promise<Outcome> {
    const { symbols, queries, positions, ledger, hasFunding } = this.#options;
    if (!hasFunding) return OK;
    for (const symbol of symbols) {
      const known = positions.list().filter((position) => position.symbol === symbol);
      const lastUs = Math.max(0, ...known.map(({ funding }) => lastPaymentUs(funding)));
      const sinceUs = Math.max(this.#baseline?.atUs ?? 0, lastUs - FUNDING_OVERLAP_US);
      const answer = await queries.fundingPayments(symbol, sinceUs);
      if (answer.kind === 'failed') return { kind: 'failed', message: `funding of ${symbol}: ${answer.message}` };
      for (const message of answer.value) {
        const payment = readFundingPayment(message);
        if (!payment) return { kind: 'failed', message: `a funding payment of ${symbol} cannot be read` };
        ledger.funding(symbol, payment);
      }
    }
    return OK;
  }

  /** The wallet and the positions before our first fill, once in an account's life. */
  async #takeBaseline(): Promise<Outcome> {
    const { queries, ledger, balancesHeard } = this.#options;
    const wallet = await queries.balances();
    if (wallet.kind === 'failed') return { kind: 'failed', message: `balances: ${wallet.message}` };
    const balances = readBalances(wallet.value.balances);
    balancesHeard(balances);
    if (this.#baseline) return OK;
    const held = await this.#takePositions();
    if (held.kind === 'failed') return held;
    const baseline = { atUs: wallet.value.askedAtUs, balances };
    const kept = await this.#keepBaseline(baseline);
    if (kept.kind === 'ok') ledger.note('baseline', baseline);
    return kept;
  }

  /** While the journal cannot be written the account does not open: the run is repeated. */
  async #keepBaseline(baseline: AccountBaseline): Promise<Outcome> {
    const { journal, account } = this.#options;
    try {
      await writeBaseline(journal, account, baseline);
    } catch (error) {
      return { kind: 'failed', message: `baseline: ${error instanceof Error ? error.message : String(error)}` };
    }
    this.#baseline = baseline;
    return OK;
  }

  /** Spot has none: what is held there is in the balances. */
  async #takePositions(): Promise<Outcome> {
    const { queries, positions, ledger, symbols } = this.#options;
    if (symbols.some(isSpot)) return OK;
    const held = await queries.positions();
    if (held.kind === 'failed') return { kind: 'failed', message: `positions: ${held.message}` };
    for (const message of held.value) {
      const position = readVenuePosition(message);
      if (!position?.entryPrice || isZero(position.quantity) || !symbols.includes(position.symbol)) continue;
      if (positions.has(position.symbol, position.side)) continue;
      const { side, quantity, entryPrice } = position;
      ledger.baseline(position.symbol, { side, quantity, entryPrice });
    }
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

  #set(ready: boolean, reason: string): void {
    if (this.#ready === ready) return;
    this.#ready = ready;
    this.#options.changed(ready, reason);
  }
}
